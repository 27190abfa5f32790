"""``token``: made once, shown once, kept as a hash, and revoked on every replica at once."""

import asyncio
import base64
import re
import sqlite3
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from checkout_server.authorization.static_tokens import make_token
from checkout_server.checkout.ledger.postgres import PostgresLedger
from checkout_server.checkout.ledger.sqlite import SqliteLedger
from checkout_server.checkout.ledger.static_tokens import StaticToken
from checkout_server.checkout.principal import Scope
from evals.upstream import running_upstream
from issuers import running_issuer
from processes import server_environment
from shops import http_server

pytestmark = pytest.mark.thorough

KEYS = base64.urlsafe_b64encode(b"k" * 32).decode()
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}


@dataclass
class Operator:
    """Whoever runs the servers of a ledger."""

    environment: dict[str, str]
    folder: Path

    async def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checkout_server", *arguments, env=self.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == code, err
        return out.decode(), err.decode()

    async def token(self, *options: str) -> tuple[str, str]:
        """A new token and its id."""
        out, err = await self.run("token", "create", "support-bot", *options)
        return out.strip(), err.split()[0]

    @asynccontextmanager
    async def serving(self, name: str, *options: str) -> AsyncGenerator[str]:
        async with http_server(self.environment, self.folder / name, *options) as url:
            yield url


@asynccontextmanager
async def operator(folder: Path, ledger: str, **settings: str) -> AsyncGenerator[Operator]:
    async with running_upstream() as upstream:
        environment = server_environment(folder, upstream.url, **settings)
        yield Operator(environment | {"CHECKOUT_LEDGER": ledger, "CHECKOUT_SECRET_KEYS": KEYS}, folder)


async def store(ledger: str, *tokens: StaticToken) -> None:
    """Past the command line, which is slow to start."""
    is_file = not ledger.startswith("postgresql://")
    opened = await (SqliteLedger.open(Path(ledger)) if is_file else PostgresLedger.open(ledger))
    for token in tokens:
        await opened.store_token(token)
    await opened.close()


async def status(url: str, token: str | None, **headers: str) -> int:
    bearer = {"authorization": f"Bearer {token}"} if token is not None else {}
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.post(url, json=PING, headers=ACCEPT | bearer | headers)).status_code


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "ledger.db") if request.param == "sqlite" else request.getfixturevalue("empty_url")


@pytest.mark.requirement("authorization.static")
async def test_a_revoked_token_counts_no_more_on_any_replica(tmp_path: Path, ledger: str) -> None:
    token, revoked = make_token("support-bot", [Scope.READ], now=1.0)
    other, kept = make_token("another", [Scope.READ], now=2.0)
    await store(ledger, revoked, kept)
    async with operator(tmp_path, ledger) as runs, AsyncExitStack() as stack:
        servers = (stack.enter_async_context(runs.serving(name)) for name in ("one", "two"))
        urls = await asyncio.gather(*servers)
        refused = [await status(url, None) for url in urls]
        before = [await status(url, each) for each in (token, other) for url in urls]
        await runs.run("token", "revoke", revoked.token_id)
        after = [await status(url, token) for url in urls]
        others = [await status(url, other) for url in urls]
    assert refused == after == [401, 401]
    assert set(before) == set(others)
    assert not {401, 403, 503} & set(before)


