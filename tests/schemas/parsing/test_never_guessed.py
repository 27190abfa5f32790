"""What charges: no name leads to it but its own."""

import re

import pytest

from checkout_schemas.parsing.advice import NEVER_GUESSED
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from refused_arguments import repairs

CART = [{"product_id": "prod_1", "quantity": 1}]


@pytest.mark.requirement("approval.not_typed")
@pytest.mark.parametrize("name", ["confirm", "payment_method_id"])
def test_what_charges_is_given_to_its_own_tool_by_its_own_name(name: str) -> None:
    told = repairs(PreviewCheckout, {"product_cart": CART, name: True})
    assert told == {name: "give it to create_checkout_session, after the preview"}


NOT_SENT = "leave it out: a buyer's yes is not sent"
NOT_CHARGED = "leave it out: a saved method is charged only where a person asks for it"
AGREEMENTS = (
    "user_confirmed", "confirmation", "confirmed", "is_confirmed", "auto_confirm", "Confirm", "customerConfirmed",
    "buyer_agreed", "approved", "consent",
)  # fmt: skip
PAID_ON_PAGE = "leave it out: the buyer pays on the hosted page"
CHARGES = ("charge", "charge_immediately", "auto_charge", "pay_now", "off_session", "capture", "authorized")
SAVED = ("paymentMethodId", "Payment_Method_Id", "saved_card", "savedPaymentMethodId", "card_token")


@pytest.mark.requirement("approval.not_typed")
@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        *((each, NOT_SENT) for each in AGREEMENTS),
        *((each, NOT_CHARGED) for each in SAVED),
        *((each, PAID_ON_PAGE) for each in CHARGES),
    ],
)
def test_a_word_for_the_buyers_yes_or_card_leads_to_nothing_that_charges(name: str, suggestion: str) -> None:
    for model, arguments in ((CreateCheckoutSession, {"preview_id": "p"}), (PreviewCheckout, {"product_cart": CART})):
        assert repairs(model, arguments | {name: True}) == {name: suggestion}


@pytest.mark.requirement("approval.not_typed")
@pytest.mark.parametrize("field", sorted(NEVER_GUESSED))
def test_no_slip_of_the_keyboard_leads_to_what_charges(field: str) -> None:
    slips = {field[:place] + field[place + 1 :] for place in range(len(field))} | {
        field + "s",
        field + "_",
        f"x{field}",
    }
    swapped = {field[:place] + field[place : place + 2][::-1] + field[place + 2 :] for place in range(len(field) - 1)}
    for name in (slips | swapped) - {field}:
        [said] = repairs(CreateCheckoutSession, {"preview_id": "p", name: True}).values()
        assert said is not None
        assert said.startswith("leave it out")
        assert NEVER_GUESSED.isdisjoint(re.findall(r"\w+", said))
