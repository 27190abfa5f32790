"""A price that was quoted for a sale is that sale's: nobody else is sold to at it."""

from typing import Any

import pytest

CREATE, PREVIEW = "create_checkout_session", "/checkouts/preview"
JANE: dict[str, Any] = {"customer": {"email": "jane@example.com"}}


@pytest.mark.requirement("price.drift")
async def test_a_price_that_was_quoted_for_one_customer_is_not_sold_to_another(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:

        def cheap_for_vips(quote: Any) -> Any:
            body = shop.upstream.requests[-1][2]
            if body.get("customer", {}).get("customer_id") == "cus_123":
                quote["current_breakup"]["total_amount"] = 1000
            return quote

        shop.upstream.rewrites[PREVIEW] = cheap_for_vips
        preview_id = await shop.preview_id()
        error = await shop.refusal(CREATE, {"preview_id": preview_id, "customer": {"customer_id": "cus_123"}})
        fresh = error["price_change"]["preview_id"]
        result = await shop.client.call_tool(CREATE, {"preview_id": fresh, **JANE})
        assert result.is_error, f"sold to anybody at {result.structured_content['total']}"
