"""A network that cuts between a server and its PostgreSQL, at each thing that is said during a sale or a look-up.

Every cut is tried: what was said is lost, or is carried out and not answered; and the next connection is as good as
new, or there is none until the call has answered.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from mcp import Client

from checkout_server.app import build_server, open_desk
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import State
from checkout_server.checkout.ledger.postgres import PostgresLedger
from checkout_server.checkout.ledger.postgres_database import Pools
from checkout_server.checkout.sale import record
from checkout_server.checkout.sale.lease import LEASE_SECONDS
from checkout_server.settings import load_settings
from fault_cases import accept, call, word
from faulty_upstream import FaultyUpstream, drop_after, no_fault
from orders import CONFIRMED, HOSTED, ORDER
from postgres import socket_of, through
from unsteady_network import Cut, UnsteadyNetwork, unsteady_network

pytestmark = pytest.mark.thorough

CREATE, STATUS = "create_checkout_session", "get_checkout_session"
CUTS = {
    "lost": Cut(0, arrives=False),
    "not answered": Cut(0),
    "lost, and down": Cut(0, arrives=False, stays=True),
    "not answered, and down": Cut(0, stays=True),
}


@dataclass
class Shop:
    """A server behind the network, and what it sells from."""

    client: Client
    desk: Desk
    upstream: FaultyUpstream
    network: UnsteadyNetwork

    async def connect_anew(self) -> None:
        """The next calls connect, and prepare what they say; later ones have it prepared."""
        pools: Pools = cast(PostgresLedger, self.desk.ledger)._pools  # pyright: ignore[reportPrivateUsage] - no call does
        for pool in pools:
            await pool.expire_connections()

    async def sell(self, rest: dict[str, Any]) -> str:
        """A sale without a cut; its preview."""
        preview_id = await self.preview()
        assert word(await call(self.client, CREATE, preview_id=preview_id, **rest)) == "session"
        return preview_id

    async def preview(self) -> str:
        return (await call(self.client, "preview_checkout", **ORDER))["preview_id"]

    async def cut(self, tool: str, arguments: dict[str, Any], turn: int, how: Cut) -> tuple[dict[str, Any], bool]:
        """What a call tells whose turn with the database is cut, and whether it came to that turn."""
        self.network.cut = Cut(self.network.turns + turn, how.arrives, how.stays)
        told = await call(self.client, tool, **arguments)
        was_cut, self.network.cut, self.network.down = self.network.cut is None, None, False
        return told, was_cut

    async def status(self, preview_id: str) -> str:
        """The status, of the session that was made."""
        told = await call(self.client, STATUS, preview_id=preview_id)
        assert {told.get("session_id")} - {None} == self.upstream.sessions_of(preview_id)
        return told["status"]


@pytest.fixture(autouse=True)
def _soon_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "RECORD_SECONDS", 0.01)
    monkeypatch.setattr(record, "LONGEST_RECORD_SECONDS", 0.01)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Shop]:
    async with (
        FaultyUpstream().running() as upstream,
        unsteady_network(socket_of(url)) as network,
        open_desk(
            load_settings(
                DODO_PAYMENTS_API_KEY="test_key",
                DODO_PAYMENTS_BASE_URL=upstream.url,
                CHECKOUT_LEDGER=through(network, url),
                CHECKOUT_SECRET_KEYS="a" * 43 + "=",
            )
        ) as desk,
        Client(build_server(desk), elicitation_callback=accept) as client,
    ):
        yield Shop(client, desk, upstream, network)


@pytest.mark.requirement("once.proof", "once.late_record", "ledger.atomic")
@pytest.mark.parametrize(("connections", "turns"), [("new", 10), ("used", 4)])
@pytest.mark.parametrize("rest", [HOSTED, CONFIRMED], ids=["hosted", "confirmed"])
@pytest.mark.parametrize("how", CUTS)
async def test_wherever_a_sale_is_cut_it_is_made_once_and_what_is_told_is_true(
    how: str, rest: dict[str, Any], connections: str, turns: int, empty_url: str
) -> None:
    told_of: list[str] = []
    async with opened(empty_url) as shop:
        is_cut = True
        while is_cut:
            await (shop.connect_anew() if connections == "new" else shop.sell(rest))
            is_cut = await sold_through(shop, CUTS[how], rest, told_of)
    assert len(told_of) >= turns, "it is looked up, claimed and recorded"
    # A person's question whose count was not answered is not sent: it may be counted.
    fails = CUTS[how].stays or rest is CONFIRMED
    assert set(told_of) == ({"gateway_unavailable", "session"} if fails else {"session"})


async def sold_through(shop: Shop, how: Cut, rest: dict[str, Any], told_of: list[str]) -> bool:
    """Sell through a cut at the next turn, and once more after it; whether the sale came to that turn."""
    clock, preview_id = shop.desk.clock, await shop.preview()
    told, was_cut = await shop.cut(CREATE, {"preview_id": preview_id, **rest}, len(told_of) + 1, how)
    if not was_cut:
        return False
    told_of.append(word(told))
    made = shop.upstream.sessions_of(preview_id)
    assert made == ({told["session_id"]} if word(told) == "session" else set()), told
    await asyncio.gather(*shop.desk.creations.tasks())
    entry = await shop.desk.ledger.find(preview_id, owner=await shop.desk.find_owner(), now=clock())
    assert entry is not None
    assert (entry.session_id, entry.state is State.CREATED) == (told.get("session_id"), bool(made))
    shop.desk.clock = lambda: clock() + LEASE_SECONDS
    # Where nothing was sent this is known: an order must not wait for an operator.
    assert await shop.status(preview_id) in ({"open", "paid"} if made else {"not_created", "refused"})
    again = await call(shop.client, CREATE, preview_id=preview_id, **rest)
    shop.desk.clock = clock
    assert shop.upstream.sessions_of(preview_id) == ({again["session_id"]} if word(again) == "session" else made)
    assert shop.upstream.posts_of(preview_id) <= 1
    return True


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize(("connections", "turns"), [("new", 4), ("used", 2)])
@pytest.mark.parametrize("how", CUTS)
async def test_wherever_a_look_up_is_cut_a_charge_that_was_made_is_found(
    how: str, connections: str, turns: int, empty_url: str
) -> None:
    told_of: list[str] = []
    async with opened(empty_url) as shop:
        is_cut = True
        while is_cut:
            if connections == "used":
                await call(shop.client, STATUS, preview_id=await shop.sell(CONFIRMED))
            is_cut = await looked_up_through(shop, CUTS[how], told_of, anew=connections == "new")
    assert len(told_of) >= turns, "it is read and recorded"
    assert set(told_of) == ({"gateway_unavailable", "session"} if CUTS[how].stays else {"session"})


async def looked_up_through(shop: Shop, how: Cut, told_of: list[str], *, anew: bool) -> bool:
    """Look a lost charge up through a cut at the next turn, and once more; whether the look-up came to that turn."""
    preview_id = await shop.preview()
    shop.upstream.fault = drop_after
    assert word(await call(shop.client, CREATE, preview_id=preview_id, **CONFIRMED)) == "outcome_unknown"
    shop.upstream.fault = no_fault
    if anew:
        await shop.connect_anew()
    told, was_cut = await shop.cut(STATUS, {"preview_id": preview_id}, len(told_of) + 1, how)
    if not was_cut:
        return False
    told_of.append(word(told))
    if word(told) == "session":
        assert (told["status"], {told["session_id"]}) == ("paid", shop.upstream.sessions_of(preview_id))
    assert await shop.status(preview_id) == "paid"
    assert shop.upstream.posts_of(preview_id) == 1
    return True
