"""A session with several payments: which of them decides what the sale came to."""

from typing import Any

import pytest

from bought_sessions import BUYER, selling
from checkout_server.checkout.sessions import attempts

JANE, BO = "jane.doe@example.com", "bo@example.com"
ENDED_EARLY = (
    "The shop has more payments of that time than were read, so another payment of this session may be missing: before "
    "you sell it again, ask the operator."
)


@pytest.mark.requirement("outcome.told")
async def test_of_two_payments_of_a_session_the_one_that_succeeded_counts(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop, selling(shop, **BUYER) as sale:
        await sale.press("fail", reason="INSUFFICIENT_FUNDS")
        await sale.press("pay")
        failed, paid = sale.payments
        path = f"/checkouts/{sale.session_id}"
        for newest in (paid, failed):  # whichever the API calls the session's
            status = {"payment_id": newest.id, "payment_status": newest.status}
            shop.upstream.rewrites[path] = lambda answer, status=status: answer | status
            told = await sale.look()
            assert (told["status"], told["payment_id"], "failure" in told) == ("paid", paid.id, False)
            assert told["paid"]["total"] == 1900


@pytest.mark.requirement("outcome.told")
async def test_two_payments_that_succeeded_are_for_the_operator(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop, selling(shop, **BUYER) as sale:
        await sale.press("fail")
        await sale.press("pay")
        sale.payments[0].status = "succeeded"
        assert (await sale.look())["warnings"] == ["2 payments of this session succeeded: tell the operator."]


@pytest.mark.requirement("outcome.told")
async def test_payments_are_counted_where_the_api_does_not_say_when_the_session_began(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop() as shop, selling(shop, **BUYER) as sale:
        await sale.press("fail")
        await sale.press("pay")
        sale.payments[0].status = "succeeded"
        shop.upstream.rewrites[f"/checkouts/{sale.session_id}"] = lambda answer: answer | {"created_at": None}
        assert (await sale.look())["warnings"] == ["2 payments of this session succeeded: tell the operator."]


@pytest.mark.requirement("outcome.told")
async def test_a_payment_of_another_session_or_of_a_renewal_is_not_one_of_this(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop, selling(shop, "prod_monthly_plan", **BUYER) as sale:
        await sale.press("pay")

        def more(page: Any) -> Any:
            [own] = page["items"]
            renewal = own | {"payment_id": "pay_renewal", "charge_type": "renewal"}
            other = own | {"payment_id": "pay_other", "checkout_session_id": "cks_other"}
            return {"items": [other, renewal, own]}

        shop.upstream.rewrites["/payments"] = more
        told = await sale.look()
        assert (told["payment_id"], told.get("warnings")) == (sale.payments[0].id, None)


@pytest.mark.requirement("outcome.told")
async def test_a_payment_that_succeeded_is_not_undone_by_another_that_waits_or_is_under_way(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop() as shop, selling(shop, **BUYER) as sale:
        await sale.press("fail")
        await sale.press("pay")
        waiting, paid = sale.payments
        path = f"/checkouts/{sale.session_id}"
        for status in ("requires_payment_method", "requires_customer_action", "processing", "cancelled"):
            waiting.status = status
            newest = {"payment_id": waiting.id, "payment_status": status}
            shop.upstream.rewrites[path] = lambda answer, newest=newest: answer | newest
            told = await sale.look()
            assert (told["status"], told["payment_id"], "checkout_url" in told) == ("paid", paid.id, False)


@pytest.mark.requirement("outcome.told")
async def test_a_payment_under_way_is_not_undone_by_another_that_failed(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop, selling(shop, **BUYER) as sale:
        await sale.press("fail")
        await sale.press("fail")
        sale.payments[0].status = "processing"
        told = await sale.look()
        assert (told["status"], told["payment_id"], "failure" in told) == ("processing", sale.payments[0].id, False)


@pytest.mark.requirement("outcome.told")
async def test_a_session_paid_under_one_email_stays_paid_when_an_attempt_under_another_fails(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.press("fail", email=JANE)
        await sale.press("fail", email=BO)
        paid, failed = sale.payments
        assert paid.customer.id != failed.customer.id
        paid.status = "succeeded"
        told = await sale.look()
        assert (told["status"], told["payment_id"], "failure" in told, told.get("warnings")) == (
            "paid", paid.id, False, None,
        )  # fmt: skip


@pytest.mark.requirement("outcome.told")
async def test_two_payments_that_succeeded_under_two_emails_are_for_the_operator(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.press("fail", email=JANE)
        await sale.press("pay", email=BO)
        sale.payments[0].status = "succeeded"
        assert (await sale.look())["warnings"] == ["2 payments of this session succeeded: tell the operator."]


@pytest.mark.requirement("outcome.told", "outcome.unread")
async def test_where_the_shop_has_more_payments_than_are_read_those_of_the_buyer_count_and_the_rest_is_warned_of(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PAGE_SIZE", 2)
    monkeypatch.setattr(attempts, "PAGES", 1)
    async with open_memory_shop() as shop, selling(shop) as sale:
        await sale.press("fail", email=JANE)
        await sale.press("fail", email=JANE)
        paid = sale.payments[0]
        paid.status = "succeeded"
        async with selling(shop, "prod_laptop") as other:
            await other.press("fail", email=BO)
            await other.press("fail", email=BO)
            told = await sale.look()
        assert (told["status"], told["payment_id"], told["warnings"]) == ("paid", paid.id, [ENDED_EARLY])
