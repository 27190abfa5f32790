"""How many requests are under way at once, who waits, and who gives way."""

import asyncio
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import pytest

from checkout_server.calls.deadline import CALL_SECONDS
from checkout_server.gateway import room as rooms
from checkout_server.gateway.errors import Overloaded
from checkout_server.gateway.room import Room, giving_way


class Entering:
    """A request that takes a place, and leaves it when told."""

    def __init__(self, room: Room, *, gives_way: bool = False) -> None:
        self._room, self._gives_way = room, gives_way
        self.entered, self._leave = asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        with ExitStack() as stack:
            if self._gives_way:
                stack.enter_context(giving_way())
            async with self._room.place("preview"):
                self.entered.set()
                await self._leave.wait()

    async def leave(self) -> None:
        self._leave.set()
        await self.task


async def settled(*requests: Entering) -> list[bool]:
    """Which of them have a place, once nothing moves any more."""
    for _ in range(10):
        await asyncio.sleep(0)
    return [each.entered.is_set() for each in requests]


@pytest.mark.requirement("gateway.room")
def test_the_room_is_smaller_than_what_holds_it() -> None:
    assert rooms.AT_ONCE < 100, "the connections of a client"
    assert rooms.WAIT_SECONDS < CALL_SECONDS


@pytest.mark.requirement("gateway.room")
async def test_as_many_go_in_as_there_are_places_and_the_others_in_the_order_in_which_they_came() -> None:
    room = Room(2, 2)
    requests = [Entering(room) for _ in range(4)]
    assert await settled(*requests) == [True, True, False, False]
    await requests[1].leave()
    assert await settled(*requests) == [True, True, True, False]
    await requests[0].leave()
    assert await settled(*requests) == [True, True, True, True]
    for each in requests[2:]:
        await each.leave()


@pytest.mark.requirement("gateway.room")
async def test_one_too_many_is_refused_at_once_and_nobody_loses_a_place(caplog: pytest.LogCaptureFixture) -> None:
    room = Room(1, 1)
    first, second = Entering(room), Entering(room)
    await settled(first, second)
    with pytest.raises(Overloaded):
        async with room.place("preview"):
            pass
    assert [record.getMessage() for record in caplog.records] == ["gateway.failed"]
    await first.leave()
    assert await settled(second) == [True]
    await second.leave()
    async with room.place("preview"):
        pass


@pytest.mark.requirement("gateway.room")
async def test_who_waits_too_long_is_refused_and_leaves_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "WAIT_SECONDS", 0.0)
    room = Room(1, 1)
    first = Entering(room)
    await settled(first)
    for _ in range(3):
        with pytest.raises(Overloaded):
            async with room.place("preview"):
                pass
    await first.leave()
    async with room.place("preview"):
        pass


@pytest.mark.requirement("gateway.room")
@pytest.mark.parametrize("at_the_same_moment", [False, True])
async def test_a_cancelled_request_takes_no_place_with_it(at_the_same_moment: bool) -> None:
    room = Room(1, 2)
    async with room.place("preview"):
        second, third = Entering(room), Entering(room)
        await settled()
        if not at_the_same_moment:
            second.task.cancel()
            await asyncio.wait({second.task})
    second.task.cancel()  # else it has just been given the place
    await asyncio.wait({second.task})
    assert not second.entered.is_set()
    assert await settled(third) == [True]
    await third.leave()
    async with room.place("preview"):
        pass


@pytest.mark.requirement("gateway.room")
async def test_what_gives_way_begins_while_half_of_the_room_is_free_and_after_all_others() -> None:
    room = Room(4, 4)
    calls = [Entering(room) for _ in range(2)]
    looks = [Entering(room, gives_way=True) for _ in range(2)]
    assert await settled(*calls, *looks) == [True, True, False, False]
    later = [Entering(room) for _ in range(3)]
    assert await settled(*later) == [True, True, False]
    await calls[0].leave()
    assert await settled(*looks, later[2]) == [False, False, True]
    for each in (calls[1], later[0]):
        await each.leave()
    assert await settled(*looks) == [False, False], "half of the room is taken"
    await later[1].leave()
    assert await settled(*looks) == [True, False]
    for each in (later[2], looks[0], looks[1]):
        await each.leave()


@pytest.mark.requirement("gateway.room")
async def test_waiting_looks_do_not_use_up_the_queue_of_calls() -> None:
    room = Room(2, 1)
    async with AsyncExitStack() as places:
        for _ in range(2):
            await places.enter_async_context(room.place("preview"))
        look, call = Entering(room, gives_way=True), Entering(room)
        assert await settled(look, call) == [False, False]
        with giving_way(), pytest.raises(Overloaded):
            async with room.place("get_session"):
                pass
    await settled(call)
    await call.leave()
    await look.leave()


@pytest.mark.requirement("gateway.room")
async def test_a_request_that_finds_no_room_is_not_sent_and_not_repeated(
    api: Any, gateway: Any, call: Any, documents: Any, waits: Any
) -> None:
    api.answers(200, documents["preview"])
    gateway._room = Room(1, 0)
    async with gateway._room.place("preview"):
        for operation in ("preview", "get_session", "list_products"):
            with pytest.raises(Overloaded):
                await call(gateway, operation)
    assert (api.heard, waits) == ([], [])
    await call(gateway, "preview")
    assert len(api.heard) == 1


@pytest.mark.requirement("gateway.room")
async def test_a_creation_has_a_room_of_its_own(api: Any, gateway: Any, call: Any, documents: Any) -> None:
    api.answers(200, documents["create"])
    gateway._room = Room(1, 0)
    async with gateway._room.place("preview"), gateway.place_for_creation():
        await call(gateway, "create")
    assert [each.target for each in api.heard] == ["/checkouts"]
