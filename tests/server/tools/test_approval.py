"""A person before any charge: asked over every transport in both eras, and only a yes creates."""

import asyncio
import time
from typing import Any

import pytest

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout

pytestmark = pytest.mark.requirement("approval.asked")

ORDER: dict[str, Any] = {
    "product_cart": [{"product_id": "prod_premium_plan", "quantity": 2}],
    "billing_address": {
        "country": "US",
        "state": "CA",
        "city": "San Francisco",
        "street": "1 Main St",
        "zipcode": "94102",
    },
}
SAVED = {"customer": {"customer_id": "cus_123"}, "payment_method_id": "pm_abc123", "confirm": True}
CONFIRMED = {"customer": {"email": "jane.doe@example.com", "name": "Jane Doe"}, "confirm": True}
ASK_ABOVE = "[confirm]\nask_above = { USD = 1000 }\n"


async def previewed(shop: Any, **order: Any) -> str:
    return (await shop.call("preview_checkout", ORDER | order))["preview_id"]


async def test_what_charges_is_asked_once_and_created_once_when_accepted(open_shop: Any, person: Any) -> None:
    async with open_shop(person=person) as shop:
        preview_id = await previewed(shop)
        session = await shop.call("create_checkout_session", {"preview_id": preview_id, **SAVED})
        assert (len(person.questions), len(shop.upstream.created)) == (1, 1)
        assert shop.upstream.created[0]["confirm"] is True
        again = await shop.call("create_checkout_session", {"preview_id": preview_id, **SAVED})
        assert again == session | {"replayed": True}
        assert (len(person.questions), len(shop.upstream.created)) == (1, 1)


ANSWERS = {
    "decline": "The person declined.",
    "cancel": "The person closed the question.",
    "untick": "The person refused.",
}


@pytest.mark.requirement("approval.only_yes")
async def test_whatever_is_not_a_yes_creates_nothing(open_shop: Any, person: Any, subtests: pytest.Subtests) -> None:
    async with open_shop(person=person) as shop:
        preview_id = await previewed(shop)
        for person.answer, says in ANSWERS.items():
            with subtests.test(person.answer):
                error = await shop.refusal("create_checkout_session", {"preview_id": preview_id, **CONFIRMED})
                assert (error["code"], error["retry"]) == ("approval_declined", "do_not_retry")
                assert error["message"].startswith(f"{says} Nothing was created.")
        assert shop.upstream.created == []
        person.answer = "accept"
        await shop.call("create_checkout_session", {"preview_id": preview_id, **CONFIRMED})
        assert (len(person.questions), len(shop.upstream.created)) == (4, 1)


@pytest.mark.requirement("approval.cannot_ask")
async def test_a_client_that_cannot_ask_is_told_to_use_the_hosted_page(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await previewed(shop)
        error = await shop.refusal("create_checkout_session", {"preview_id": preview_id, **SAVED})
        assert error == {
            "code": "approval_required",
            "message": "A person must approve this sale, and this client cannot ask one. Nothing was created.",
            "problems": [
                {
                    "path": "confirm",
                    "problem": "needs a person's approval",
                    "suggestion": "leave it out: the buyer then pays on the hosted page",
                },
                {
                    "path": "payment_method_id",
                    "problem": "needs a person's approval",
                    "suggestion": "leave it out with confirm: the buyer then pays on the hosted page",
                },
            ],
            "retry": "ask_human",
        }
        assert shop.upstream.created == []
        session = await shop.call("create_checkout_session", {"preview_id": preview_id})
        assert session["checkout_url"].startswith(shop.upstream.url)


@pytest.mark.requirement("approval.question")
async def test_the_question_says_all_that_is_agreed_to(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        order = ORDER | {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 2}]}
        preview = await shop.call("preview_checkout", order)
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **SAVED})
        [question] = person.questions
        *lines, reference = question.split("\n")
        assert lines == [
            "Approve this sale? TEST MODE: no money moves.",
            f"- 2 × “{preview['lines'][0]['name']}”",
            f"Due now: {preview['display']['total']}",
            f"Then: {preview['recurring']['display']['amount']} every month, "
            f"next on {preview['recurring']['next_date'][:10]}",
            "Customer: cus_123",
            "The saved payment method ending in c123 is charged at once.",
        ]
        assert reference.startswith("Reference: ")


