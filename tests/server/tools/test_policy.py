"""What a policy forbids is refused at the preview where it can be, and again at the creation."""

from datetime import UTC, datetime
from typing import Any

import pytest

from orders import CONFIRMED

EBOOK: dict[str, Any] = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
MONTHLY: dict[str, Any] = {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}


def denied(*paths: str) -> tuple[str, list[str]]:
    return "policy_denied", list(paths)


async def refused(shop: Any, tool: str, arguments: dict[str, Any]) -> tuple[str, list[str]]:
    error = await shop.refusal(tool, arguments)
    return error["code"], [each["path"] for each in error.get("problems", [])]


AT_PREVIEW: dict[str, tuple[str, dict[str, Any], str]] = {
    "total": ("[limits]\nmax_total = { USD = 1899 }", EBOOK, "product_cart"),
    "renewal": (
        "[limits]\nmax_total = { USD = 100 }",
        MONTHLY | {"subscription_data": {"trial_period_days": 14}},
        "product_cart",
    ),
    "currency without a limit": ("[limits]\nmax_total = { EUR = 99999999 }", EBOOK, "billing_currency"),
    "quantity": (
        "[limits]\nmax_quantity = 2",
        {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 3}]},
        "product_cart[0].quantity",
    ),
    "quantity of an add-on": (
        "[limits]\nmax_quantity = 2",
        {
            "product_cart": [
                {"product_id": "prod_team_plan", "quantity": 1, "addons": [{"addon_id": "addon_seat", "quantity": 3}]}
            ]
        },
        "product_cart[0].addons[0].quantity",
    ),
    "product": ('[allow]\nproducts = ["prod_monthly_plan"]', EBOOK, "product_cart[0].product_id"),
    "no product at all": ("[allow]\nproducts = []", EBOOK, "product_cart[0].product_id"),
    "discount code": (
        '[allow]\ndiscount_codes = ["WELCOME10"]',
        EBOOK | {"discount_codes": ["WELCOME10", "SAVE20"]},
        "discount_codes[1]",
    ),
    "the old discount code": (
        '[allow]\ndiscount_codes = ["WELCOME10"]',
        EBOOK | {"discount_code": "SAVE20"},
        "discount_code",
    ),
    "currency": ('[allow]\ncurrencies = ["EUR"]', EBOOK, "billing_currency"),
    "country": (
        '[allow]\ncountries = ["GB"]',
        EBOOK | {"billing_address": {"country": "US"}},
        "billing_address.country",
    ),
    "no country": ('[allow]\ncountries = ["GB"]', EBOOK, "billing_address.country"),
    "collection": (
        "[limits]\nmax_total = { USD = 99999999 }",
        {"product_cart": [], "product_collection_id": "pdc_starters"},
        "product_collection_id",
    ),
}


@pytest.mark.requirement("policy.order")
@pytest.mark.parametrize("case", AT_PREVIEW)
async def test_a_forbidden_order_is_refused_at_the_preview(open_memory_shop: Any, case: str) -> None:
    policy, order, path = AT_PREVIEW[case]
    async with open_memory_shop(policy=policy) as shop:
        assert await refused(shop, "preview_checkout", order) == denied(path)
        assert shop.upstream.created == []


WITHIN: dict[str, tuple[str, dict[str, Any]]] = {
    "total": ("[limits]\nmax_total = { USD = 1900 }", EBOOK),
    "quantity": (
        "[limits]\nmax_quantity = 3",
        {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 3}]},
    ),
    "product": ('[allow]\nproducts = ["prod_ebook_guide"]', EBOOK),
    "discount code": ('[allow]\ndiscount_codes = ["SAVE20"]', EBOOK | {"discount_codes": ["SAVE20"]}),
    "no discount code": ("[allow]\ndiscount_codes = []", EBOOK),
    "currency": ('[allow]\ncurrencies = ["USD"]', EBOOK),
    "country": ('[allow]\ncountries = ["US"]', EBOOK | {"billing_address": {"country": "US"}}),
}


@pytest.mark.requirement("policy.order")
@pytest.mark.parametrize("case", WITHIN)
async def test_what_the_policy_allows_is_sold(open_memory_shop: Any, case: str) -> None:
    policy, order = WITHIN[case]
    async with open_memory_shop(policy=policy) as shop:
        preview = await shop.call("preview_checkout", order)
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})


