"""What a buyer fills in on the hosted page, checked as the page's own inputs would."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from checkout_server.sandbox.body import Body, part, parts
from checkout_server.sandbox.catalogue import TAX_RATES
from checkout_server.sandbox.payments import Typed
from checkout_server.sandbox.sessions import Session

COUNTRIES = tuple(sorted(TAX_RATES))
"""Those that the page offers."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Unacceptable(Exception):
    """Something has to be filled in otherwise. The text is a sentence for the buyer."""


def takes_codes(session: Session) -> bool:
    """Whether the buyer may enter a discount code."""
    is_on_demand = part(session.order, "subscription_data").get("on_demand")
    return part(session.order, "feature_flags").get("allow_discount_code") is not False and not is_on_demand


def asks_country(session: Session) -> bool:
    """Whether the order leaves the billing country to the buyer."""
    return not part(session.order, "billing_address").get("country")


def typed_in(session: Session, form: Mapping[str, str]) -> Typed:
    """What a form says; what is not in it is as the order has it.

    Raises:
        Unacceptable: something required is missing, or not what was asked for.
    """
    known = session.customer
    email = form.get("email", known.email if known else "").strip()
    if not _EMAIL.fullmatch(email):
        raise Unacceptable("Enter an e-mail address.")
    answers = {each["key"]: _answer(each, form) for each in parts(session.order, "custom_fields")}
    return Typed(
        email=email,
        name=form.get("name", known.name if known else "").strip(),
        changes=_changes(session, form),
        answers={key: answer for key, answer in answers.items() if answer},
    )


def _changes(session: Session, form: Mapping[str, str]) -> Body:
    changes = Body()
    code, country = form.get("discount_code", "").strip(), form.get("country", "")
    if code and takes_codes(session):
        given = session.order.get("discount_code")
        codes = session.order.get("discount_codes") or ([given] if given else [])
        changes |= {"discount_code": None, "discount_codes": [*codes, code]}
    if country and asks_country(session):
        if country not in TAX_RATES:
            raise Unacceptable("Choose a country from the list.")
        changes["billing_address"] = part(session.order, "billing_address") | {"country": country}
    return changes


def _answer(field: Body, form: Mapping[str, str]) -> str:
    """The answer to a custom field; an empty one is none."""
    text = form.get(f"custom_{field['key']}", "").strip()
    kind = field["field_type"]
    if field.get("required") and not text:
        raise Unacceptable("Fill in every field that is required.")
    if kind == "boolean":
        return "true" if text else "false"
    if text and not _is_of_kind(text, kind, field):
        raise Unacceptable("A field holds something else than it asks for.")
    return text


def _is_of_kind(text: str, kind: str, field: dict[str, Any]) -> bool:
    try:
        match kind:
            case "number":
                return float(text) == float(text)
            case "date":
                return bool(date.fromisoformat(text))
            case "email":
                return _EMAIL.fullmatch(text) is not None
            case "url":
                return re.match(r"https?://[^\s/]+", text) is not None
            case "dropdown":
                return text in field["options"]
            case _:
                return True
    except ValueError:
        return False
