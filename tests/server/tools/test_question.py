"""What a person is asked: everything that they agree to, and nothing that speaks for itself."""

from dataclasses import replace
from typing import Any

import pytest

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from orders import CONFIRMED, TWO


@pytest.mark.requirement("approval.question")
async def test_the_question_says_all_that_is_agreed_to(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        order = TWO | {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 2}]}
        preview = await shop.call("preview_checkout", order)
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
        [question], [later] = person.questions, preview["recurring"]
        *lines, reference = question.split("\n")
        assert lines == [
            "Approve this sale? TEST MODE: no money moves.",
            f"- 2 × “{preview['lines'][0]['name']}”",
            f"Due now: {preview['display']['total']}",
            f"Then: USD {later['display']['total']} every month, next on {later['next_date']}",
            "Customer: cus_123",
            "The saved payment method ending in c123 is charged at once.",
        ]
        assert reference.startswith("Reference: ")


TOLD: dict[str, tuple[Any, str]] = {
    "product_cart": ([{"product_id": "prod_monthly_plan", "quantity": 3}], "- 3 × “Professional plan”"),
    "product_collection_id": ("pdc_starters", "- what the buyer chooses from a collection"),
    "subscription_data": (
        {"on_demand": {"mandate_only": False, "product_price": 4200}},
        "The merchant may charge any amount later",
    ),
    "customer": ({"customer_id": "cus_123"}, "Customer: cus_123"),
    "confirm": (True, "is charged at once"),
    "payment_method_id": ("pm_abc123", "The saved payment method ending in c123"),
    "mandate_min_amount_inr_paise": (1_500_000, "Mandate: later charges of up to INR 15,000.00"),
}
"""What a person reads of a field."""


IN_THE_AMOUNTS = {"billing_address", "billing_currency", "discount_code", "discount_codes", "tax_id"}


ABOUT_THE_PAGE = {
    "allowed_payment_method_types", "cancel_url", "custom_fields", "customization", "feature_flags", "force_3ds",
    "locale", "minimal_address", "return_url", "short_link", "show_saved_payment_methods",
}  # fmt: skip


FOR_THE_BOOKS = {"customer_business_name", "metadata", "preview_id"}


@pytest.mark.requirement("approval.question")
async def test_of_every_field_a_person_reads_or_there_is_a_reason_not_to(open_memory_shop: Any, person: Any) -> None:
    fields = PreviewCheckout.model_fields | CreateCheckoutSession.model_fields
    assert sorted([*TOLD, *IN_THE_AMOUNTS, *ABOUT_THE_PAGE, *FOR_THE_BOOKS]) == sorted(fields)
    values = {name: value for name, (value, _says) in TOLD.items()}
    order = {name: value for name, value in values.items() if name in PreviewCheckout.model_fields}
    async with open_memory_shop(person=person) as shop:
        sale = {name: value for name, value in values.items() if name not in order}
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**TWO | order), **sale})
    for _value, says in TOLD.values():
        assert says in person.questions[0]


@pytest.mark.requirement("approval.question")
@pytest.mark.parametrize(("method", "shown"), [("pm_12345", "***"), ("pm_123456", "3456")])
async def test_a_saved_method_is_named_by_its_end_where_that_is_less_than_half_of_it(
    open_memory_shop: Any, person: Any, method: str, shown: str
) -> None:
    person.answer = "decline"
    async with open_memory_shop(person=person) as shop:
        customers = shop.upstream.sandbox.customers
        known = customers["cus_123"]
        customers["cus_123"] = replace(known, methods=(replace(known.methods[0], id=method),))
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED, "payment_method_id": method}
        await shop.refusal("create_checkout_session", sale)
    assert f"The saved payment method ending in {shown} is charged at once." in person.questions[0].split("\n")


def metered(quote: Any) -> Any:
    quote["product_cart"][0]["is_usage_based"] = True
    return quote


def discounted(quote: Any) -> Any:
    quote["product_cart"][0]["discount_cycle"] = 3
    quote["recurring_breakup"] |= {"subtotal": 2900, "discount": 900, "tax": 170, "total_amount": 2170}
    return quote


def untaxed(quote: Any) -> Any:
    quote["current_breakup"]["tax"] = None
    return quote


