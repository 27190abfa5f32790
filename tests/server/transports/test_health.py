"""Whether a server is alive, and whether calls should be sent to it."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.key_probe import check_keys
from checkout_server.checkout.ledger.sqlite import SqliteLedger
from checkout_server.privacy.sealing import Sealer
from checkout_server.transports import health
from checkout_server.transports.health import Readiness, with_health
from processes import server_environment
from served import running_serve

OURS, THEIRS = b"o" * 32, b"t" * 32


class Shelf:
    """As much of a ledger as is looked at."""

    def __init__(self, probe: str | None = None) -> None:
        self.probe = probe
        self.looks = 0
        self.is_away = False
        self.answers = asyncio.Event()
        self.answers.set()

    async def find_key_probe(self) -> str | None:
        self.looks += 1
        await self.answers.wait()
        if self.is_away:
            raise LedgerUnavailable("away")
        return self.probe


class Kept:
    """A desk of this ledger and key."""

    def __init__(self, ledger: Any, key: bytes = OURS) -> None:
        self.ledger = ledger
        self.sealer = Sealer([key])


def probe_of(key: bytes) -> str:
    return f"set {Sealer([key]).fingerprints(b'', purpose='key probe')[0]}"


@asynccontextmanager
async def probed(readiness: Readiness) -> AsyncGenerator[httpx2.AsyncClient]:
    app = with_health(PlainTextResponse("the application"), readiness)
    transport = httpx2.ASGITransport(app)  # pyright: ignore[reportArgumentType] - an app by another name
    async with httpx2.AsyncClient(transport=transport, base_url="http://10.1.2.3:8000") as client:
        yield client


def ready(ledger: Any, key: bytes = OURS) -> Readiness:
    return Readiness(cast(Desk, Kept(ledger, key)))


@pytest.mark.requirement("health.probes")
async def test_a_server_is_ready_when_its_ledger_answers_and_is_sealed_with_its_keys(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await check_keys(ledger, Sealer([OURS]), generated=False)
    async with probed(ready(ledger)) as client:
        answer = await client.get("/readyz")
    await ledger.close()
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.requirement("health.probes")
async def test_a_server_whose_ledger_is_away_is_alive_and_not_ready_until_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "FRESH_SECONDS", 0)
    shelf = Shelf(probe_of(OURS))
    shelf.is_away = True
    async with probed(ready(shelf)) as client:
        away, alive = await client.get("/readyz"), await client.get("/healthz")
        shelf.is_away = False
        back = await client.get("/readyz")
    assert (away.status_code, away.json()) == (503, {"status": "ledger"})
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert back.status_code == 200


@pytest.mark.requirement("health.probes")
async def test_a_ledger_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOOK_SECONDS", 0.01)
    shelf = Shelf(probe_of(OURS))
    shelf.answers.clear()
    async with probed(ready(shelf)) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "ledger"})


@pytest.mark.requirement("health.probes")
async def test_a_server_without_the_key_that_the_others_seal_with_by_now_is_not_ready() -> None:
    async with probed(ready(Shelf(probe_of(THEIRS)))) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "configuration"})


@pytest.mark.requirement("health.probes")
async def test_however_many_ask_the_ledger_is_looked_at_once() -> None:
    shelf = Shelf(probe_of(OURS))
    async with probed(ready(shelf)) as client:
        answers = await asyncio.gather(*(client.get("/readyz") for _ in range(50)))
        answers.append(await client.get("/readyz"))
    assert {answer.status_code for answer in answers} == {200}
    assert shelf.looks == 1


@pytest.mark.requirement("health.probes")
async def test_a_stopping_server_is_alive_and_not_ready_whatever_its_ledger_says() -> None:
    readiness = ready(Shelf(probe_of(OURS)))
    async with probed(readiness) as client:
        before = await client.get("/readyz")
        readiness.is_draining = True
        after, alive = await client.get("/readyz"), await client.get("/healthz")
    assert (before.status_code, after.status_code, alive.status_code) == (200, 503, 200)
    assert after.json() == {"status": "draining"}


@pytest.mark.requirement("health.probes")
@pytest.mark.parametrize(("method", "path"), [("POST", "/readyz"), ("GET", "/readyz/"), ("GET", "/healthz/x")])
async def test_all_else_goes_to_the_application(method: str, path: str) -> None:
    async with probed(ready(Shelf())) as client:
        assert (await client.request(method, path)).text == "the application"


@pytest.mark.requirement("health.probes")
async def test_a_probe_by_the_address_of_a_container_is_answered_on_the_listener_of_mcp(tmp_path: Path) -> None:
    async with (
        running_serve(server_environment(tmp_path / "ledger.db", None)) as server,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        mcp = server.urls["mcp"]
        for path in ("/healthz", "/readyz"):
            answer = await client.get(mcp.removesuffix("/mcp") + path, headers={"host": "10.1.2.3:8000"})
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"}), path
        assert (await client.post(mcp, headers={"host": "10.1.2.3:8000"})).status_code == 421


@pytest.mark.requirement("health.probes")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
async def test_a_server_that_was_told_to_stop_serves_on_while_it_is_not_ready(tmp_path: Path) -> None:
    settings = server_environment(tmp_path / "ledger.db", None)
    async with (
        running_serve(settings, "--metrics-port", "0", "--drain-seconds", "60") as server,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        base = server.urls["mcp"].removesuffix("/mcp")
        server.process.send_signal(signal.SIGTERM)
        while (answer := await client.get(f"{base}/readyz")).status_code == 200:
            pass  # until the signal has arrived
        assert (answer.status_code, answer.json()) == (503, {"status": "draining"})
        assert (await client.get(f"{base}/healthz")).status_code == 200
        metrics = server.urls["metrics"].removesuffix("/metrics")
        assert (await client.get(f"{metrics}/readyz")).json() == {"status": "draining"}
        server.process.kill()
