"""A wall clock that jumps, forwards and back, between the steps of a sale."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.app import build_server
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale import lease, waiting
from checkout_server.checkout.sale.guards import complete_sale, prepare_sale
from fault_cases import accept, call, opened, word
from faulty_upstream import FaultyUpstream, drop_after, hold, no_fault
from orders import CONFIRMED, HOSTED, ORDER

HOUR = 3600.0
JUMPS = {"past the lease": 61.0, "past the preview's life": HOUR, "back": -HOUR}


@dataclass
class Clock:
    """The machine's clock, and how far it was set wrong."""

    jumped: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.jumped


@dataclass
class Shops:
    """Two servers on one ledger and one clock, and a sale of the first."""

    upstream: FaultyUpstream
    clock: Clock
    clients: list[Client]
    desks: list[Desk]
    preview_id: str = ""

    async def create(self, server: int, rest: dict[str, Any]) -> dict[str, Any]:
        return await call(self.clients[server], "create_checkout_session", preview_id=self.preview_id, **rest)

    async def status(self, server: int) -> dict[str, Any]:
        return await call(self.clients[server], "get_checkout_session", preview_id=self.preview_id)

    @property
    def posts(self) -> int:
        return self.upstream.posts_of(self.preview_id)


@pytest.fixture(autouse=True)
def _no_renewal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A renewal after a jump would hide that the lease seemed over before it."""
    monkeypatch.setattr(lease, "RENEWAL_SECONDS", HOUR)


@asynccontextmanager
async def two_shops(folder: Path) -> AsyncGenerator[Shops]:
    async with AsyncExitStack() as stack:
        shops = Shops(await stack.enter_async_context(FaultyUpstream().running()), Clock(), [], [])
        for _ in range(2):
            client, desk = await stack.enter_async_context(opened(folder, shops.upstream.url))
            desk.clock = shops.clock
            shops.clients.append(client)
            shops.desks.append(desk)
        shops.preview_id = (await call(shops.clients[0], "preview_checkout", **ORDER))["preview_id"]
        yield shops


async def begun(shops: Shops, rest: dict[str, Any]) -> asyncio.Task[Any]:
    """A creation whose answer is held back."""
    shops.upstream.fault = hold
    creating = asyncio.create_task(shops.create(0, rest))
    await shops.upstream.arrived.wait()
    shops.upstream.fault = no_fault
    return creating


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize("jump", JUMPS)
async def test_a_jump_while_the_answer_is_awaited_changes_nothing_for_a_confirmed_sale(
    jump: str, tmp_path: Path
) -> None:
    async with two_shops(tmp_path) as shops:
        creating = await begun(shops, CONFIRMED)
        shops.clock.jumped = JUMPS[jump]
        if jump == "back":
            assert (await shops.status(1))["status"] == "in_progress"
        else:
            # The lease has ended, so the other server must take the first one for dead, and still not charge again.
            assert word(await shops.create(1, CONFIRMED)) == "outcome_unknown"
            assert word(await shops.create(0, CONFIRMED)) == "outcome_unknown"
        shops.upstream.released.set()
        session = await creating
        assert {session["session_id"]} == shops.upstream.sessions_of(shops.preview_id)
        again = await shops.create(1, CONFIRMED)
        assert (again["session_id"], again["replayed"]) == (session["session_id"], True)
        assert shops.posts == 1


@pytest.mark.requirement("once.proof")
async def test_a_late_answer_is_recorded_over_unknown(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shops:
        creating = await begun(shops, CONFIRMED)
        shops.clock.jumped = HOUR
        assert word(await shops.create(1, CONFIRMED)) == "outcome_unknown"
        shops.upstream.released.set()
        await creating
        rows = [row.event for row in await shops.desks[1].ledger.audit(shops.preview_id)]
        assert rows == ["quoted", "claimed", "unknown", "created"]


@pytest.mark.requirement("once.proof")
async def test_a_second_attempt_after_a_jump_tells_both_callers_of_a_session_that_exists(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shops:
        creating = await begun(shops, HOSTED)
        shops.clock.jumped = JUMPS["past the lease"]
        second = await shops.create(1, HOSTED)
        shops.upstream.released.set()
        first = await creating
        assert {first["session_id"], second["session_id"]} == shops.upstream.sessions_of(shops.preview_id)
        assert first["warnings"][0] == (
            "The session exists but could not be recorded here yet: keep session_id, do not create again."
        )
        assert (await shops.create(0, HOSTED))["session_id"] == second["session_id"]
        assert shops.posts == 2


@pytest.mark.requirement("once.proof")
async def test_a_server_joins_its_own_creation_though_its_lease_seems_over(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shops:
        creating = await begun(shops, HOSTED)
        shops.clock.jumped = JUMPS["past the lease"]
        request = CreateCheckoutSession.model_validate({"preview_id": shops.preview_id, **HOSTED})
        sale = await prepare_sale(request, shops.desks[0])
        joining = asyncio.create_task(complete_sale(sale, None, shops.desks[0]))
        await asyncio.sleep(0)  # it has joined by then, or claimed
        shops.upstream.released.set()
        joined = await joining
        assert (joined.outcome.session_id, joined.replayed) == ((await creating)["session_id"], True)
        assert shops.posts == 1


@pytest.mark.requirement("once.proof")
async def test_a_clock_set_back_while_another_server_creates_does_not_hang_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_shops(tmp_path) as shops:
        monkeypatch.setattr(waiting, "MOST_SECONDS", 0.5)
        shops.clock.jumped = HOUR / 10
        creating = await begun(shops, CONFIRMED)
        shops.clock.jumped = 0.0
        error = (await shops.create(1, CONFIRMED))["error"]
        assert (error["code"], error["retry"]) == ("outcome_unknown", "retry_later")
        shops.upstream.released.set()
        await creating
        assert shops.posts == 1


@pytest.mark.requirement("once.lookup")
async def test_a_server_whose_clock_is_ahead_of_the_apis_finds_what_was_charged(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shops:
        shops.clock.jumped = 12 * HOUR
        shops.preview_id = (await call(shops.clients[0], "preview_checkout", **ORDER))["preview_id"]
        shops.upstream.fault = drop_after
        assert word(await shops.create(0, CONFIRMED)) == "outcome_unknown"
        status = await shops.status(1)
        assert (status["status"], {status["session_id"]}) == ("paid", shops.upstream.sessions_of(shops.preview_id))


@pytest.mark.requirement("preview.expires")
async def test_an_approval_that_comes_after_the_previews_life_creates_nothing(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shops:

        async def slow(context: Any, params: Any) -> Any:
            shops.clock.jumped = HOUR
            return await accept(context, params)

        async with Client(build_server(shops.desks[0]), elicitation_callback=slow) as client:
            result = await call(client, "create_checkout_session", preview_id=shops.preview_id, **CONFIRMED)
        assert (word(result), shops.posts) == ("preview_expired", 0)


@pytest.mark.requirement("preview.expires")
async def test_an_unknown_outcome_is_not_called_expired(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shops:
        shops.upstream.fault = drop_after
        assert word(await shops.create(0, HOSTED)) == "outcome_unknown"
        shops.clock.jumped = HOUR
        error = (await shops.create(0, HOSTED))["error"]
        assert (error["code"], error["retry"], shops.posts) == ("outcome_unknown", "new_preview", 1)


@pytest.mark.requirement("price.requote")
async def test_a_preview_from_the_future_is_quoted_again_and_sold(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shops:
        shops.clock.jumped = -HOUR
        session = await shops.create(0, HOSTED)
        assert {session["session_id"]} == shops.upstream.sessions_of(shops.preview_id)
        assert shops.posts == 1