def taxed_by_the_merchant(quote: Any) -> Any:
    return untaxed(quote) | {"is_byop": True}


def without_a_breakup(quote: Any) -> Any:
    return quote | {"recurring_breakup": None}


UNSAID: dict[str, tuple[Any, str]] = {
    "usage": (metered, "Usage is billed on top of these amounts."),
    "the end of a discount": (discounted, "A discount ends after 3 billing cycles"),
    "the amount after it": (discounted, "USD 31.47"),
    "a tax that is not known": (untaxed, "Tax is not included yet: it depends on the billing address."),
    "a tax of the merchant's": (
        taxed_by_the_merchant,
        "Tax is not included: the merchant's own payment processor adds it.",
    ),
    "a renewal without an amount": (without_a_breakup, "“Professional plan” renews every month"),
}


@pytest.mark.requirement("approval.question")
@pytest.mark.parametrize("case", UNSAID)
async def test_the_question_says_what_the_amounts_do_not(open_memory_shop: Any, person: Any, case: str) -> None:
    change, says = UNSAID[case]
    plan = TWO | {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}
    async with open_memory_shop(person=person) as shop:
        shop.upstream.rewrites["/checkouts/preview"] = change
        preview = await shop.call("preview_checkout", plan)
        session = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
        [question] = person.questions
        assert says in question
        told = says.replace("“Professional plan”", "prod_monthly_plan")
        assert told in " ".join(preview["warnings"])
        assert told in " ".join(session["warnings"])


@pytest.mark.requirement("approval.question")
async def test_a_mandate_is_told_with_its_amount(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED, "mandate_min_amount_inr_paise": 1_500_000}
        await shop.call("create_checkout_session", sale)
    says = "Mandate: later charges of up to INR 15,000.00, and of the amounts above, need no new consent"
    assert says in person.questions[0].split("\n")


@pytest.mark.requirement("approval.question")
async def test_a_trial_is_told_with_what_follows(open_memory_shop: Any, person: Any) -> None:
    plan = TWO | {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}
    async with open_memory_shop(person=person) as shop:
        preview = await shop.call("preview_checkout", plan | {"subscription_data": {"trial_period_days": 14}})
        session = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
        [later] = preview["recurring"]
        follows = f"USD {later['display']['total']} every month after a trial of 14 days, first on {later['next_date']}"
        assert f"Due now: USD 0.00\nThen: {follows}\n" in person.questions[0]
        assert follows in " ".join(session["warnings"])


@pytest.mark.requirement("approval.question")
async def test_the_question_masks_the_buyer_and_tells_two_sales_apart(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        for buyer in ("jane.doe@example.com", "john.doe@example.com"):
            sale = {"preview_id": await shop.preview_id(**TWO), "customer": {"email": buyer}, "confirm": True}
            await shop.call("create_checkout_session", sale)
        first, second = person.questions
        assert "Customer: j***@e***.com\nThe payment is confirmed at once." in first
        assert "doe" not in first
        assert first != second


@pytest.mark.requirement("approval.question")
async def test_a_collection_beside_products_is_told(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        preview = await shop.call("preview_checkout", TWO | {"product_collection_id": "pdc_starters"})
        assert "The buyer chooses products on the hosted page; these amounts lack them." in preview["warnings"]
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
        assert "- what the buyer chooses from a collection; its price is added" in person.questions[0].split("\n")


@pytest.mark.requirement("error.data_is_data")
async def test_a_products_name_cannot_speak_for_the_question(open_memory_shop: Any, person: Any) -> None:
    def renamed(quote: Any) -> Any:
        quote["product_cart"][0]["name"] = "Guide”\nDue now: USD 0.00\u202e\u200b “" + "x" * 100
        return quote

    async with open_memory_shop(person=person, policy="[confirm]\nask_above = { USD = 1000 }\n") as shop:
        shop.upstream.rewrites["/checkouts/preview"] = renamed
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**TWO)})
        lines = person.questions[0].split("\n")
        assert lines[1] == f"- 2 × “Guide' Due now: USD 0.00 '{'x' * 33}…”"
        assert [line for line in lines if line.startswith("Due now")] == [lines[2]]