@pytest.mark.requirement("authorization.static")
async def test_a_token_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    async with operator(tmp_path, str(path)) as runs:
        out, err = await runs.run("token", "create", "support bot", "--scope", "read", "--scope", "confirm")
        token = out.strip()
        assert re.fullmatch("dcm_[A-Za-z0-9_-]{43}", token)
        first, place, second = err.splitlines()
        token_id = first.split()[0]
        assert first == (
            f"{token_id} for support bot: checkout:read checkout:confirm. Keep it secret; it is not shown again."
        )
        assert place == f"It is for the servers whose ledger is {path}."
        assert second.startswith("This is the ledger's first token")
        listed, _ = await runs.run("token", "list")
        [row] = [line.split("  ") for line in listed.splitlines() if "support" in line]
        assert [row[0], *row[2:]] == [
            token_id, "active", f"...{token[-4:]}", "support bot", "checkout:read checkout:confirm",
        ]  # fmt: skip
        assert listed.splitlines()[-1] == "1 of 1 tokens are active"
        _, err = await runs.run("token", "revoke", "tok_000000000000", code=2)
        assert err == "dodo-checkout-mcp: There is no active token of that id; token list shows the ids.\n"
        _, err = await runs.run("token", "create", "jane@example.com", code=2)
        assert "jane" not in err
    with closing(sqlite3.connect(path)) as connection:
        stored = "\n".join(connection.iterdump())
    assert token_id in stored
    assert token not in stored
    assert token[4:20] not in stored + listed


@pytest.mark.requirement("authorization.static")
async def test_revoking_the_last_token_does_not_open_the_server(tmp_path: Path) -> None:
    async with operator(tmp_path, str(tmp_path / "ledger.db")) as runs:
        token, token_id = await runs.token()
        await runs.run("token", "revoke", token_id)
        async with runs.serving("errors") as url:
            assert [await status(url, each) for each in (None, token)] == [401, 401]


@pytest.mark.requirement("authorization.static")
async def test_static_tokens_count_beside_an_issuer(tmp_path: Path) -> None:
    async with (
        running_issuer() as issuer,
        operator(tmp_path, str(tmp_path / "ledger.db"), **issuer.settings) as runs,
        runs.serving("errors") as url,
    ):
        assert await status(url, issuer.token()) == await status(url, (await runs.token())[0])
        assert await status(url, "dcm_" + "x" * 43) == 401


@pytest.mark.requirement("authorization.static")
async def test_a_token_is_not_called_wrong_while_the_ledger_is_away(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    async with operator(tmp_path, str(path)) as runs:
        token, _ = await runs.token()
        async with runs.serving("errors") as url:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("ALTER TABLE static_token RENAME TO away")
                async with httpx2.AsyncClient(trust_env=False) as client:
                    headers = ACCEPT | {"authorization": f"Bearer {token}"}
                    answer = await client.post(url, json=PING, headers=headers)
                connection.execute("ALTER TABLE away RENAME TO static_token")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert await status(url, token) not in {401, 503}


@pytest.mark.requirement("authorization.none")
async def test_without_tokens_nobody_is_served_through_a_proxy(tmp_path: Path) -> None:
    async with operator(tmp_path, str(tmp_path / "ledger.db")) as runs:
        async with runs.serving("open") as url:
            direct = await status(url, None)
            for header in ("forwarded", "x-forwarded-for", "X-Forwarded-Host", "x-forwarded-proto", "x-forwarded-new"):
                async with httpx2.AsyncClient(trust_env=False) as client:
                    answer = await client.post(url, json=PING, headers=ACCEPT | {header: "for=203.0.113.9"})
                assert answer.status_code == 403, header
                told = answer.json()["error_description"]
                assert "CHECKOUT_AUTH_ISSUER" in told
                assert "dodo-checkout-mcp token create" in told
        token, _ = await runs.token()
        async with runs.serving("guarded") as url:
            assert await status(url, token, forwarded="for=203.0.113.9") == direct


@pytest.mark.requirement("authorization.none")
async def test_with_tokens_any_address_may_be_listened_on(tmp_path: Path) -> None:
    async with operator(tmp_path, str(tmp_path / "ledger.db")) as runs:
        _, err = await runs.run("serve", "--host", "0.0.0.0", "--port", "0", code=2)
        for way_on in ("CHECKOUT_AUTH_ISSUER", "dodo-checkout-mcp token create"):
            assert way_on in err
        token, _ = await runs.token()
        async with runs.serving("errors", "--host", "0.0.0.0") as url:
            here = url.replace("0.0.0.0", "127.0.0.1")
            assert await status(here, None) == 401
            assert await status(here, token) not in {401, 421, 503}