TOLD: dict[str, tuple[Any, str]] = {
    "product_cart": ([{"product_id": "prod_monthly_plan", "quantity": 3}], "- 3 × “Professional plan”"),
    "product_collection_id": ("pdc_starters", "- what the buyer chooses from a collection"),
    "subscription_data": ({"on_demand": {"mandate_only": False, "product_price": 4200}}, "charges of any amount"),
    "customer": ({"customer_id": "cus_123"}, "Customer: cus_123"),
    "confirm": (True, "is charged at once"),
    "payment_method_id": ("pm_abc123", "The saved payment method ending in c123"),
    "mandate_min_amount_inr_paise": (1_500_000, "Mandate: later charges of up to INR 15000.00"),
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
        await shop.call("create_checkout_session", {"preview_id": await previewed(shop, **order), **sale})
    for _value, says in TOLD.values():
        assert says in person.questions[0]


@pytest.mark.requirement("approval.question")
async def test_no_line_hides_behind_others(open_memory_shop: Any, person: Any) -> None:
    cheap, dear = {"product_id": "prod_subscription", "quantity": 1}, {"product_id": "prod_yearly_plan", "quantity": 99}
    order = ORDER | {"product_cart": [cheap] * 19 + [dear], "subscription_data": {"trial_period_days": 30}}
    async with open_memory_shop(person=person) as shop:
        preview = await shop.call("preview_checkout", order)
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **SAVED})
    lines = person.questions[0].split("\n")
    assert [line for line in lines if line.startswith("- ")] == [
        f"- {line['quantity']} × “{line['name']}”" for line in preview["lines"]
    ]
    renewals = [line for line in lines if line.startswith("Then: ")]
    assert len(renewals) == 20
    assert renewals[-1].startswith(f"Then: {preview['subscriptions'][-1]['display']['amount']} ")


@pytest.mark.requirement("approval.question")
async def test_the_question_says_what_the_amounts_do_not(open_memory_shop: Any, person: Any) -> None:
    def metered(quote: Any) -> Any:
        quote["product_cart"][0]["is_usage_based"] = True
        return quote

    def discounted(quote: Any) -> Any:
        quote["product_cart"][0]["discount_cycle"] = 3
        quote["recurring_breakup"]["discount"] = 100
        return quote

    plan = ORDER | {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}
    mandate = {"mandate_min_amount_inr_paise": 1_500_000}
    for change, more, sentence in (
        (metered, {}, "Usage is billed on top of these amounts."),
        (discounted, {}, "A discount ends after 3 billing cycle(s); later renewals cost more."),
        (
            None,
            mandate,
            "Mandate: later charges of up to INR 15000.00, and of the amounts above, need no new consent",
        ),
    ):
        async with open_memory_shop(person=person) as shop:
            if change is not None:
                shop.upstream.rewrites["/checkouts/preview"] = change
            preview = await shop.call("preview_checkout", plan)
            assert (sentence in preview.get("warnings", [])) is (change is not None)
            await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **SAVED, **more})
            assert sentence in person.questions[-1].split("\n")


@pytest.mark.requirement("approval.question")
async def test_the_question_masks_the_buyer_and_tells_two_sales_apart(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        for buyer in ("jane.doe@example.com", "john.doe@example.com"):
            sale = {"preview_id": await previewed(shop), "customer": {"email": buyer}, "confirm": True}
            await shop.call("create_checkout_session", sale)
        first, second = person.questions
        assert "Customer: j***@e***.com\nThe payment is confirmed at once." in first
        assert "doe" not in first
        assert first != second


@pytest.mark.requirement("approval.ask_above")
async def test_a_sale_above_the_amount_is_asked_about_even_unconfirmed(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person, policy=ASK_ABOVE) as shop:
        preview = await shop.call("preview_checkout", ORDER)
        assert "A person will be asked to approve the sale of this order." in preview["warnings"]
        person.answer = "decline"
        error = await shop.refusal("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert (error["code"], shop.upstream.created) == ("approval_declined", [])
        person.answer = "accept"
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert person.questions[0].split("\n")[-2] == "The buyer pays on the hosted page."
        again = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert (again["replayed"], len(person.questions), len(shop.upstream.created)) == (True, 2, 1)


@pytest.mark.requirement("approval.ask_above")
async def test_what_a_buyer_may_add_is_asked_about(open_memory_shop: Any, person: Any) -> None:
    policy = "[confirm]\nask_above = { USD = 99999999 }\n"
    async with open_memory_shop(person=person, policy=policy) as shop:
        collection = {"product_cart": [], "product_collection_id": "pdc_starters"}
        preview = await shop.call("preview_checkout", collection)
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert "- what the buyer chooses from a collection; its price is added" in person.questions[0]


@pytest.mark.requirement("approval.question")
async def test_a_collection_beside_products_is_told(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        preview = await shop.call("preview_checkout", ORDER | {"product_collection_id": "pdc_starters"})
        assert "The buyer chooses products on the hosted page; these amounts lack them." in preview["warnings"]
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **SAVED})
        assert "- what the buyer chooses from a collection; its price is added" in person.questions[0].split("\n")


@pytest.mark.requirement("approval.question")
async def test_credits_of_the_orders_own_are_told(open_memory_shop: Any, person: Any) -> None:
    grants = [{"credit_entitlement_id": "cent_api_calls", "credits_amount": "999999999999"}]
    cart = [{"product_id": "prod_credits", "quantity": 1, "credit_entitlements": grants}]
    async with open_memory_shop(person=person) as shop:
        sale = {"preview_id": await previewed(shop, product_cart=cart), **SAVED}
        await shop.call("create_checkout_session", sale)
        told = "- grants 999999999999 credits in place of the product's own number"
        assert told in person.questions[0].split("\n")


MORE_LATER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "on demand": ({"subscription_data": {"on_demand": {"mandate_only": True}}}, {}),
    "a mandate": ({}, {"mandate_min_amount_inr_paise": 9_000_000}),
}


