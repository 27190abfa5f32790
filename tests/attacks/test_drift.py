"""What can change between what was shown and what is sold, and stops nothing."""

from typing import Any

import pytest

pytestmark = pytest.mark.requirement("price.drift")

CREATE, PREVIEW = "create_checkout_session", "/checkouts/preview"
ALWAYS = "[preview]\nrequote_after_seconds = 0"
MONTHLY: dict[str, Any] = {
    "product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}],
    "billing_address": {"country": "US", "state": "CA"},
}


def tax_not_known_any_more(quote: Any) -> Any:
    quote["current_breakup"]["tax"] = None
    quote["recurring_breakup"]["tax"] = None
    return quote


def tax_no_longer_included(quote: Any) -> Any:
    quote["product_cart"][0]["tax_inclusive"] = False
    return quote


def renamed(quote: Any) -> Any:
    quote["product_cart"][0]["name"] = "Gift card for somebody else"
    return quote


def charged_tomorrow(quote: Any) -> Any:
    from datetime import UTC, datetime, timedelta

    return quote | {"next_billing_date": (datetime.now(UTC) + timedelta(days=1)).isoformat()}


def another_country(quote: Any) -> Any:
    return quote | {"billing_country": "BR"}


@pytest.mark.parametrize("change", [tax_not_known_any_more, renamed, another_country])
async def test_at_the_same_total_it_stops_the_sale(open_memory_shop: Any, change: Any) -> None:
    """The total is the same, but tax is no longer in it (and will be added); it is another thing by its name; it is
    taxed for another country. ``terms._conditions`` compares of the tax only whether the merchant adds it."""
    async with open_memory_shop(policy=ALWAYS) as shop:
        quoted = await shop.call("preview_checkout", MONTHLY)
        shop.upstream.rewrites[PREVIEW] = change
        result = await shop.client.call_tool(CREATE, {"preview_id": quoted["preview_id"]})
        assert (result.is_error, shop.upstream.created) == (True, [])


async def test_a_first_date_that_was_not_told_is_a_change(open_memory_shop: Any) -> None:
    """ "A day that only one of the two tells is taken for the other's too": nobody was told a date, and it is
    tomorrow."""
    async with open_memory_shop(policy=ALWAYS) as shop:
        shop.upstream.rewrites[PREVIEW] = lambda quote: quote | {"next_billing_date": None}
        quoted = await shop.call("preview_checkout", MONTHLY)
        shop.upstream.rewrites[PREVIEW] = charged_tomorrow
        result = await shop.client.call_tool(CREATE, {"preview_id": quoted["preview_id"]})
        assert (result.is_error, shop.upstream.created) == (True, [])
