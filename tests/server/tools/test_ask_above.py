"""Amounts above which a person is asked, though the buyer pays on the hosted page."""

from typing import Any

import pytest

from orders import CONFIRMED, TWO

ASK_ABOVE = "[confirm]\nask_above = { USD = 1000 }\n"


@pytest.mark.requirement("approval.ask_above")
async def test_a_sale_above_the_amount_is_asked_about_even_unconfirmed(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person, policy=ASK_ABOVE) as shop:
        preview = await shop.call("preview_checkout", TWO)
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


@pytest.mark.requirement("quote.caveats")
async def test_add_ons_that_a_buyer_may_add_on_the_page_are_asked_about(open_memory_shop: Any, person: Any) -> None:
    caveat = "The buyer may add add-ons on the hosted page; these amounts lack them."
    async with open_memory_shop(person=person, policy="[confirm]\nask_above = { USD = 99999999 }\n") as shop:
        for flag in (False, True):
            flags = {"feature_flags": {"allow_editing_addons": flag}}
            sale = {"preview_id": await shop.preview_id(**TWO), **flags}
            session = await shop.call("create_checkout_session", sale)
            assert (caveat in session["warnings"]) is flag
        assert [caveat in question.split("\n") for question in person.questions] == [True]


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
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**TWO | cart)})
        assert person.questions == []
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**TWO | cart | order), **rest})
        assert len(person.questions) == 1


@pytest.mark.requirement("approval.ask_above")
@pytest.mark.parametrize(
    ("amounts", "asked"),
    [("{ USD = 99999, INR = 100 }", False), ("{ USD = 99999, INR = 99 }", True), ("{ USD = 99999 }", True)],
)
async def test_a_mandate_is_asked_about_above_the_amount_in_inr(
    open_memory_shop: Any, person: Any, amounts: str, asked: bool
) -> None:
    async with open_memory_shop(person=person, policy=f"[confirm]\nask_above = {amounts}\n") as shop:
        sale = {"preview_id": await shop.preview_id(), "mandate_min_amount_inr_paise": 100}
        await shop.call("create_checkout_session", sale)
        assert len(person.questions) == asked


@pytest.mark.requirement("approval.ask_above")
async def test_above_the_amount_a_client_that_cannot_ask_is_told_so(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=ASK_ABOVE) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": await shop.preview_id(**TWO)})
        assert (error["code"], [each["path"] for each in error["problems"]]) == ("approval_required", ["preview_id"])
        assert shop.upstream.created == []


LEFT_OUT: dict[str, dict[str, Any]] = {
    "mandate_min_amount_inr_paise": {"mandate_min_amount_inr_paise": 100},
    "feature_flags.allow_editing_addons": {"feature_flags": {"allow_editing_addons": True}},
}


@pytest.mark.requirement("approval.ask_above")
@pytest.mark.parametrize("path", LEFT_OUT)
async def test_a_client_that_cannot_ask_is_told_which_argument_to_leave_out(open_memory_shop: Any, path: str) -> None:
    async with open_memory_shop(policy="[confirm]\nask_above = { USD = 99999999 }\n") as shop:
        sale = {"preview_id": await shop.preview_id(**TWO)}
        error = await shop.refusal("create_checkout_session", sale | LEFT_OUT[path])
        assert (error["code"], [each["path"] for each in error["problems"]]) == ("approval_required", [path])
        assert error["problems"][0]["suggestion"].startswith("leave it out")
        assert shop.upstream.created == []
        await shop.call("create_checkout_session", sale)


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
async def test_unattended_still_asks_above_the_amount(open_memory_shop: Any, person: Any) -> None:
    policy = '[confirm]\nmode = "unattended"\nask_above = { USD = 1000 }\n'
    async with open_memory_shop(person=person, policy=policy) as shop:
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
        assert len(person.questions) == 1


@pytest.mark.requirement("approval.ask_above")
@pytest.mark.parametrize("paise", [1, 100])
async def test_the_smallest_amount_in_a_currency_that_is_not_named_is_asked_about(
    open_memory_shop: Any, person: Any, paise: int
) -> None:
    async with open_memory_shop(person=person, policy="[confirm]\nask_above = { USD = 99999999 }\n") as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), "mandate_min_amount_inr_paise": paise}
        await shop.call("create_checkout_session", sale)
        assert len(person.questions) == 1