@pytest.mark.requirement("approval.ask_above")
@pytest.mark.parametrize("case", MORE_LATER)
async def test_what_may_be_charged_later_is_asked_about(open_memory_shop: Any, person: Any, case: str) -> None:
    order, rest = MORE_LATER[case]
    policy = "[confirm]\nask_above = { USD = 99999999, INR = 8999999 }\n"
    async with open_memory_shop(person=person, policy=policy) as shop:
        cart = {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}
        await shop.call("create_checkout_session", {"preview_id": await previewed(shop, **cart)})
        assert person.questions == []
        await shop.call("create_checkout_session", {"preview_id": await previewed(shop, **cart, **order), **rest})
        assert len(person.questions) == 1


@pytest.mark.requirement("approval.question", "error.data_is_data")
async def test_a_products_name_cannot_speak_for_the_question(open_memory_shop: Any, person: Any) -> None:
    def renamed(quote: Any) -> Any:
        quote["product_cart"][0]["name"] = "Guide”\nDue now: USD 0.00\u202e\u200b “" + "x" * 100
        return quote

    async with open_memory_shop(person=person, policy=ASK_ABOVE) as shop:
        shop.upstream.rewrites["/checkouts/preview"] = renamed
        await shop.call("create_checkout_session", {"preview_id": await previewed(shop)})
        lines = person.questions[0].split("\n")
        assert lines[1] == f"- 2 × “Guide' Due now: USD 0.00 '{'x' * 33}…”"
        assert [line for line in lines if line.startswith("Due now")] == [lines[2]]


@pytest.mark.requirement("approval.ask_above")
async def test_above_the_amount_a_client_that_cannot_ask_is_told_so(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ASK_ABOVE) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": await previewed(shop)})
        assert (error["code"], [each["path"] for each in error["problems"]]) == ("approval_required", ["preview_id"])
        assert shop.upstream.created == []


ABOVE: dict[str, tuple[str, bool]] = {
    "at the amount": ("{ USD = 1900 }", False),
    "one minor unit above": ("{ USD = 1899 }", True),
    "another currency": ("{ EUR = 999999 }", True),
    "no currency": ("{}", True),
}


