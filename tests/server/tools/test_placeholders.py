"""URLs that wait for somebody to fill them in, as other providers do."""

from typing import Any

import pytest

RETURN = (
    "return_url holds a placeholder that nobody fills in: payment_id or subscription_id, status, license_key and email "
    "are appended to it instead."
)
CANCEL = "cancel_url holds a placeholder that nobody fills in."
SHOP = "https://shop.example.com/done"


@pytest.mark.requirement("sell.placeholders")
@pytest.mark.parametrize(
    ("urls", "warnings"),
    [
        ({"return_url": f"{SHOP}?session_id={{CHECKOUT_SESSION_ID}}"}, [RETURN]),
        ({"return_url": f"{SHOP}?session_id={{{{id}}}}"}, [RETURN]),
        ({"return_url": f"{SHOP}?id=${{id}}"}, [RETURN]),
        ({"return_url": f"{SHOP}?session_id=%7BCHECKOUT_SESSION_ID%7D"}, [RETURN]),
        ({"cancel_url": f"{SHOP}/%7bid%7d"}, [CANCEL]),
        ({"return_url": f"{SHOP}/{{id}}", "cancel_url": f"{SHOP}/{{id}}"}, [RETURN, CANCEL]),
        ({"return_url": f"{SHOP}?order={{", "cancel_url": f"{SHOP}?a=}}{{"}, []),
        ({"return_url": f"{SHOP}?id=5"}, []),
    ],
)
async def test_a_placeholder_is_sent_and_warned_of(
    open_memory_shop: Any, urls: dict[str, str], warnings: list[str]
) -> None:
    async with open_memory_shop() as shop:
        sale = await shop.call("create_checkout_session", {"preview_id": await shop.preview_id()} | urls)
        assert [each for each in sale.get("warnings", []) if "placeholder" in each] == warnings
        assert {name: shop.upstream.created[0][name] for name in urls} == urls
