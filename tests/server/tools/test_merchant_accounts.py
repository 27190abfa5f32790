"""Two merchant accounts on one ledger never see each other's previews; two keys of one account do."""

from typing import Any

import pytest

pytestmark = pytest.mark.requirement("preview.account")

CREATE, STATUS = "create_checkout_session", "get_checkout_session"


def belongs_to(shop: Any, business_id: str | None) -> None:
    """Whose API key the shop's is, as the API says; None when it does not say."""
    row = {"brand_id": "brd_1", "business_id": business_id}
    shop.upstream.rewrites["/brands"] = lambda _answer: {"items": [row] if business_id else []}
    if business_id is None:
        shop.upstream.rewrites["/products"] = lambda _answer: {"items": []}


async def asked_for_account(shop: Any) -> int:
    return len(shop.upstream.bodies("GET", "/brands"))


async def test_a_preview_belongs_to_the_merchant_account_of_its_key(open_memory_shop: Any) -> None:
    async with open_memory_shop(DODO_PAYMENTS_API_KEY="key_of_one") as shop:
        belongs_to(shop, "bus_one")
        sale = {"preview_id": await shop.preview_id()}
        await shop.call(CREATE, sale)
        sold, unsold = sale, {"preview_id": await shop.preview_id()}
    async with open_memory_shop(DODO_PAYMENTS_API_KEY="key_of_other") as shop:
        belongs_to(shop, "bus_other")
        for each in (sold, unsold):
            for tool in (CREATE, STATUS):
                assert (await shop.refusal(tool, each))["code"] == "preview_not_found"
        assert shop.upstream.created == []
        assert await asked_for_account(shop) == 1
    async with open_memory_shop(DODO_PAYMENTS_API_KEY="rotated_key_of_one") as shop:
        belongs_to(shop, "bus_one")
        assert (await shop.call(STATUS, unsold))["status"] == "not_created"
        assert (await shop.call(CREATE, sold))["replayed"] is True
        await shop.call(CREATE, unsold)


async def test_the_api_is_asked_once_for_each_key(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        for _ in range(2):
            await shop.call(CREATE, {"preview_id": await shop.preview_id()})
        assert await asked_for_account(shop) == 1
    async with open_memory_shop() as shop:
        await shop.call(CREATE, {"preview_id": await shop.preview_id()})
        assert await asked_for_account(shop) == 0, "the ledger knows the key"


async def test_where_the_api_does_not_say_only_the_same_key_fits(open_memory_shop: Any) -> None:
    async with open_memory_shop(DODO_PAYMENTS_API_KEY="key_of_one") as shop:
        belongs_to(shop, None)
        sale = {"preview_id": await shop.preview_id()}
    async with open_memory_shop(DODO_PAYMENTS_API_KEY="another_key") as shop:
        belongs_to(shop, None)
        assert (await shop.refusal(CREATE, sale))["code"] == "preview_not_found"
    async with open_memory_shop(DODO_PAYMENTS_API_KEY="key_of_one") as shop:
        belongs_to(shop, None)
        await shop.call(CREATE, sale)


async def test_while_the_account_cannot_be_asked_for_nothing_is_sold(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        for path in ("/brands", "/products"):
            shop.upstream.statuses[path] = 503
        order = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
        error = await shop.refusal("preview_checkout", order)
        assert (error["code"], error["retry"]) == ("gateway_unavailable", "retry_later")
        shop.upstream.statuses.clear()
        await shop.call(CREATE, {"preview_id": await shop.preview_id()})


async def test_the_embedded_sandbox_has_one_merchant(tmp_path: Any) -> None:
    from mcp import Client

    from checkout_server.app import build_server, open_desk
    from checkout_server.settings import load_settings

    settings = load_settings(CHECKOUT_LEDGER=str(tmp_path / "ledger.db"))
    order = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
    for _ in range(2):
        async with open_desk(settings) as desk, Client(build_server(desk)) as client:
            quoted = await client.call_tool("preview_checkout", order)
            sale = {"preview_id": (quoted.structured_content or {})["preview_id"]}
            assert not (await client.call_tool(CREATE, sale)).is_error
