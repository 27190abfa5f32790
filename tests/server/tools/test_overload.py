"""A server with more calls than it may send: some wait, one too many is answered at once, and a sale stays a sale."""

import asyncio
from typing import Any

import pytest

from checkout_server.checkout.after_sale import waiting
from checkout_server.gateway import room as rooms
from checkout_server.gateway.room import Room
from orders import CONFIRMED, ORDER

CREATE, PREVIEW, STATUS = "create_checkout_session", "preview_checkout", "get_checkout_session"
OVERLOADED = {
    "code": "rate_limited",
    "message": "This server has as many requests to the payment API under way as it allows. Nothing was created by "
    "this call; try again in 5 seconds. If it goes on, tell the operator.",
    "problems": [],
    "retry": "retry_later",
}


class WatchedRoom(Room):
    """Says when so many wait, and notes which operations gave way."""

    def __init__(self, at_once: int, most_waiting: int, *, awaited: int = 1) -> None:
        super().__init__(at_once, most_waiting)
        self.as_many_wait = asyncio.Event()
        self.asked: list[tuple[str, bool]] = []
        self._awaited = awaited

    def place(self, operation: Any) -> Any:
        self.asked.append((operation, rooms._gives_way.get()))
        return super().place(operation)

    async def _wait(self, operation: Any) -> None:
        self._awaited -= 1
        if self._awaited == 0:
            self.as_many_wait.set()
        await super()._wait(operation)


class Gate:
    """Holds answers of a path back until it is opened."""

    def __init__(self, shop: Any, path: str) -> None:
        self.arrived, self.opened = asyncio.Event(), asyncio.Event()
        shop.upstream.gates[path] = self._hold

    async def _hold(self) -> None:
        self.arrived.set()
        await self.opened.wait()


@pytest.mark.requirement("gateway.room")
async def test_a_call_too_many_is_told_when_to_come_back_and_those_that_wait_are_answered(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop() as shop:
        await shop.preview_id()  # asks whose account it is, and what its products renew
        room = shop.desk.gateway._room = WatchedRoom(1, 1)
        gate = Gate(shop, "/checkouts/preview")
        first = asyncio.create_task(shop.call(PREVIEW, ORDER))
        await gate.arrived.wait()
        second = asyncio.create_task(shop.call(PREVIEW, ORDER))
        await room.as_many_wait.wait()
        assert await shop.refusal(PREVIEW, ORDER) == OVERLOADED
        gate.opened.set()
        assert (await first)["preview_id"] != (await second)["preview_id"]


@pytest.mark.requirement("once.claim")
@pytest.mark.parametrize("rest", [{}, CONFIRMED], ids=["hosted", "confirmed"])
async def test_a_creation_too_many_claims_nothing_and_succeeds_later(
    open_memory_shop: Any, person: Any, rest: dict[str, Any]
) -> None:
    async with open_memory_shop(person=person) as shop:
        sale = {"preview_id": (await shop.call(PREVIEW, ORDER))["preview_id"], **rest}
        gateway = shop.desk.gateway
        gateway._room_for_creations = Room(1, 0)
        async with gateway.place_for_creation():
            assert await shop.refusal(CREATE, sale) == OVERLOADED
        assert shop.upstream.created == []
        assert [row.event for row in await shop.desk.ledger.audit(sale["preview_id"])] == ["quoted"]
        assert "replayed" not in await shop.call(CREATE, sale)
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("gateway.room")
async def test_a_sale_goes_on_while_looks_that_give_way_wait(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a watcher, and those of the calls that it wakes."""
    monkeypatch.setattr(waiting, "API_PAUSES", (0.01,))
    async with open_memory_shop() as shop:
        session = await shop.call(CREATE, {"preview_id": await shop.preview_id()})
        preview_id = await shop.preview_id()
        gate = Gate(shop, "/checkouts/preview")
        room = shop.desk.gateway._room = WatchedRoom(2, 2, awaited=2)
        quoting = asyncio.create_task(shop.call(PREVIEW, ORDER))  # half of the room
        await gate.arrived.wait()
        look = {"session_id": session["session_id"]}
        assert (await shop.call(STATUS, look))["status"] == "open"
        awaiting = asyncio.create_task(shop.call(STATUS, look | {"wait_seconds": 20}))
        while not shop.desk.news._waiting:  # noqa: ASYNC110 - until the wait has begun
            await asyncio.sleep(0)
        for waiters in shop.desk.news._waiting.values():
            [news] = waiters
            news.set()
        await room.as_many_wait.wait()
        assert await shop.call(CREATE, {"preview_id": preview_id})
        gate.opened.set()
        await quoting
        shop.desk.watches.stop()
        assert (await awaiting)["status"] == "open"
        assert [gives_way for operation, gives_way in room.asked if operation == "get_session"][:4] == [
            False, False, True, True,
        ]  # fmt: skip
