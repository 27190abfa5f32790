"""Two merchant accounts on one ledger never see each other's previews; two keys of one account do."""

from typing import Any

import pytest

CREATE, STATUS = "create_checkout_session", "get_checkout_session"


def belongs_to(shop: Any, business_id: str | None) -> list[str]:
    """Let the API say whose the shop's key is, or not (None). Every time that it is asked is noted in the list."""
    row = {"brand_id": "brd_1", "business_id": business_id}
    asked: list[str] = []

    def answer(_answer: Any) -> Any:
        asked.append("/brands")
        return {"items": [row] if business_id else []}

    shop.upstream.rewrites["/brands"] = answer
    if business_id is None:
        shop.upstream.rewrites["/products"] = lambda _answer: {"items": []}
    return asked


@pytest.mark.requirement("preview.account")
async def test_a_preview_belongs_to_the_merchant_account_of_its_key(open_memory_shop: Any) -> None:
    async with open_memory_shop(DODO_PAYMENTS_API_KEY="key_of_one") as shop:
        belongs_to(shop, "bus_one")
        sale = {"preview_id": await shop.preview_id()}
        await shop.call(CREATE, sale)
        sold, unsold = sale, {"preview_id": await shop.preview_id()}
    async with open_memory_shop(DODO_PAYMENTS_API_KEY="key_of_other") as shop:
        asked = belongs_to(shop, "bus_other")
        for each in (sold, unsold):
            for tool in (CREATE, STATUS):
                assert (await shop.refusal(tool, each))["code"] == "preview_not_found"
        assert shop.upstream.created == []
        assert len(asked) == 1
    async with open_memory_shop(DODO_PAYMENTS_API_KEY="rotated_key_of_one") as shop:
        belongs_to(shop, "bus_one")
        assert (await shop.call(STATUS, unsold))["status"] == "not_created"
        assert (await shop.call(CREATE, sold))["replayed"] is True
        await shop.call(CREATE, unsold)


@pytest.mark.requirement("preview.account")
@pytest.mark.parametrize("open_shop", ["stdio-2026"], indirect=True)
async def test_a_preview_of_another_account_is_not_found_by_another_process(open_shop: Any) -> None:
    async with open_shop(DODO_PAYMENTS_API_KEY="key_of_one") as shop:
        belongs_to(shop, "bus_one")
        sale = {"preview_id": await shop.preview_id()}
    async with open_shop(DODO_PAYMENTS_API_KEY="key_of_other") as shop:
        belongs_to(shop, "bus_other")
        assert (await shop.refusal(CREATE, sale))["code"] == "preview_not_found"
    async with open_shop(DODO_PAYMENTS_API_KEY="rotated_key_of_one") as shop:
        belongs_to(shop, "bus_one")
        assert "replayed" not in await shop.call(CREATE, sale)


@pytest.mark.requirement("preview.account")
async def test_the_api_is_asked_once_for_each_key(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        asked = belongs_to(shop, "bus_one")
        for _ in range(2):
            await shop.call(CREATE, {"preview_id": await shop.preview_id()})
        assert len(asked) == 1
    async with open_memory_shop() as shop:
        asked = belongs_to(shop, "bus_one")
        await shop.call(CREATE, {"preview_id": await shop.preview_id()})
        assert asked == [], "the ledger knows the key"


@pytest.mark.requirement("preview.account")
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


@pytest.mark.requirement("preview.account")
async def test_while_the_account_cannot_be_asked_for_nothing_is_sold(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        for path in ("/brands", "/products"):
            shop.upstream.statuses[path] = 503
        order = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
        error = await shop.refusal("preview_checkout", order)
        assert (error["code"], error["retry"]) == ("gateway_unavailable", "retry_later")
        shop.upstream.statuses.clear()
        await shop.call(CREATE, {"preview_id": await shop.preview_id()})


@pytest.mark.requirement("preview.account")
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
