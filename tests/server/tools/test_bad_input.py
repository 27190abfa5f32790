# ruff: noqa: E501 - a case reads best on a line
"""Bad input: one answer with every problem, by field, without values; nothing is sent, and the server goes on."""

import json
from typing import Any

import pytest

SECRET = "hunter2"
CART = [{"product_id": "prod_123", "quantity": 1}]


def cart(**item: Any) -> dict[str, Any]:
    return {"product_cart": [{"product_id": "prod_123", "quantity": 1} | item]}


PREVIEWS: dict[str, tuple[dict[str, Any], dict[str, str | None]]] = {
    "nothing": ({}, {"product_cart": "give 1 to 20 objects with product_id and quantity, or a product_collection_id"}),
    "an empty cart": ({"product_cart": []}, {"product_cart": "give 1 to 20 objects with product_id and quantity, or a product_collection_id"}),
    "21 products": ({"product_cart": CART * 21}, {"product_cart": "give at most 20"}),
    "21 codes": ({"product_cart": CART, "discount_codes": [f"A{n}" for n in range(21)]}, {"discount_codes": "give at most 20"}),
    "a code given twice": (
        {"product_cart": CART, "discount_codes": [SECRET, f" {SECRET.upper()} "]},
        {"discount_codes[1]": "give each code once, in the order in which they apply"},
    ),
    "both kinds of code": (
        {"product_cart": CART, "discount_codes": ["A"], "discount_code": "B"},
        {"discount_code": "put every code into discount_codes"},
    ),
    "quantity 0": (cart(quantity=0), {"product_cart[0].quantity": "use at least 1, or leave the whole row out"}),
    "quantity 10^12": (cart(quantity=10**12), {"product_cart[0].quantity": "use at most 2147483647"}),
    "a quantity in words": (cart(quantity="two"), {"product_cart[0].quantity": "give a whole number, such as 1 or 2"}),
    "a quantity that is true": (cart(quantity=True), {"product_cart[0].quantity": "give a whole number, such as 1 or 2"}),
    "half a product": (cart(quantity=1.5), {"product_cart[0].quantity": "give a whole number, such as 1 or 2"}),
    "an unknown field": (cart(qantity=2), {"product_cart[0].qantity": "did you mean quantity?"}),
    "a misplaced field": (
        {"product_cart": CART, "email": SECRET},
        {"email": "it is customer.email of create_checkout_session, after the preview"},
    ),
    "a field of the other tool": (
        {"product_cart": CART, "customer": {"email": SECRET}},
        {"customer": "give it to create_checkout_session, after the preview"},
    ),
    "a field whose name is a value": (
        {"product_cart": CART, "hunter 2": 1},
        {
            "?": "leave it out; the fields here are product_cart, product_collection_id, billing_address, "
            "billing_currency, discount_codes, tax_id, customer_business_name, subscription_data, locale"
        },
    ),
    "an unknown country": (
        {"product_cart": CART, "billing_address": {"country": "UK"}},
        {"billing_address.country": "did you mean GB?"},
    ),
    "the name of a currency": ({"product_cart": CART, "billing_currency": "US dollars"}, {"billing_currency": "did you mean USD?"}),
    "an address without a country": (
        {"product_cart": CART, "billing_address": {"city": SECRET}},
        {"billing_address.country": "ask the buyer for their country and give its 2 letters, such as US"},
    ),
    "a tax id without a country": (
        {"product_cart": CART, "tax_id": SECRET},
        {"billing_address.country": "ask the buyer for it and add billing_address, or leave tax_id out"},
    ),
    "a trial of 10001 days": (
        {"product_cart": CART, "subscription_data": {"trial_period_days": 10001}},
        {"subscription_data.trial_period_days": "use at most 10000"},
    ),
    "a text too long": ({"product_cart": CART, "tax_id": SECRET * 100, "billing_address": {"country": "DE"}}, {"tax_id": "use at most 64 characters"}),
    "a control character": (
        {"product_cart": CART, "customer_business_name": SECRET + "\x00"},
        {"customer_business_name": "remove line breaks, tabs and other control characters"},
    ),
    "a list instead of an object": ({"product_cart": CART, "billing_address": [SECRET]}, {"billing_address": "give an object with country; optional: state, city, street, zipcode"}),
    "text instead of a list": ({"product_cart": SECRET}, {"product_cart": "give an array of objects with product_id and quantity; optional: amount, addons, credit_entitlements"}),
    "a cart of text": ({"product_cart": [SECRET]}, {"product_cart[0]": "give an object with product_id and quantity; optional: amount, addons, credit_entitlements"}),
}  # fmt: skip

