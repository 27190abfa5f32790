"""``wait_seconds``: an answer as soon as the state of a sale changes."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from awaited_sessions import STATUS, followers, selling, until
from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_server.checkout.after_sale import waiting
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.sale_parts import Kind, SalePart
from checkout_server.gateway.errors import NoAnswer, NotAuthorized, NotSent, RateLimited, ServerFailed
from faulty_upstream import hold
from sale_world import open_world

pytestmark = [
    pytest.mark.timeout(30),  # what only the end of a wait answers is not answered in time
]


@pytest.mark.requirement("wait.change")
async def test_a_call_that_waits_returns_when_the_api_tells_of_the_payment(open_memory_shop: Any, pace: Any) -> None:
    pace(api=0.01)
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait()
        await until(lambda: sale.looks() > 3)
        assert not sale.calls[0].done()
        sale.pay()
        [told] = await sale.answers()
        assert (told["status"], told["paid"]["total"]) == ("paid", 1900)


@pytest.mark.requirement("wait.change")
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


@pytest.mark.requirement("wait.change")
async def test_nobody_waits_for_what_will_not_change(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        sale.pay()
        told = await shop.call(STATUS, {"session_id": sale.session_id, "wait_seconds": 45})
        assert (told["status"], sale.looks()) == ("paid", 1)


@pytest.mark.requirement("wait.change")
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


@pytest.mark.requirement("wait.change")
async def test_what_another_server_records_is_seen_in_the_ledger(tmp_path: Path, pace: Any) -> None:
    pace(ledger=0.01)
    async with open_world(tmp_path, "2026") as world:
        await world.preview()
        world.upstream.fault = hold
        creating = asyncio.create_task(world.ask_again())
        await world.upstream.arrived.wait()
        async with world.another_process() as client:
            arguments = {"preview_id": world.preview_id, "wait_seconds": 45}
            asking = asyncio.create_task(client.call_tool(STATUS, arguments))
            await until(lambda: bool(followers()))
            assert not asking.done()
            world.upstream.released.set()
            told = (await asking).structured_content
            assert told is not None
            assert (told["status"], told["session_id"]) == ("open", (await creating)["session_id"])


@pytest.mark.requirement("wait.change")
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


@pytest.mark.requirement("wait.change")
async def test_at_the_end_it_is_told_what_is_true_by_then(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:

        async def pay_after_the_first_look() -> None:
            if not shop.upstream.sandbox.payments:
                sale.pay()

        shop.upstream.gates[sale.path] = pay_after_the_first_look
        told = await shop.call(STATUS, {"session_id": sale.session_id, "wait_seconds": 1})
        assert (told["status"], sale.looks()) == ("paid", 2)


@pytest.mark.requirement("wait.change")
async def test_nobody_waits_longer_than_the_session_lives(open_memory_shop: Any, pace: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        ends_at = datetime.fromisoformat((await shop.call(STATUS, {"session_id": sale.session_id}))["expires_at"])
        real = shop.desk.clock
        ahead = ends_at.timestamp() - real()
        shop.desk.clock = lambda: real() + ahead
        await sale.wait()
        assert [each["status"] for each in await sale.answers()] == ["expired"]


@pytest.mark.requirement("wait.change")
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


class Looks:
    """The looks of a call that waits, which fail one after the other as long as there are failures."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *failures: Exception) -> None:
        self.left, self.real = list(failures), waiting.look_up_sale
        monkeypatch.setattr(waiting, "look_up_sale", self.look)

    async def look(self, request: Any, desk: Any) -> Any:
        if self.left:
            raise self.left.pop()
        return await self.real(request, desk)


@pytest.mark.requirement("wait.change")
@pytest.mark.parametrize(
    "failure",
    [ServerFailed("get_session"), NoAnswer("get_session"), NotSent("get_session"), RateLimited("get_session"),
     LedgerUnavailable("away")],
    ids=lambda failure: type(failure).__name__,
)  # fmt: skip
async def test_looks_that_fail_for_a_while_are_repeated_until_one_tells_what_changed(
    open_memory_shop: Any, pace: Any, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    pace(api=0.01)
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.wait()
        looks = Looks(monkeypatch, *[failure] * 5)  # more than anybody tells of the change
        sale.pay()
        shop.desk.news.wake(sale.preview_id)
        assert [each["status"] for each in await sale.answers()] == ["paid"]
        assert looks.left == []


@pytest.mark.requirement("wait.change")
async def test_a_look_that_will_fail_again_is_answered_at_once(
    open_memory_shop: Any, pace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        request = GetCheckoutSession(session_id=sale.session_id, wait_seconds=45)
        call = asyncio.create_task(waiting.await_session(request, shop.desk))
        await until(lambda: sale.preview_id in shop.desk.news._waiting)
        Looks(monkeypatch, NotAuthorized("get_session"))
        shop.desk.news.wake(sale.preview_id)
        with pytest.raises(NotAuthorized):
            await call
