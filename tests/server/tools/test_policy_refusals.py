"""A refusal by the policy tells what is sold instead, or where to look, and who can decide."""

from typing import Any

import pytest

EBOOK: dict[str, Any] = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
CODE = {"problem": "is not a code that may be used here", "suggestion": "ask the buyer whether to go on without it"}
SEE_LIST = "list_products shows what is sold here"
INSTEAD = f"ask the buyer what they want instead; {SEE_LIST}"
NO_LIMIT = "has no limit in the policy and is refused"
TEN = ["AT", "BE", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE"]


def in_country(country: str) -> dict[str, Any]:
    return EBOOK | {"billing_address": {"country": country}}


AT_PREVIEW: dict[str, tuple[str, dict[str, Any], str, list[dict[str, str]]]] = {
    "a product": (
        '[allow]\nproducts = ["prod_x"]',
        EBOOK,
        "fix_and_retry",
        [
            {
                "path": "product_cart[0].product_id",
                "problem": "is not a product that may be sold here",
                "suggestion": "sold here: prod_x; list_products says what they are",
            }
        ],
    ),
    "an amount, once though it is charged again and again": (
        "[limits]\nmax_total = { USD = 100 }",
        {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]},
        "ask_human",
        [
            {
                "path": "product_cart",
                "problem": "costs more than the policy allows",
                "suggestion": f"the limit for one charge is USD 1.00; {INSTEAD}",
            }
        ],
    ),
    "an amount in a currency without decimals": (
        "[limits]\nmax_total = { JPY = 1499 }",
        {"product_cart": [{"product_id": "prod_tokyo_guide", "quantity": 1}]},
        "ask_human",
        [
            {
                "path": "product_cart",
                "problem": "costs more than the policy allows",
                "suggestion": f"the limit for one charge is JPY 1,499; {INSTEAD}",
            }
        ],
    ),
    "a currency": (
        '[limits]\nmax_total = { EUR = 100, GBP = 100 }\n[allow]\ncurrencies = ["EUR"]',
        EBOOK,
        "fix_and_retry",
        [
            {
                "path": "billing_currency",
                "problem": "is not a currency that is sold in",
                "suggestion": "sold in: EUR",
            },
            {"path": "billing_currency", "problem": NO_LIMIT, "suggestion": "sold in: EUR, GBP"},
        ],
    ),
    "a collection": (
        "[limits]\nmax_total = { USD = 99999999 }",
        {"product_cart": [], "product_collection_id": "pdc_starters"},
        "fix_and_retry",
        [
            {
                "path": "product_collection_id",
                "problem": "cannot be checked against the policy",
                "suggestion": f"name the products; {SEE_LIST}",
            }
        ],
    ),
    "a collection, whose lines nobody knows": (
        "[limits]\nmax_quantity = 1",
        {"product_cart": [], "product_collection_id": "pdc_starters"},
        "fix_and_retry",
        [
            {
                "path": "product_collection_id",
                "problem": "cannot be checked against the policy",
                "suggestion": f"name the products; {SEE_LIST}",
            }
        ],
    ),
    "a quantity": (
        "[limits]\nmax_quantity = 3",
        {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 4}]},
        "ask_human",
        [
            {
                "path": "product_cart[0].quantity",
                "problem": "is above the limit",
                "suggestion": "ask the buyer whether at most 3 will do",
            }
        ],
    ),
    "the quantity of an add-on": (
        "[limits]\nmax_quantity = 3",
        {
            "product_cart": [
                {
                    "product_id": "prod_monthly_plan",
                    "quantity": 3,
                    "addons": [{"addon_id": "adn_extra_seat", "quantity": 4}],
                }
            ]
        },
        "ask_human",
        [
            {
                "path": "product_cart[0].addons[0].quantity",
                "problem": "is above the limit",
                "suggestion": "ask the buyer whether at most 3 will do",
            }
        ],
    ),
    "codes, each by its place": (
        '[allow]\ndiscount_codes = ["WELCOME10"]',
        EBOOK | {"discount_codes": ["SAVE20", "welcome10", "FREE100"]},
        "ask_human",
        [
            {"path": "discount_codes[0]", **CODE},
            {"path": "discount_codes[2]", **CODE, "suggestion": "as for discount_codes[0]"},
        ],
    ),
    "the old code": (
        "[allow]\ndiscount_codes = []",
        EBOOK | {"discount_code": "SAVE20"},
        "ask_human",
        [{"path": "discount_code", **CODE}],
    ),
    "no country": (
        '[allow]\ncountries = ["GB"]',
        EBOOK,
        "ask_human",
        [
            {
                "path": "billing_address.country",
                "problem": "must be given",
                "suggestion": "ask the buyer for their billing country",
            }
        ],
    ),
    "a country, with as many as are read out": (
        f"[allow]\ncountries = {TEN}",
        in_country("US"),
        "ask_human",
        [
            {
                "path": "billing_address.country",
                "problem": "is not a country that is sold to",
                "suggestion": f"sold to: {', '.join(TEN)}",
            }
        ],
    ),
    "a country, with more than are read out": (
        f"[allow]\ncountries = {[*TEN, 'IT']}",
        in_country("US"),
        "ask_human",
        [
            {
                "path": "billing_address.country",
                "problem": "is not a country that is sold to",
                "suggestion": "the operator's policy lists what is",
            }
        ],
    ),
    "a country, with none that is allowed": (
        "[allow]\ncountries = []",
        in_country("US"),
        "ask_human",
        [
            {
                "path": "billing_address.country",
                "problem": "is not a country that is sold to",
                "suggestion": "nothing is allowed by the operator's policy",
            }
        ],
    ),
}


