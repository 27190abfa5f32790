"""A ledger that fails under a refusal, goods that shrink, and calls that outlast their callers."""

from pathlib import Path
from typing import Any

import pytest

from shops import open_shop_over

CREATE, STATUS, PREVIEW = "create_checkout_session", "get_checkout_session", "/checkouts/preview"


JANE: dict[str, Any] = {"customer": {"email": "jane@example.com"}}


JOHN: dict[str, Any] = {"customer": {"email": "john@example.com"}}


def metered_dearer(quote: Any) -> Any:
    for meter in quote["product_cart"][0]["meters"]:
        meter["price_per_unit"] = "2500"
    return quote


def fewer_credits(quote: Any) -> Any:
    for grant in quote["product_cart"][0]["credit_entitlements"]:
        grant["credits_amount"] = "1"
    return quote


@pytest.mark.requirement("price.drift")
@pytest.mark.parametrize(
    ("product", "change"), [("prod_metered_plan", metered_dearer), ("prod_credits", fewer_credits)]
)
async def test_less_for_the_same_money_stops_the_sale(open_memory_shop: Any, product: str, change: Any) -> None:
    """A unit of usage that costs 10,000 times as much, and a credit pack that grants one credit instead of 1,000."""
    async with open_memory_shop(policy="[preview]\nrequote_after_seconds = 0") as shop:
        preview_id = await shop.preview_id(product)
        shop.upstream.rewrites[PREVIEW] = change
        assert (await shop.client.call_tool(CREATE, {"preview_id": preview_id})).is_error


@pytest.mark.requirement("privacy.events")
async def test_a_preview_id_that_was_only_typed_is_not_logged(tmp_path: Path) -> None:
    """``LoggedCall`` takes a ``GatewayError`` for a sign that the preview was found; the account is asked for
    before."""
    async with open_shop_over("stdio", "2026", tmp_path, CHECKOUT_LOG_LEVEL="INFO") as shop:
        for path in ("/brands", "/products"):
            shop.upstream.statuses[path] = 503
        typed = "prv_jane-doe-1980-01-01-xy"
        error = await shop.refusal(CREATE, {"preview_id": typed})
        assert error["code"] == "gateway_unavailable"
    assert typed not in (tmp_path / "stderr.log").read_text()