CREATIONS: dict[str, tuple[dict[str, Any], dict[str, str | None]]] = {
    "http return_url": (
        {"return_url": f"http://{SECRET}.example"},
        {"return_url": "use https; plain http is for loopback addresses only"},
    ),
    "credentials in a URL": (
        {"return_url": f"https://shop.example@{SECRET}.example/"},
        {"return_url": "give https://, the host and the path, without a user name or password"},
    ),
    "a script as cancel_url": ({"cancel_url": "javascript:alert(1)"}, {"cancel_url": "use https://, the name of a host and a path, or leave it out"}),
    "a phone number without +": (
        {"customer": {"email": "a@b.co", "phone_number": "555 1234"}},
        {"customer.phone_number": "use E.164: + and 7 to 15 digits, such as +14155550123; ask the buyer for the country code"},
    ),
    "a new and an existing customer": (
        {"customer": {"customer_id": "cus_123", "email": "a@b.co"}},
        {"customer": "send customer_id alone, or email with name and phone_number"},
    ),
    "a customer without e-mail": (
        {"customer": {"name": SECRET}},
        {"customer.email": "add email, or give an existing customer_id alone"},
    ),
    "a saved method alone": (
        {"payment_method_id": "pm_1"},
        {
            "confirm": "set confirm to true, which a person must approve, or leave payment_method_id out",
            "customer.customer_id": "name the existing customer whose method it is",
        },
    ),
    "confirm without a customer": (
        {"confirm": True},
        {"customer": "add the customer's email or customer_id, or leave confirm out"},
    ),
    "a dropdown without options": (
        {"custom_fields": [{"key": "k", "label": "l", "field_type": "dropdown"}]},
        {"custom_fields[0].options": "list the choices"},
    ),
    "6 custom fields": (
        {"custom_fields": [{"key": "k", "label": "l", "field_type": "text"}] * 6},
        {"custom_fields": "give at most 5"},
    ),
    "require without allow": (
        {"feature_flags": {"require_phone_number": True, "allow_phone_number_collection": False}},
        {"feature_flags.allow_phone_number_collection": "set it to true or leave it out"},
    ),
    "require_tax_id without allow": (
        {"feature_flags": {"require_tax_id": True, "allow_tax_id": False}},
        {"feature_flags.allow_tax_id": "set it to true or leave it out"},
    ),
    "an unknown theme": ({"customization": {"theme": "drak"}}, {"customization.theme": "did you mean dark?"}),
    "an unknown language": ({"customization": {"force_language": "jp"}}, {"customization.force_language": "did you mean ja?"}),
    "an unknown payment method": (
        {"allowed_payment_method_types": ["Apple Pay"]},
        {"allowed_payment_method_types[0]": "did you mean apple_pay?"},
    ),
    "50 metadata keys": ({"metadata": {f"k{n}": n for n in range(50)}}, {"metadata": "use at most 49"}),
    "our metadata key": ({"metadata": {"mcp_preview_id": SECRET}}, {"metadata.mcp_preview_id": "choose another key"}),
    "nested metadata": (
        {"metadata": {"k": {"deep": SECRET}}},
        {"metadata.k": "use strings, numbers or booleans as values"},
    ),
    "style in a colour": (
        {"customization": {"theme_config": {"light": {"bg_primary": "red;} body{"}}}},
        {"customization.theme_config.light.bg_primary": "use a CSS colour such as #fff or rgb(0, 0, 0)"},
    ),
    "fields of the preview": (
        {"product_cart": CART},
        {"product_cart": "give it to preview_checkout, whose preview_id brings it here"},
    ),
}  # fmt: skip


async def assert_refused(shop: Any, tool: str, arguments: dict[str, Any], expected: dict[str, str | None]) -> None:
    result = await shop.client.call_tool(tool, arguments)
    error = result.structured_content["error"]
    assert result.is_error
    assert (error["code"], error["retry"]) == ("invalid_request", "fix_and_retry")
    assert {problem["path"]: problem.get("suggestion") for problem in error["problems"]} == expected
    answer = json.dumps(result.structured_content) + result.content[0].text
    assert SECRET not in answer
    assert all(path in result.content[0].text for path in expected)


@pytest.mark.requirement("error.whole")
async def test_a_bad_order_is_refused_with_all_its_problems(open_shop: Any, subtests: pytest.Subtests) -> None:
    async with open_shop() as shop:
        for case, (arguments, expected) in PREVIEWS.items():
            with subtests.test(case):
                await assert_refused(shop, "preview_checkout", arguments, expected)
        assert shop.upstream.requests == []