@pytest.mark.requirement("policy.instead")
@pytest.mark.parametrize("case", AT_PREVIEW)
async def test_a_refused_order_tells_what_is_sold_instead_and_who_decides(open_memory_shop: Any, case: str) -> None:
    policy, order, retry, problems = AT_PREVIEW[case]
    async with open_memory_shop(policy=policy) as shop:
        error = await shop.refusal("preview_checkout", order)
        assert (error["code"], error["retry"], error["problems"]) == ("policy_denied", retry, problems)


ELSEWHERE = {"return_url": "https://elsewhere.example/done"}
AT_CREATION: dict[str, tuple[str, dict[str, Any], str]] = {
    "the product": ('[allow]\nproducts = ["prod_x"]', {}, "new_preview"),
    "the amount": ("[limits]\nmax_total = { USD = 100 }", {}, "ask_human"),
    "the currency": ('[allow]\ncurrencies = ["EUR"]', {}, "new_preview"),
    "the order and the page": (
        '[allow]\nproducts = ["prod_x"]\nreturn_hosts = ["shop.example"]',
        ELSEWHERE,
        "new_preview",
    ),
    "the page": ('[allow]\nreturn_hosts = ["shop.example"]', ELSEWHERE, "fix_and_retry"),
    "the mandate": (
        "[limits]\nmax_total = { USD = 99999 }",
        {"mandate_min_amount_inr_paise": 100},
        "fix_and_retry",
    ),
    "the code": ("[allow]\ndiscount_codes = []", {}, "ask_human"),
    "the country": ('[allow]\ncountries = ["GB"]', {}, "ask_human"),
    "the product and the code": ('[allow]\nproducts = ["prod_x"]\ndiscount_codes = []', {}, "ask_human"),
}


@pytest.mark.requirement("policy.instead")
@pytest.mark.parametrize("case", AT_CREATION)
async def test_at_the_creation_only_a_new_preview_can_change_the_order(open_memory_shop: Any, case: str) -> None:
    policy, sale, retry = AT_CREATION[case]
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id(**in_country("US"), discount_codes=["SAVE20"])
    async with open_memory_shop(policy=policy) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": preview_id, **sale})
        assert (error["code"], error["retry"], shop.upstream.created) == ("policy_denied", retry, [])


MANDATES: dict[str, tuple[str, dict[str, str]]] = {
    "above the limit": (
        "{ USD = 99999, INR = 99 }",
        {
            "problem": "costs more than the policy allows",
            "suggestion": "the limit for one charge is INR 0.99; leave it out",
        },
    ),
    "without a limit": ("{ USD = 99999 }", {"problem": NO_LIMIT, "suggestion": "leave it out"}),
}


@pytest.mark.requirement("policy.instead")
@pytest.mark.parametrize("case", MANDATES)
async def test_a_mandate_that_is_refused_can_be_left_out(open_memory_shop: Any, case: str) -> None:
    limits, problem = MANDATES[case]
    async with open_memory_shop(policy=f"[limits]\nmax_total = {limits}") as shop:
        sale = {"preview_id": await shop.preview_id(), "mandate_min_amount_inr_paise": 100}
        error = await shop.refusal("create_checkout_session", sale)
        assert error["problems"] == [{"path": "mandate_min_amount_inr_paise", **problem}]


@pytest.mark.requirement("policy.order")
@pytest.mark.parametrize("limits", ["max_total = { USD = 99999999 }", "max_quantity = 100"])
async def test_add_ons_that_a_buyer_may_add_on_the_page_are_refused_under_a_limit(
    open_memory_shop: Any, limits: str
) -> None:
    async with open_memory_shop(policy=f"[limits]\n{limits}") as shop:
        sale = {"preview_id": await shop.preview_id(), "feature_flags": {"allow_editing_addons": True}}
        error = await shop.refusal("create_checkout_session", sale)
        assert (error["code"], error["retry"], shop.upstream.created) == ("policy_denied", "fix_and_retry", [])
        assert error["problems"] == [
            {
                "path": "feature_flags.allow_editing_addons",
                "problem": "lets the buyer add what no limit can bound",
                "suggestion": "leave it out",
            }
        ]
        await shop.call("create_checkout_session", sale | {"feature_flags": {"allow_editing_addons": False}})
