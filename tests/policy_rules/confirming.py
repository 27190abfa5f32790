"""Rules of what is charged without the hosted page, of saved methods, and of what agents are given."""

from collections.abc import Mapping, Sequence
from typing import Any

from orders import CONFIRMED, HOSTED, ORDER
from policy_rules.tries import (
    ALLOWED,
    ASKED,
    Rule,
    denied,
    listing_methods,
    offering_the_list,
    reading,
    refused,
    selling,
)

_BY_EMAIL: dict[str, Any] = {"customer": {"email": "jane.doe@example.com"}, "confirm": True}
"""Confirms, and pays on the page."""
_LISTS = "confirm.list_saved_payment_methods = true"
_PAGE, _SAVED, _CONFIRMS = selling(ORDER, **HOSTED), selling(ORDER, **CONFIRMED), selling(ORDER, **_BY_EMAIL)

_ASK = [
    (_PAGE, ALLOWED),
    (_SAVED, ASKED),
    (_CONFIRMS, ASKED),
    (selling(ORDER, answer="refuse", **CONFIRMED), refused("approval_declined")),
    (selling(ORDER, answer="decline", **_BY_EMAIL), refused("approval_declined")),
]
_MAY_BE_USED = [(_SAVED, ASKED), (_CONFIRMS, ASKED)]


def _shared(what: str, words: str) -> list[Rule]:
    no, yes = f"agents do not get {words} of a paid sale", f"agents get {words} of a paid sale"
    withheld = [(reading(what), "withheld")]
    return [Rule(None, no, withheld), Rule("false", no, withheld), Rule("true", yes, [(reading(what), ALLOWED)])]


CONFIRMING: Mapping[str, Sequence[Rule]] = {
    "confirm.mode": [
        Rule(None, "confirm and saved payment methods need a person's yes", _ASK),
        Rule('"ask"', "confirm and saved payment methods need a person's yes", _ASK),
        Rule(
            '"never"',
            "confirm is refused; the buyer pays on the hosted page",
            [(_PAGE, ALLOWED), (_SAVED, denied("confirm")), (_CONFIRMS, denied("confirm"))],
        ),
        Rule(
            '"unattended"',
            "confirm charges without asking anybody",
            [(_PAGE, ALLOWED), (_SAVED, ALLOWED), (_CONFIRMS, ALLOWED)],
        ),
    ],
    "confirm.saved_payment_methods": [
        Rule(None, "payment_method_id may be used with confirm", _MAY_BE_USED),
        Rule("true", "payment_method_id may be used with confirm", _MAY_BE_USED),
        Rule(
            "false",
            "payment_method_id is refused",
            [(_PAGE, ALLOWED), (_CONFIRMS, ASKED), (_SAVED, denied("payment_method_id"))],
        ),
    ],
    "confirm.list_saved_payment_methods": [
        *(
            Rule(
                value,
                "list_saved_payment_methods is not offered",
                [(_PAGE, ALLOWED), (offering_the_list, "not offered"), (listing_methods(), denied())],
            )
            for value in (None, "false")
        ),
        Rule(
            "true",
            "list_saved_payment_methods is offered",
            [(_PAGE, ALLOWED), (offering_the_list, ALLOWED), (listing_methods(), ALLOWED)],
        ),
    ],
    "confirm.list_any_customer": [
        *(
            Rule(
                value,
                "saved payment methods are listed for customers who were sold to here before",
                [
                    (listing_methods(), denied("customer_id")),
                    (_PAGE, ALLOWED),
                    (listing_methods(), ALLOWED),
                    (listing_methods("cus_456"), denied("customer_id")),
                ],
                beside=_LISTS,
            )
            for value in (None, "false")
        ),
        Rule(
            "true",
            "saved payment methods of any customer may be listed",
            [(listing_methods(), ALLOWED), (listing_methods("cus_456"), ALLOWED)],
            beside=_LISTS,
        ),
    ],
    "share.license_keys": _shared("license_keys", "licence keys"),
    "share.custom_field_responses": _shared("custom_field_responses", "the buyer's answers to custom fields"),
    "share.invoice_url": _shared("invoice_url", "the invoice's address, which shows the buyer's name and address,"),
}