@pytest.mark.requirement("error.whole")
async def test_a_bad_sale_is_refused_with_all_its_problems(open_shop: Any, subtests: pytest.Subtests) -> None:
    async with open_shop() as shop:
        for case, (arguments, expected) in CREATIONS.items():
            with subtests.test(case):
                await assert_refused(shop, "create_checkout_session", {"preview_id": "prv_x", **arguments}, expected)
        assert shop.upstream.requests == []


@pytest.mark.requirement("error.whole")
async def test_rules_between_the_two_halves_hold(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id(billing_address={"country": "US"})
        sale = {"preview_id": preview_id, "confirm": True, "customer": {"email": "a@b.co"}}
        full = await shop.refusal("create_checkout_session", sale)
        minimal = await shop.refusal("create_checkout_session", sale | {"minimal_address": True})
        tax = await shop.refusal(
            "create_checkout_session", sale | {"minimal_address": True, "feature_flags": {"require_tax_id": True}}
        )
        assert {problem["path"] for problem in full["problems"]} == {
            f"billing_address.{name}" for name in ("state", "city", "street", "zipcode")
        }
        assert [problem["path"] for problem in minimal["problems"]] == ["billing_address.zipcode"]
        single = await shop.refusal("create_checkout_session", sale | {"feature_flags": {"single_page": True}})
        assert [problem["path"] for problem in tax["problems"]] == ["billing_address.zipcode", "tax_id"]
        assert single == minimal
        assert shop.upstream.created == []


@pytest.mark.requirement("error.said_once")
async def test_a_repair_is_said_once(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id(billing_address={"country": "US"})
        sale = {"preview_id": preview_id, "confirm": True, "customer": {"email": "a@b.co"}}
        result = await shop.client.call_tool("create_checkout_session", sale)
        assert result.content[0].text.split("\n")[1:-1] == [
            "- billing_address.state is required with confirm: make a new preview with it, or leave confirm out",
            "- billing_address.city is required with confirm: as for billing_address.state",
            "- billing_address.street is required with confirm: as for billing_address.state",
            "- billing_address.zipcode is required with confirm: as for billing_address.state",
        ]
        shop.upstream.statuses["/checkouts/preview"] = 422
        shop.upstream.rewrites["/checkouts/preview"] = lambda _quote: {"code": "INVALID_DISCOUNT_CODE", "message": "x"}
        refused = await shop.refusal("preview_checkout", {"product_cart": CART, "discount_codes": ["A"]})
        assert refused["problems"] == [{"path": "discount_codes", "problem": "was refused by the payment API"}]


@pytest.mark.requirement("error.whole")
async def test_all_problems_come_at_once(open_shop: Any) -> None:
    async with open_shop() as shop:
        error = await shop.refusal(
            "preview_checkout",
            {"product_cart": [{"product_id": "", "quantity": -1}], "billing_adress": {}, "locale": 5, "tax_id": "x"},
        )
        assert [problem["path"] for problem in error["problems"]] == [
            "product_cart[0].product_id",
            "product_cart[0].quantity",
            "locale",
            "billing_adress",
            "billing_address.country",
        ]
        await shop.preview_id()


@pytest.mark.requirement("error.whole")
async def test_a_long_list_of_problems_is_counted(open_shop: Any) -> None:
    async with open_shop() as shop:
        error = await shop.refusal("preview_checkout", {"product_cart": [{}] * 20})
        assert len(error["problems"]) == 20
        assert error["problems"][-1] == {
            "path": "arguments",
            "problem": "have 21 more problems",
            "suggestion": "mend these first",
        }


@pytest.mark.requirement("error.whole")
async def test_text_beyond_the_basic_plane_arrives(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id()
        customer = {"email": "jäne@exämple.com", "name": "𝒥ane 🎁 李"}
        await shop.call("create_checkout_session", {"preview_id": preview_id, "customer": customer})
        assert [body["customer"] for body in shop.upstream.created] == [customer]


@pytest.mark.requirement("error.no_crash")
async def test_deep_nesting_is_a_refusal(open_shop: Any) -> None:
    deep: Any = SECRET
    for _ in range(150):
        deep = [deep]
    async with open_shop() as shop:
        error = await shop.refusal("preview_checkout", {"product_cart": deep, "billing_address": deep})
        assert error["code"] == "invalid_request"


@pytest.mark.requirement("error.data_is_data")
async def test_an_unknown_tool_is_a_protocol_error_that_repeats_nothing(open_shop: Any) -> None:
    from mcp.shared.exceptions import MCPError

    async with open_shop() as shop:
        with pytest.raises(MCPError) as caught:
            await shop.client.call_tool(SECRET, {})
        assert SECRET not in str(caught.value)
        await shop.preview_id()
