"""Input in another form than the schema's: what means one thing only arrives upstream as it was meant."""

import json
from typing import Any

import pytest

CART = [{"product_id": "prod_123", "quantity": 1}]
ADDED = {"toolCallId": "call_1", "sessionId": "s", "action": "sendMessage", "chatInput": "two, please", "tool": {}}


@pytest.mark.requirement("error.unset")
async def test_unset_in_every_spelling_is_unset(open_shop: Any) -> None:
    async with open_shop() as shop:
        unset = {
            "product_cart": [{"product_id": "prod_123", "quantity": 1, "amount": None, "addons": []}],
            "billing_address": None,
            "tax_id": "",
            "discount_codes": [],
            "subscription_data": {"on_demand": None, "trial_period_days": None},
        }
        preview = await shop.call("preview_checkout", unset)
        await shop.call(
            "create_checkout_session",
            {
                "preview_id": preview["preview_id"],
                "customer": {"email": "", "name": None},
                "confirm": None,
                "metadata": {},
            },
        )
        assert shop.upstream.bodies("POST", "/checkouts/preview") == [{"product_cart": CART}]
        assert shop.upstream.created == [{"product_cart": CART, "metadata": {"mcp_preview_id": preview["preview_id"]}}]


@pytest.mark.requirement("error.kind")
async def test_nested_arguments_may_come_as_json_text(open_shop: Any) -> None:
    async with open_shop() as shop:
        await shop.call("preview_checkout", {"product_cart": json.dumps(CART)})
        assert shop.upstream.bodies("POST", "/checkouts/preview") == [{"product_cart": CART}]


@pytest.mark.requirement("error.kind")
async def test_an_order_in_other_forms_is_quoted_as_it_is_meant(open_shop: Any) -> None:
    async with open_shop() as shop:
        order = {
            "product_cart": " " + json.dumps(CART[0] | {"quantity": "2"}),
            "billing_address": {"country": "us", "street": "1 Main St\nApt 4"},
            "billing_currency": "usd",
            "discount_codes": "WELCOME10",
        }
        preview = await shop.call("preview_checkout", order)
        assert shop.upstream.bodies("POST", "/checkouts/preview") == [
            {
                "product_cart": [CART[0] | {"quantity": 2}],
                "billing_address": {"country": "US", "street": "1 Main St, Apt 4"},
                "billing_currency": "USD",
                "discount_codes": ["WELCOME10"],
            }
        ]
        assert [line["quantity"] for line in preview["lines"]] == [2]


@pytest.mark.requirement("error.host_fields")
async def test_what_a_host_adds_reaches_nobody(open_shop: Any) -> None:
    async with open_shop() as shop:
        await shop.call("list_products", {"toolCallId": "call_1"})
        preview = await shop.call("preview_checkout", {"product_cart": CART} | ADDED)
        sale = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]} | ADDED)
        await shop.call("get_checkout_session", {"session_id": sale["session_id"]} | ADDED)
        assert shop.upstream.bodies("POST", "/checkouts/preview") == [{"product_cart": CART}]
        assert shop.upstream.created == [{"product_cart": CART, "metadata": {"mcp_preview_id": preview["preview_id"]}}]


@pytest.mark.requirement("error.host_fields")
async def test_a_refusal_says_that_a_field_was_ignored(open_shop: Any) -> None:
    async with open_shop() as shop:
        result = await shop.client.call_tool("get_checkout_session", {"sessionId": "cks_1"})
        assert "- sessionId was ignored: the field is session_id" in result.content[0].text.split("\n")
        missing = await shop.refusal("create_checkout_session", {"tool": "x"})
        assert (missing["code"], [each["path"] for each in missing["problems"]]) == (
            "preview_required",
            ["preview_id", "tool"],
        )


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize(("environment", "refused"), [("test_mode", False), ("live_mode", True)])
async def test_an_address_of_the_domain_test_is_for_tests(
    open_memory_shop: Any, environment: str, refused: bool
) -> None:
    async with open_memory_shop(DODO_PAYMENTS_ENVIRONMENT=environment) as shop:
        sale = {"preview_id": await shop.preview_id(), "customer": {"email": "jane@shop.test"}}
        result = await shop.client.call_tool("create_checkout_session", sale)
        assert (result.is_error, len(shop.upstream.created)) == (refused, 0 if refused else 1)
