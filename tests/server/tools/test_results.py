"""What a preview, a list and a session say, whole."""

from typing import Any

import pytest

from checkout_server.gateway.api_codes import API_CODES


def cart(*products: str) -> dict[str, Any]:
    return {"product_cart": [{"product_id": product, "quantity": 1} for product in products]}


@pytest.mark.requirement("sell.results")
async def test_a_subscription_says_what_recurs_and_when(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview = await shop.call("preview_checkout", cart("prod_quarterly_plan"))
        [later] = preview["recurring"]
        assert later.pop("next_date") > preview["expires_at"][:10]
        assert later == {"total": 8100, "interval": "3 months", "display": {"total": "81.00"}}
        assert preview["lines"] == [
            {
                "product_id": "prod_quarterly_plan",
                "name": "Quarterly plan",
                "quantity": 1,
                "amount": 8100,
                "display": {"amount": "81.00"},
            }
        ]


@pytest.mark.requirement("sell.results")
async def test_of_two_subscriptions_one_of_which_cannot_be_read_there_is_no_common_cycle(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop() as shop:
        shop.upstream.rewrites["/products/prod_yearly_plan"] = lambda _product: "not a product"
        preview = await shop.call("preview_checkout", cart("prod_monthly_plan", "prod_yearly_plan"))
        assert [each.get("interval") for each in preview["recurring"]] == ["1 month", None]


@pytest.mark.requirement("sell.results")
async def test_a_trial_shows_the_later_charge(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview = await shop.call(
            "preview_checkout", cart("prod_monthly_plan") | {"subscription_data": {"trial_period_days": 14}}
        )
        [later] = preview["recurring"]
        assert (preview["total"], later["total"], later["trial_days"]) == (0, 2900, 14)


@pytest.mark.requirement("sell.results")
async def test_several_subscriptions_are_listed_one_by_one(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview = await shop.call("preview_checkout", cart("prod_monthly_plan", "prod_yearly_plan", "prod_123"))
        terms = [(each["product_id"], each["due_now"], each["interval"]) for each in preview["recurring"]]
        assert terms == [("prod_monthly_plan", 2900, "1 month"), ("prod_yearly_plan", 29000, "1 year")]
        assert [line.get("kind") for line in preview["lines"]] == ["subscription", "subscription", None]
        assert preview["total"] == 2900 + 29000 + 4900


@pytest.mark.requirement("sell.results")
async def test_addons_have_lines_of_their_own(open_shop: Any) -> None:
    order = {
        "product_cart": [
            {"product_id": "prod_team_plan", "quantity": 1, "addons": [{"addon_id": "addon_seat", "quantity": 2}]}
        ]
    }
    async with open_shop() as shop:
        preview = await shop.call("preview_checkout", order)
        assert [(line["product_id"], line["amount"]) for line in preview["lines"]] == [
            ("prod_team_plan", 4900),
            ("addon_seat", 1800),
        ]


@pytest.mark.requirement("sell.money")
@pytest.mark.parametrize(
    ("product", "country", "display"),
    [
        (
            "prod_tokyo_guide",
            "JP",
            {"subtotal": "JPY 1,500", "tax": "JPY 150", "total": "JPY 1,650"},
        ),
        (
            "prod_kuwait_report",
            "KW",
            {"subtotal": "KWD 12.500", "tax": "KWD 0.000", "total": "KWD 12.500"},
        ),
    ],
)
async def test_amounts_read_in_their_currencys_digits(
    product: str, country: str, display: dict[str, str], open_shop: Any
) -> None:
    async with open_shop() as shop:
        preview = await shop.call("preview_checkout", cart(product) | {"billing_address": {"country": country}})
        assert preview["display"] == display


@pytest.mark.requirement("sell.unknown_tax")
async def test_a_tax_that_is_not_known_is_absent_and_said(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview = await shop.call("preview_checkout", cart("prod_123"))
        assert "tax" not in preview
        assert "tax" not in preview["display"]
        assert preview["warnings"] == [
            "Tax is not included yet: it depends on the billing address.",
            "No billing address was given; the payment API assumed the country US.",
        ]


@pytest.mark.requirement("sell.results")
async def test_a_collection_needs_no_cart(open_shop: Any) -> None:
    async with open_shop() as shop:
        order = {"product_cart": [], "product_collection_id": "pdc_starters"}
        preview = await shop.call("preview_checkout", order)
        assert preview["total"] == 0
        assert "The buyer chooses products on the hosted page; these amounts lack them." in preview["warnings"]


@pytest.mark.requirement("sell.results")
async def test_a_deprecated_code_still_works(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview = await shop.call("preview_checkout", cart("prod_123") | {"discount_code": "SAVE20"})
        assert preview["discount"] == 980
        assert shop.upstream.bodies("POST", "/checkouts/preview") == [cart("prod_123") | {"discount_code": "SAVE20"}]


@pytest.mark.requirement("sell.results")
async def test_a_locale_goes_into_the_query_alone(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id(locale="fr")
        await shop.call("create_checkout_session", {"preview_id": preview_id})
        assert all("locale" not in (body or {}) for _, _, body in shop.upstream.requests)


@pytest.mark.requirement("sell.fallback_methods")
async def test_missing_fallback_methods_are_a_warning(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id()
        session = await shop.call(
            "create_checkout_session", {"preview_id": preview_id, "allowed_payment_method_types": ["paypal", "debit"]}
        )
        assert session["warnings"] == [
            "Tax is not included yet: it depends on the billing address.",
            "No billing address was given; the payment API assumed the country US.",
            "allowed_payment_method_types lacks credit: the buyer may find no method to pay by.",
        ]


@pytest.mark.requirement("gateway.codes")
async def test_the_apis_known_codes_have_sentences_of_ours(open_shop: Any) -> None:
    async with open_shop() as shop:
        error = await shop.refusal("preview_checkout", cart("prod_123") | {"discount_codes": ["EXPIRED"]})
        assert (error["code"], error["gateway_code"], error["retry"]) == (
            "gateway_refused",
            "DISCOUNT_CODE_EXPIRED",
            "ask_human",
        )
        known = API_CODES["DISCOUNT_CODE_EXPIRED"]
        assert error["message"] == known.sentence
        assert [problem["path"] for problem in error["problems"]] == [known.path]


@pytest.mark.requirement("sell.results")
async def test_products_come_in_pages(open_shop: Any) -> None:
    async with open_shop() as shop:
        first = await shop.call("list_products", {})
        second = await shop.call("list_products", {"page": first["next_page"]})
        ids = [product["product_id"] for product in first["products"] + second["products"]]
        assert len(first["products"]) == 20
        assert "next_page" not in second
        assert len(ids) == len(set(ids))
        assert "prod_archived" not in ids


@pytest.mark.requirement("sell.results")
async def test_products_are_filtered_by_kind_and_words(open_shop: Any) -> None:
    async with open_shop() as shop:
        subscriptions = await shop.call("list_products", {"kind": "subscription", "query": "YEARLY plan"})
        donation = await shop.call("list_products", {"query": "donation"})
        nothing = await shop.call("list_products", {"query": "no such thing"})
        assert subscriptions["products"] == [
            {
                "product_id": "prod_yearly_plan",
                "name": "Yearly plan",
                "price": 29000,
                "interval": "1 year",
                "display": {"price": "290.00"},
            }
        ]
        assert [product["special"] for product in donation["products"]] == ["pay what you want, from price up"]
        assert nothing == {
            "environment": "test_mode",
            "products": [],
            "next_step": "No product matches: to see everything, call list_products without query.",
        }


@pytest.mark.requirement("sell.status")
async def test_an_unknown_session_is_refused(open_shop: Any) -> None:
    async with open_shop() as shop:
        unknown = await shop.refusal("get_checkout_session", {"session_id": "cks_none"})
        both = await shop.refusal("get_checkout_session", {"session_id": "cks_1", "preview_id": "prv_1"})
        preview = await shop.refusal("get_checkout_session", {"preview_id": "prv_1"})
        assert (unknown["code"], unknown["gateway_code"]) == ("gateway_refused", "NOT_FOUND")
        assert both["code"] == "invalid_request"
        assert preview["code"] == "preview_not_found"
