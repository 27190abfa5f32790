"""Each recipe of docs/policy.md is a policy that forbids what it says, in a real server, and allows the rest."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.principal import Principal, Scope
from checkout_server.cli.policy.checking import check_file
from docs.generate.documents import ROOT
from documented import fences_of
from orders import CONFIRMED, ORDER

pytestmark = pytest.mark.thorough

Check = Callable[[Any], Awaitable[None]]
RECIPES = {fence.heading: fence.text for fence in fences_of(ROOT / "docs" / "policy.md") if fence.language == "toml"}
EBOOK = "prod_ebook_guide"


def cart(product_id: str = EBOOK, quantity: int = 1, **order: Any) -> dict[str, Any]:
    return {"product_cart": [{"product_id": product_id, "quantity": quantity}]} | order


async def denied(shop: Any, order: dict[str, Any], *paths: str) -> None:
    error = await shop.refusal("preview_checkout", order)
    assert (error["code"], [each["path"] for each in error["problems"]]) == ("policy_denied", list(paths))


async def refused(shop: Any, order: dict[str, Any], code: str, *paths: str, **sale: Any) -> None:
    preview = await shop.call("preview_checkout", order)
    error = await shop.refusal("create_checkout_session", {"preview_id": preview["preview_id"]} | sale)
    assert (error["code"], [each["path"] for each in error.get("problems", [])]) == (code, list(paths))


async def sold(shop: Any, order: dict[str, Any], **sale: Any) -> dict[str, Any]:
    preview = await shop.call("preview_checkout", order)
    return await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]} | sale)


async def amounts(shop: Any) -> None:
    await denied(shop, cart("prod_laptop"), "product_cart")
    await denied(shop, cart("prod_tokyo_guide"), "billing_currency")
    await sold(shop, cart())


async def products(shop: Any) -> None:
    await denied(shop, cart("prod_mouse"), "product_cart[0].product_id")
    listed = await shop.call("list_products", {})
    assert {row["product_id"] for row in listed["products"]} == {"prod_monthly_plan", EBOOK}
    await sold(shop, cart())


async def codes(shop: Any) -> None:
    await denied(shop, cart(discount_codes=["SAVE20"]), "discount_codes[0]")
    await sold(shop, cart(discount_codes=["WELCOME10"]))


async def places(shop: Any) -> None:
    await denied(shop, cart(billing_address={"country": "GB"}), "billing_address.country")
    await denied(shop, cart(), "billing_address.country")
    await denied(shop, cart(billing_address={"country": "US"}, billing_currency="EUR"), "billing_currency")
    await sold(shop, cart(billing_address={"country": "US"}))


async def small_orders(shop: Any) -> None:
    await denied(shop, cart(quantity=6), "product_cart[0].quantity")
    await sold(shop, cart(quantity=5))


async def sales_an_hour(shop: Any) -> None:
    for _ in range(60):
        await sold(shop, cart())
    await refused(shop, cart(), "policy_denied")


async def pace(shop: Any) -> None:
    for _ in range(20):
        await sold(shop, cart())
    preview = await shop.call("preview_checkout", cart())
    error = await shop.refusal("create_checkout_session", {"preview_id": preview["preview_id"]})
    assert (error["code"], error["retry"]) == ("rate_limited", "retry_later")
    for _ in range(99):
        await shop.call("preview_checkout", cart())
    assert (await shop.refusal("preview_checkout", cart()))["code"] == "rate_limited"


async def one_agent(shop: Any) -> None:
    await sold(shop, cart(quantity=3))
    await refused(shop, ORDER, "policy_denied", "payment_method_id", **CONFIRMED)
    shop.desk.principal = Principal("7" * 32, frozenset(Scope), "https://auth.example.com", "agent-7")
    await denied(shop, cart(quantity=3), "product_cart[0].quantity")


async def return_sites(shop: Any) -> None:
    await refused(shop, cart(), "policy_denied", "return_url", return_url="https://evil.example.net/")
    for url in ("https://shop.example.com/done", "https://a.example.org/", "myapp://done"):
        await sold(shop, cart(), return_url=url)


async def hosted_page_only(shop: Any) -> None:
    offered = {tool.name: tool.input_schema["properties"] for tool in (await shop.client.list_tools()).tools}
    assert offered["create_checkout_session"].keys() & {"confirm", "payment_method_id"} == set()
    await refused(shop, ORDER, "policy_denied", "confirm", **CONFIRMED)
    await sold(shop, ORDER)


async def person_above(shop: Any) -> None:
    await refused(shop, cart("prod_laptop"), "approval_required", "preview_id")
    await refused(shop, cart("prod_tokyo_guide"), "approval_required", "preview_id")
    await sold(shop, cart())


async def unattended(shop: Any) -> None:
    assert "payment_id" in await sold(shop, ORDER, **CONFIRMED)


async def saved_methods(shop: Any) -> None:
    tool = "list_saved_payment_methods"
    assert (await shop.refusal(tool, {"customer_id": "cus_123"}))["code"] == "policy_denied"
    await sold(shop, ORDER, customer={"customer_id": "cus_123"})
    assert (await shop.call(tool, {"customer_id": "cus_123"}))["payment_methods"]
    for _ in range(18):
        await shop.call(tool, {"customer_id": "cus_123"})
    assert (await shop.refusal(tool, {"customer_id": "cus_123"}))["code"] == "policy_denied"


async def no_saved_methods(shop: Any) -> None:
    await refused(shop, ORDER, "policy_denied", "payment_method_id", **CONFIRMED)


async def licence_keys(shop: Any) -> None:
    session = await sold(shop, cart("prod_digital_product"))
    shop.upstream.sandbox.pay(shop.upstream.sandbox.sessions[session["session_id"]], "succeeded")
    told = await shop.call("get_checkout_session", {"session_id": session["session_id"]})
    assert len(told["shared"]["license_keys"]) == 1


async def short_prices(shop: Any) -> None:
    preview = await shop.call("preview_checkout", cart())
    now = shop.desk.clock()
    shop.desk.clock = lambda: now + 301
    error = await shop.refusal("create_checkout_session", {"preview_id": preview["preview_id"]})
    assert error["code"] == "preview_expired"
    shop.upstream.requests.clear()
    await sold(shop, cart())
    assert len(shop.upstream.bodies("POST", "/checkouts/preview")) == 2


async def two_years(shop: Any) -> None:
    assert shop.desk.policy.audit.keep_days == 2 * 365


async def careful(shop: Any) -> None:
    await denied(shop, cart("prod_laptop"), "product_cart[0].product_id")
    await denied(shop, cart(discount_codes=["WELCOME10"]), "discount_codes[0]")
    await refused(shop, cart("prod_monthly_plan", 8), "approval_required", "preview_id")
    await sold(shop, cart(), return_url="https://shop.example.com/done")


CHECKS: dict[str, Check] = {
    "Nothing above an amount": amounts,
    "Only some products": products,
    "Only the codes that you gave out": codes,
    "One currency, some countries": places,
    "Only small orders": small_orders,
    "A limited number of sales an hour": sales_an_hour,
    "No faster than a person": pace,
    "Less for one agent": one_agent,
    "Buyers come back to your sites only": return_sites,
    "Never charge without the hosted page": hosted_page_only,
    "Ask a person above an amount": person_above,
    "Charge without asking, in tests": unattended,
    "Sell to returning customers by their saved method": saved_methods,
    "No saved methods at all": no_saved_methods,
    "Let the agent hand over licence keys": licence_keys,
    "Trust a price for a shorter time": short_prices,
    "Keep the record for two years": two_years,
    "A careful live shop": careful,
}


@pytest.mark.requirement("docs.recipes")
def test_every_recipe_is_tried() -> None:
    assert CHECKS.keys() == RECIPES.keys()


@pytest.mark.requirement("docs.recipes")
@pytest.mark.parametrize("heading", CHECKS)
async def test_a_recipe_forbids_what_it_says_and_allows_the_rest(heading: str, open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=RECIPES[heading]) as shop:
        await CHECKS[heading](shop)


@pytest.mark.requirement("docs.recipes", "policy.check")
@pytest.mark.parametrize("heading", CHECKS)
def test_a_recipe_passes_the_check_of_a_file(heading: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(RECIPES[heading], encoding="utf-8")
    assert check_file(path) == 0
    assert capsys.readouterr().out.startswith(f"{path}: ok, sets ")
