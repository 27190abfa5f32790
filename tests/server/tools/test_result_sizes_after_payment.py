"""What a look at a session costs a model to read once the buyer has paid, or tried to."""

from collections.abc import Mapping
from typing import Any

import pytest

from bought_sessions import BUYER, STATUS, Sale, selling
from checkout_server.checkout.sessions.answers import SUBSCRIPTIONS
from checkout_server.gateway.decline_reasons import DECLINE_REASONS
from server.tools.test_result_sizes import tokens

LOOK, SUBSCRIPTION = 140, 50
NEWS = 20
"""What each piece of news beyond one may add: another price than was quoted, a refund, a dispute, a subscription
that needs something, the session's id."""
PLANS = ("prod_monthly_plan", "prod_yearly_plan")
DISPUTES = ("dispute_opened", "dispute_challenged", "dispute_lost")
ORDERS: Mapping[str, tuple[str, ...]] = {
    "a book": ("prod_ebook_guide",),
    "licences": ("prod_license_bundle",),
    "a plan": PLANS[:1],
    "two plans": PLANS,
}
TYPICAL = {
    "session_id": "cks_Gi6KGJ2zFJo9rq9Ukifwa",
    "payment_id": "pay_2IjeQm4hqU6RA4Z4kwDee",
    "subscription_id": "sub_Jm6Ui1PTzxyyYqCBbHpGk",
    "at": "2026-11-27T10:41:08Z",
}
"""Ids and a moment that cost the same each time; all are as the provider's are."""


def usual(told: Any) -> Any:
    match told:
        case dict():
            return {name: TYPICAL.get(name) or usual(value) for name, value in told.items()}  # pyright: ignore
        case list():
            return [usual(each) for each in told]  # pyright: ignore
        case _:
            return told


def news_in(told: dict[str, Any]) -> int:
    """How many things are told that a plain payment at the quoted price, looked up by its session, does not have."""
    return sum(
        [
            "session_id" in told,
            "dispute" in told["paid"],
            "refunded" in told["paid"],
            told["next_step"] in SUBSCRIPTIONS.values(),
            len(told.get("warnings", ())),
        ]
    )


async def check_looks(sale: Sale, plans: int) -> int:
    """Check the size of a look by each id, and return how many pieces of news that by the session had."""
    by_session = await sale.look()
    for told in (by_session, await sale.shop.call(STATUS, {"preview_id": sale.preview_id})):
        most = LOOK + SUBSCRIPTION * plans + NEWS * max(0, news_in(told) - 1)
        assert tokens(usual(told)) <= most, told
    return news_in(by_session)


@pytest.mark.requirement("sell.result_tokens")
@pytest.mark.parametrize("country", ["US", "DE"])
@pytest.mark.parametrize("order", ORDERS)
async def test_a_look_after_the_payment_fits_its_budget_with_any_one_piece_of_news(
    open_memory_shop: Any, order: str, country: str
) -> None:
    plans = len(set(ORDERS[order]) & set(PLANS))
    async with open_memory_shop() as shop, selling(shop, *ORDERS[order], **BUYER) as sale:
        await sale.press("pay", country=country)
        payment = sale.payments[0]
        news = [await check_looks(sale, plans)]
        for status in DISPUTES:
            await sale.press("dispute", status=status)
            news.append(await check_looks(sale, plans))
        await sale.press("refund", amount="500")
        news.append(await check_looks(sale, plans))
        payment.disputes.clear()
        news.append(await check_looks(sale, plans))
        assert [each - news[0] for each in news] == [0, 1, 1, 1, 2, 1]


@pytest.mark.requirement("sell.result_tokens")
async def test_a_subscription_that_needs_something_is_a_piece_of_news_of_the_same_budget(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop, selling(shop, *PLANS, **BUYER) as sale:
        await sale.press("pay", country="DE")
        monthly = sale.payments[0].subscriptions[0]
        news = {await check_looks(sale, len(PLANS))}
        for status in SUBSCRIPTIONS:
            monthly.status = status
            news.add(await check_looks(sale, len(PLANS)) - 1)
        assert news == {1}


@pytest.mark.requirement("sell.result_tokens")
async def test_a_look_after_a_failure_fits_the_same_budget(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop, selling(shop, **BUYER) as sale:
        sizes: dict[str, int] = {}
        for code in DECLINE_REASONS:
            await sale.press("fail", reason=code)
            sizes[code] = tokens(usual(await sale.look()))
        assert max(sizes.values()) <= LOOK, sizes
