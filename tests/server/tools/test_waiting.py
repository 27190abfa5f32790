"""``wait_seconds``: an answer as soon as the state of a sale changes."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_server.checkout.after_sale import waiting, watches
from checkout_server.checkout.after_sale.waiting import NO_PLACE, await_session
from checkout_server.checkout.after_sale.watches import MOST_OF_A_PRINCIPAL, MOST_OF_A_PROCESS, Watches
from checkout_server.checkout.ledger.sale_parts import Kind, SalePart
from checkout_server.tools import progress
from fault_cases import hold
from sale_world import open_world

pytestmark = [
    pytest.mark.requirement("wait.change"),
    pytest.mark.timeout(30),  # what only the end of a wait answers is not answered in time
]

CREATE, STATUS = "create_checkout_session", "get_checkout_session"
NEVER = 10_000.0


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """How often the API and the ledger are looked at; never, unless a test says so."""

    def set_pace(*, api: float = NEVER, ledger: float = NEVER) -> None:
        monkeypatch.setattr(waiting, "API_PAUSES", (api,))
        monkeypatch.setattr(waiting, "LEDGER_SECONDS", ledger)

    set_pace()
    return set_pace


@dataclass
class Sale:
    """An open session, and those who wait for it."""

    shop: Any
    preview_id: str
    session_id: str
    calls: list["asyncio.Task[dict[str, Any]]"] = field(default_factory=list["asyncio.Task[dict[str, Any]]"])

    @property
    def path(self) -> str:
        return f"/checkouts/{self.session_id}"

    def looks(self) -> int:
        """How often the API was asked for the session."""
        return len(self.shop.upstream.bodies("GET", self.path))

    async def wait(self, calls: int = 1, **rest: Any) -> None:
        """Begin calls that wait, and return when they do."""
        arguments = {"session_id": self.session_id, "wait_seconds": 45} | rest
        self.calls += [asyncio.create_task(self.shop.call(STATUS, arguments)) for _ in range(calls)]
        await until(lambda: self.waiting() == len(self.calls) and self.preview_id in self.shop.desk.news._waiting)

    def waiting(self) -> int:
        return sum(each.waiting for each in self.shop.desk.watches._watches.values())

    async def answers(self) -> list[dict[str, Any]]:
        return [await each for each in self.calls]

    def pay(self, status: str = "succeeded") -> None:
        sandbox = self.shop.upstream.sandbox
        sandbox.pay(sandbox.sessions[self.session_id], status).status = status


async def until(happened: Callable[[], bool]) -> None:
    while not happened():  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.005)


@asynccontextmanager
async def selling(shop: Any) -> AsyncGenerator[Sale]:
    preview_id = await shop.preview_id()
    made = await shop.call(CREATE, {"preview_id": preview_id})
    sale = Sale(shop, preview_id, made["session_id"])
    yield sale
    for each in sale.calls:
        each.cancel()
        with suppress(asyncio.CancelledError):
            await each


def followers() -> list[Any]:
    names = {"_follow_payment", "_follow_record"}
    return [each for each in asyncio.all_tasks() if getattr(each.get_coro(), "__name__", "") in names]


async def test_a_call_that_waits_returns_when_the_api_tells_of_the_payment(open_memory_shop: Any, pace: Any) -> None:
    pace(api=0.01)
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait()
        await until(lambda: sale.looks() > 3)
        assert not sale.calls[0].done()
        sale.pay()
        [told] = await sale.answers()
        assert (told["status"], told["paid"]["total"]) == ("paid", 1900)


async def test_a_payment_that_needs_the_buyer_is_a_change_and_one_that_is_only_begun_is_none(
    open_memory_shop: Any, pace: Any
) -> None:
    pace(api=0.01)
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait()
        sale.pay("requires_payment_method")
        seen = sale.looks()
        await until(lambda: sale.looks() > seen + 3)
        assert not sale.calls[0].done()
        shop.upstream.sandbox.payments[0].status = "requires_customer_action"
        [told] = await sale.answers()
        assert (told["status"], told["payment_status"]) == ("open", "requires_customer_action")


async def test_nobody_waits_for_what_will_not_change(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        sale.pay()
        told = await shop.call(STATUS, {"session_id": sale.session_id, "wait_seconds": 45})
        assert (told["status"], sale.looks()) == ("paid", 1)


async def test_news_in_this_process_have_those_who_wait_look_and_decide_nothing(
    open_memory_shop: Any, pace: Any
) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait()
        shop.desk.news.wake(sale.preview_id)
        await until(lambda: sale.looks() == 2)
        assert not sale.calls[0].done()
        sale.pay()
        shop.desk.news.wake(sale.preview_id)
        assert [each["status"] for each in await sale.answers()] == ["paid"]


async def test_what_another_server_records_is_seen_in_the_ledger(tmp_path: Path, pace: Any) -> None:
    pace(ledger=0.01)
    async with open_world(tmp_path, "2026") as world:
        await world.preview()
        world.upstream.fault = hold
        creating = asyncio.create_task(world.ask_again())
        await world.upstream.arrived.wait()
        async with world.another_process() as client:
            arguments = {"preview_id": world.preview_id, "wait_seconds": 45}
            waiting = asyncio.create_task(client.call_tool(STATUS, arguments))
            await until(lambda: bool(followers()))
            assert not waiting.done()
            world.upstream.released.set()
            told = (await waiting).structured_content
            assert told is not None
            assert (told["status"], told["session_id"]) == ("open", (await creating)["session_id"])


async def test_an_event_that_reached_another_replica_is_seen_in_the_ledger(
    open_memory_shop: Any, pace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace(ledger=0.01)
    async with open_memory_shop() as shop, selling(shop) as sale:
        ledger, looks = shop.desk.ledger, 0
        list_parts = ledger.list_parts

        async def counted(preview_id: str) -> Any:
            nonlocal looks
            parts = await list_parts(preview_id)
            looks += 1
            return parts

        monkeypatch.setattr(ledger, "list_parts", counted)
        await sale.wait()
        await until(lambda: looks > 1)
        sale.pay()
        assert not sale.calls[0].done()
        part = SalePart(part_id="pay_1", preview_id=sale.preview_id, kind=Kind.PAYMENT, as_of=1.0, content=b"")
        assert await ledger.store_webhook("msg_1", "payment.succeeded", part, now=shop.desk.clock())
        assert [each["status"] for each in await sale.answers()] == ["paid"]


async def test_at_the_end_it_is_told_what_is_true_by_then(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:

        async def pay_after_the_first_look() -> None:
            if not shop.upstream.sandbox.payments:
                sale.pay()

        shop.upstream.gates[sale.path] = pay_after_the_first_look
        told = await shop.call(STATUS, {"session_id": sale.session_id, "wait_seconds": 1})
        assert (told["status"], sale.looks()) == ("paid", 2)


async def test_nobody_waits_longer_than_the_session_lives(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        ends_at = datetime.fromisoformat((await shop.call(STATUS, {"session_id": sale.session_id}))["expires_at"])
        real = shop.desk.clock
        ahead = ends_at.timestamp() - real()
        shop.desk.clock = lambda: real() + ahead
        await sale.wait()
        assert [each["status"] for each in await sale.answers()] == ["expired"]


async def test_an_api_that_fails_meanwhile_is_asked_again(open_memory_shop: Any, pace: Any) -> None:
    pace(api=0.01)
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait()
        shop.upstream.statuses[sale.path] = 404
        seen = sale.looks()
        await until(lambda: sale.looks() > seen + 3)
        assert not sale.calls[0].done()
        sale.pay()
        del shop.upstream.statuses[sale.path]
        assert [each["status"] for each in await sale.answers()] == ["paid"]


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
