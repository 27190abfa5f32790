"""Several calls that wait: one watcher for all, places for some, and an end for each."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from awaited_sessions import STATUS, followers, selling, until
from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_server.checkout.after_sale import watches
from checkout_server.checkout.after_sale.waiting import NO_PLACE, await_session
from checkout_server.checkout.after_sale.watches import MOST_OF_A_PRINCIPAL, MOST_OF_A_PROCESS, Watches
from checkout_server.tools import progress

pytestmark = [
    pytest.mark.timeout(30),  # what only the end of a wait answers is not answered in time
]


@pytest.mark.requirement("wait.one_watcher")
async def test_there_is_one_watcher_whoever_waits(
    open_memory_shop: Any, pace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "MOST_OF_A_PRINCIPAL", 10)
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait(10)
        assert (len(followers()), sale.looks()) == (2, 10)
        sale.pay()
        shop.desk.news.wake(sale.preview_id)
        assert {each["status"] for each in await sale.answers()} == {"paid"}
        await until(lambda: followers() == [])
        assert shop.desk.watches._watches == {}


@pytest.mark.requirement("wait.one_watcher")
async def test_who_comes_later_and_knows_otherwise_has_all_look_at_once(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait()
        sale.pay("processing")
        later = asyncio.create_task(shop.call(STATUS, {"session_id": sale.session_id, "wait_seconds": 45}))
        assert [each["status"] for each in await sale.answers()] == ["processing"]
        sale.calls.append(later)


@pytest.mark.requirement("wait.one_watcher")
async def test_a_call_that_is_cancelled_leaves_nothing_behind(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        request = GetCheckoutSession(session_id=sale.session_id, wait_seconds=45)
        waiting = asyncio.create_task(await_session(request, shop.desk))
        await until(lambda: len(followers()) == 2)
        waiting.cancel()
        await until(lambda: followers() == [])
        held = shop.desk.watches
        assert (held._watches, held._waiting, shop.desk.news._waiting) == ({}, {}, {})


@pytest.mark.requirement("wait.limits")
async def test_one_call_too_many_is_answered_at_once_and_says_so(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait(MOST_OF_A_PRINCIPAL)
        told = await shop.call(STATUS, {"session_id": sale.session_id, "wait_seconds": 45})
        assert (told["status"], told["warnings"]) == ("open", [NO_PLACE])
        sale.pay()
        shop.desk.news.wake(sale.preview_id)
        assert {each["status"] for each in await sale.answers()} == {"paid"}
        assert shop.desk.watches._waiting == {}


@pytest.mark.requirement("wait.limits")
async def test_a_process_has_places_for_fifty() -> None:
    from contextlib import ExitStack

    held = Watches()
    with ExitStack() as stack:
        places = [stack.enter_context(held.place(f"p{number // 2}")) for number in range(MOST_OF_A_PROCESS)]
        assert (all(places), MOST_OF_A_PROCESS, MOST_OF_A_PRINCIPAL) == (True, 50, 2)
        assert stack.enter_context(held.place("another")) is False
    with held.place("another") as has_place:
        assert has_place


@pytest.mark.requirement("wait.stop")
async def test_a_server_that_stops_ends_every_wait(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait(2)
        shop.desk.watches.stop()
        assert {each["status"] for each in await sale.answers()} == {"open"}
        await until(lambda: followers() == [])
        again = await shop.call(STATUS, {"session_id": sale.session_id, "wait_seconds": 45})
        assert (again["status"], again.get("warnings"), sale.looks()) == ("open", None, 3)


@pytest.mark.requirement("call.progress")
async def test_who_waits_hears_what_for(open_memory_shop: Any, pace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PROGRESS_SECONDS", 0.01)
    pace(api=0.005)
    heard: list[str | None] = []

    async def hear(_value: float, _total: float | None, message: str | None) -> None:
        heard.append(message)

    async with open_memory_shop() as shop, selling(shop) as sale:
        arguments = {"session_id": sale.session_id, "wait_seconds": 45}
        call: Coroutine[Any, Any, Any] = shop.client.call_tool(STATUS, arguments, progress_callback=hear)
        waiting = asyncio.create_task(call)
        await until(lambda: sale.waiting() == 1)
        already = len(heard)
        await until(lambda: len(heard) > already + 5 and sale.looks() > 5)
        assert set(heard[already + 1 :]) == {"Waiting for news of the payment"}
        sale.pay()
        assert (await waiting).structured_content["status"] == "paid"