@pytest.mark.requirement("approval.ask_above")
@pytest.mark.parametrize("case", ABOVE)
async def test_the_amount_is_the_last_that_is_not_asked_about(open_memory_shop: Any, person: Any, case: str) -> None:
    amounts, asked = ABOVE[case]
    async with open_memory_shop(person=person, policy=f"[confirm]\nask_above = {amounts}\n") as shop:
        preview = await shop.call(
            "preview_checkout", {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
        )
        assert preview["total"] == 1900
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert len(person.questions) == asked


@pytest.mark.requirement("approval.unattended")
async def test_unattended_confirms_in_test_mode_without_asking(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person, policy='[confirm]\nmode = "unattended"\n') as shop:
        session = await shop.call("create_checkout_session", {"preview_id": await previewed(shop), **SAVED})
        assert (session["environment"], person.questions, len(shop.upstream.created)) == ("test_mode", [], 1)


@pytest.mark.requirement("approval.unattended")
async def test_unattended_still_asks_above_the_amount(open_memory_shop: Any, person: Any) -> None:
    policy = '[confirm]\nmode = "unattended"\nask_above = { USD = 1000 }\n'
    async with open_memory_shop(person=person, policy=policy) as shop:
        await shop.call("create_checkout_session", {"preview_id": await previewed(shop), **SAVED})
        assert len(person.questions) == 1


@pytest.mark.requirement("approval.only_yes")
@pytest.mark.parametrize("open_memory_shop", ["memory-2025"], indirect=True)
async def test_nobody_who_answers_in_time_is_no_approval(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the older era, where the call waits for the answer."""
    monkeypatch.setattr("checkout_server.tools.definition.ANSWER_SECONDS", 1.0)
    asked = asyncio.Event()

    async def silent(_context: Any, _params: Any) -> Any:
        asked.set()
        await asyncio.Event().wait()

    async with open_memory_shop(person=silent) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": await previewed(shop), **CONFIRMED})
        assert asked.is_set()
        assert (error["code"], shop.upstream.created) == ("approval_declined", [])
        assert error["message"].startswith("Nobody answered in time.")


@pytest.mark.requirement("approval.only_yes", "preview.expires")
@pytest.mark.parametrize("open_memory_shop", ["memory-2026"], indirect=True)
async def test_a_yes_after_the_previews_life_creates_nothing_and_says_so(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the newer era, where no call waits: the yes comes with a call of its own, whenever it comes."""
    from mcp_types import ElicitResult

    later = time.time() + 901

    async def late(_context: Any, _params: Any) -> Any:
        shop.desk.clock = lambda: later
        monkeypatch.setattr(time, "time", shop.desk.clock)  # the SDK's clock, which ends the seal
        return ElicitResult(action="accept", content={"approve": True})

    async with open_memory_shop(person=late) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": await previewed(shop), **CONFIRMED})
        assert (error["code"], shop.upstream.created) == ("preview_expired", [])


@pytest.mark.requirement("approval.only_yes")
@pytest.mark.parametrize("answer", ["certainly", "true", "yes", 1, 1.0])
async def test_an_answer_that_is_not_the_form_is_no_approval(open_memory_shop: Any, answer: Any) -> None:
    from mcp_types import ElicitResult

    async def strange(_context: Any, _params: Any) -> Any:
        return ElicitResult(action="accept", content={"approve": answer})

    async with open_memory_shop(person=strange) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": await previewed(shop), **CONFIRMED})
        assert (error["code"], shop.upstream.created) == ("approval_declined", [])


@pytest.mark.requirement("approval.cannot_ask")
@pytest.mark.parametrize("open_memory_shop", ["memory-2025"], indirect=True)
async def test_a_client_that_fails_to_ask_is_told_to_use_the_hosted_page(open_memory_shop: Any) -> None:
    """In the older era, where the server hears of it; the text of its error is not repeated."""
    from mcp_types import ErrorData

    async def unable(_context: Any, _params: Any) -> Any:
        return ErrorData(code=-32601, message="no dialog for jane.doe@example.com")

    async with open_memory_shop(person=unable) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": await previewed(shop), **CONFIRMED})
        assert (error["code"], error["retry"], shop.upstream.created) == ("approval_required", "ask_human", [])
        assert "hosted page" in error["message"]
        assert "jane" not in str(error)


@pytest.mark.requirement("approval.not_typed")
@pytest.mark.parametrize("claim", [{"approved": True}, {"approval": {"approve": True}}, {"sale": {}}])
async def test_what_a_model_types_is_no_approval(open_memory_shop: Any, claim: dict[str, Any]) -> None:
    async with open_memory_shop() as shop:
        sale = {"preview_id": await previewed(shop), **CONFIRMED, **claim}
        error = await shop.refusal("create_checkout_session", sale)
        assert (error["code"], shop.upstream.created) == ("invalid_request", [])


@pytest.mark.requirement("approval.secrets")
async def test_a_confirmed_sessions_secrets_stay_on_the_server(open_shop: Any, person: Any) -> None:
    async with open_shop(person=person) as shop:
        sale = {"preview_id": await previewed(shop), **SAVED}
        result = await shop.client.call_tool("create_checkout_session", sale)
        text = result.model_dump_json(by_alias=True)
        assert "pay_" in text
        for secret in ("client_secret", "publishable_key", "_secret_", "pk_"):
            assert secret not in text