@pytest.mark.requirement("policy.order")
async def test_everything_that_is_forbidden_is_said_at_once(open_memory_shop: Any) -> None:
    policy = '[limits]\nmax_quantity = 1\n[allow]\nproducts = ["prod_x"]\ncountries = ["GB"]\n'
    order = {"product_cart": [{"product_id": "prod_y", "quantity": 2}], "billing_address": {"country": "US"}}
    async with open_memory_shop(policy=policy) as shop:
        error = await shop.refusal("preview_checkout", order)
        assert error == {
            "code": "policy_denied",
            "message": "The operator's policy does not allow this. Nothing was created.",
            "problems": [
                {
                    "path": "product_cart[0].product_id",
                    "problem": "is not a product that may be sold here",
                    "suggestion": "sold here: prod_x; list_products says what they are",
                },
                {
                    "path": "product_cart[0].quantity",
                    "problem": "is above the limit",
                    "suggestion": "ask the buyer whether at most 1 will do",
                },
                {
                    "path": "billing_address.country",
                    "problem": "is not a country that is sold to",
                    "suggestion": "sold to: GB",
                },
            ],
            "retry": "ask_human",
        }
        assert shop.upstream.requests == []


@pytest.mark.requirement("policy.order")
async def test_a_policy_that_became_stricter_holds_for_earlier_previews(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id()
    for policy, path in (
        ("[limits]\nmax_total = { USD = 1899 }", "product_cart"),
        ('[allow]\nproducts = ["prod_monthly_plan"]', "product_cart[0].product_id"),
    ):
        async with open_memory_shop(policy=policy) as shop:
            assert await refused(shop, "create_checkout_session", {"preview_id": preview_id}) == denied(path)
            assert shop.upstream.created == []


@pytest.mark.requirement("policy.confirm")
async def test_confirm_can_be_forbidden(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(policy='[confirm]\nmode = "never"', person=person) as shop:
        sale = {"preview_id": await shop.preview_id(), **CONFIRMED}
        assert await refused(shop, "create_checkout_session", sale) == denied("confirm")
        assert (person.questions, shop.upstream.created) == ([], [])


@pytest.mark.requirement("policy.confirm")
async def test_saved_payment_methods_can_be_forbidden(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(policy="[confirm]\nsaved_payment_methods = false", person=person) as shop:
        sale = {"preview_id": await shop.preview_id(), **CONFIRMED}
        assert await refused(shop, "create_checkout_session", sale) == denied("payment_method_id")
        assert (person.questions, shop.upstream.created) == ([], [])


@pytest.mark.requirement("policy.hourly")
async def test_creations_of_an_hour_are_counted_over_restarts_and_replays_are_free(open_memory_shop: Any) -> None:
    policy = "[limits]\ncreations_per_hour = 2"
    async with open_memory_shop(policy=policy) as shop:
        first = await shop.preview_id()
        for _ in range(3):
            await shop.call("create_checkout_session", {"preview_id": first})
    async with open_memory_shop(policy=policy) as shop:
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id()})
        third = await shop.preview_id()
        error = await shop.refusal("create_checkout_session", {"preview_id": third})
        assert (error["code"], error["retry"]) == ("policy_denied", "retry_later")
        assert "limits.creations_per_hour" in error["message"]
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("policy.hourly")
async def test_nobody_is_asked_for_a_creation_that_the_hour_has_no_room_for(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(policy="[limits]\ncreations_per_hour = 0", person=person) as shop:
        preview_id = await shop.preview_id(billing_address={"country": "US", "zipcode": "94102"})
        sale = {"customer": {"email": "jane@example.com"}, "confirm": True, "minimal_address": True}
        error = await shop.refusal("create_checkout_session", sale | {"preview_id": preview_id})
        assert "limits.creations_per_hour" in error["message"]
        assert (person.questions, shop.upstream.created) == ([], [])


@pytest.mark.requirement("preview.expires")
async def test_a_preview_lives_as_long_as_the_policy_says(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy="[preview]\nttl_seconds = 7200") as shop:
        preview = await shop.call("preview_checkout", EBOOK)
        left = datetime.fromisoformat(preview["expires_at"]) - datetime.now(UTC)
        assert 7100 < left.total_seconds() <= 7200


@pytest.mark.requirement("policy.amounts")
@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        ("{ USD = 99999, INR = 1500000 }", True),
        ("{ USD = 99999, INR = 1499999 }", False),
        ("{ USD = 99999 }", False),
    ],
)
async def test_a_mandate_is_bounded_as_a_charge_is(open_memory_shop: Any, limits: str, allowed: bool) -> None:
    async with open_memory_shop(policy=f"[limits]\nmax_total = {limits}") as shop:
        sale = {"preview_id": await shop.preview_id(), "mandate_min_amount_inr_paise": 1_500_000}
        if allowed:
            await shop.call("create_checkout_session", sale)
        else:
            assert await refused(shop, "create_checkout_session", sale) == denied("mandate_min_amount_inr_paise")
            assert shop.upstream.created == []
