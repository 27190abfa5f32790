"""What a buyer fills in on the hosted page, checked as the page's own inputs would check it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from checkout_server.sandbox.body import Body, part, parts
from checkout_server.sandbox.catalogue import COLLECTIONS, PRODUCTS, RATES
from checkout_server.sandbox.hosted.asked import (
    ADDRESS,
    COUNTRIES,
    asked_address,
    asks_tax_id,
    flag,
    given,
    may_edit,
    takes_codes,
)
from checkout_server.sandbox.payments import PaidBy, Typed
from checkout_server.sandbox.sessions import Session

CARD_FIELDS = frozenset({"card_number", "expiry", "cvc"})
"""What is read once and never kept."""
MOST_ADDONS = 99
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PHONE = re.compile(r"\+[1-9][0-9]{1,14}")
_TAX_ID = re.compile(r"[A-Za-z0-9 .-]{4,20}")
Form = Mapping[str, str]


class Unacceptable(Exception):
    """Something has to be filled in otherwise. ``word`` names the sentence for the buyer."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def read_changes(order: Body, form: Form) -> Body:
    """What a form changes of an order. What is not in the form stays, and what it says again is no change.

    Raises:
        Unacceptable: a value is not one that the page offers.
    """
    changes = _address(order, form) | _tax_id(order, form) | _cart(order, form)
    code = form.get("discount_code", "").strip()
    if code and takes_codes(order):
        before = order.get("discount_code")
        codes: list[str] = order.get("discount_codes") or ([before] if before else [])
        changes |= {"discount_code": None, "discount_codes": [*codes, code]}
    if (currency := form.get("currency")) and flag(order, "allow_currency_selection"):
        _check(currency in RATES)
        changes["billing_currency"] = currency
    return {name: value for name, value in changes.items() if order.get(name) != value}


def read_typed(session: Session, order: Body, changes: Body, form: Form, paid_by: PaidBy) -> Typed:
    """A whole form, once everything that it asks for is there. ``order`` has the changes.

    Raises:
        Unacceptable: something required is empty, or not what was asked for.
    """
    known = session.customer
    email, name, phone = (_contact(session, form, each) for each in ("email", "name", "phone"))
    if not _EMAIL.fullmatch(email):
        raise Unacceptable("problem_email")
    _check(not phone or _PHONE.fullmatch(phone))
    address = part(order, "billing_address")
    for field, is_required in asked_address(order, address.get("country", "")).items():
        _require(not is_required or field not in form or address.get(field))
    _require("name" not in form or name)
    _require("phone" not in form or phone or not flag(order, "require_phone_number", default=False))
    _require("business" not in form or order.get("tax_id") or not flag(order, "require_tax_id", default=False))
    answers = {each["key"]: _answer(each, form) for each in parts(order, "custom_fields")}
    return Typed(
        email=email,
        name=name,
        phone=phone or (known.phone if known else ""),
        changes=changes,
        answers={key: answer for key, answer in answers.items() if answer},
        paid_by=paid_by,
    )


def known_contact(session: Session, name: str) -> str:
    """What is known of the buyer: ``email``, ``name`` or ``phone``."""
    known: str = getattr(session.customer, name, "")
    return known or given(session.order, name)


def _contact(session: Session, form: Form, name: str) -> str:
    known = known_contact(session, name)
    if name == "phone":
        is_asked = flag(session.order, "allow_phone_number_collection")
        return form.get(name, known).replace(" ", "") if is_asked else known
    return form.get(name, known).strip() if may_edit(session.order, name, known) else known


def _address(order: Body, form: Form) -> Body:
    before = part(order, "billing_address")
    typed = {
        name: form[name].strip()
        for name in ADDRESS
        if name in form and may_edit(order, name, given(order, name)) and form[name].strip() != given(order, name)
    }
    country = typed.get("country")
    _check(not country or country in COUNTRIES)
    address = {name: value for name, value in (before | typed).items() if value}
    return {"billing_address": address} if typed and "country" in address else {}


def _tax_id(order: Body, form: Form) -> Body:
    """A business's own: the box beside it decides. One that may not be edited stays."""
    before = given(order, "tax_id")
    if not asks_tax_id(order) or "tax_id" not in form or not may_edit(order, "tax_id", before):
        return {}
    if form.get("business") != "on":
        return {"tax_id": None, "customer_business_name": None}
    tax_id, name = (form.get(each, given(order, each)).strip() for each in ("tax_id", "business_name"))
    _check(not tax_id or _TAX_ID.fullmatch(tax_id))
    return {"tax_id": tax_id or None, "customer_business_name": name or None}


def _cart(order: Body, form: Form) -> Body:
    cart = parts(order, "product_cart")
    if not cart:
        offered = COLLECTIONS[order["product_collection_id"]]
        chosen = form.get("product") or offered[0]
        _check(chosen in offered)
        return {"product_cart": [{"product_id": chosen, "quantity": 1}]}
    if not flag(order, "allow_editing_addons", default=False):
        return {}
    return {"product_cart": [_with_addons(item, number, form) for number, item in enumerate(cart)]}


def _with_addons(item: Body, number: int, form: Form) -> Body:
    offered = PRODUCTS[item["product_id"]].addons
    before = {each["addon_id"]: each["quantity"] for each in parts(item, "addons")}
    counts = {each: form.get(f"addon_{number}_{each}", "").strip() for each in offered}
    _check(all(not count or (count.isascii() and count.isdigit() and len(count) < 3) for count in counts.values()))
    after = {each: int(counts[each]) if counts[each] else before.get(each, 0) for each in offered}
    if after == {each: before.get(each, 0) for each in offered}:
        return item
    return item | {"addons": [{"addon_id": each, "quantity": count} for each, count in after.items() if count]}


def _answer(field: Body, form: Form) -> str:
    """The answer to a custom field; an empty one is none."""
    text = form.get(f"custom_{field['key']}", "").strip()
    kind = field["field_type"]
    _require(not field.get("required") or text)
    if kind == "boolean":
        return "true" if text else "false"
    _check(not text or _is_of_kind(text, kind, field))
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


def _check(holds: object) -> None:
    if not holds:
        raise Unacceptable("problem_field")


def _require(holds: object) -> None:
    if not holds:
        raise Unacceptable("problem_required")
