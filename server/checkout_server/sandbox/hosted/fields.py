"""What the page asks of a buyer beside the way to pay."""

from typing import Any

from checkout_server.sandbox.body import parts
from checkout_server.sandbox.hosted.asked import (
    COUNTRIES,
    US_STATES,
    asked_address,
    asks_tax_id,
    flag,
    given,
    may_edit,
)
from checkout_server.sandbox.hosted.controls import Attributes, choice, group, text_field, tick
from checkout_server.sandbox.hosted.draft import Draft
from checkout_server.sandbox.hosted.reading import known_contact
from checkout_server.sandbox.text import text_of

_AUTOCOMPLETE = {
    "country": "country",
    "street": "address-line1",
    "city": "address-level2",
    "state": "address-level1",
    "zipcode": "postal-code",
}
_PHONE, _TAX_ID = r"\+[1-9][0-9 ]{1,18}", r"[A-Za-z0-9 .\-]{4,20}"


def contact_fields(draft: Draft) -> str:
    """Who pays."""
    words = draft.words
    content = _contact(draft, "email", {"type": "email", "autocomplete": "email"})
    content += _contact(draft, "name", {"autocomplete": "name"})
    if flag(draft.order, "allow_phone_number_collection"):
        needed = flag(draft.order, "require_phone_number", default=False)
        more: Attributes = {"type": "tel", "autocomplete": "tel", "placeholder": "+14155550123", "pattern": _PHONE}
        content += text_field("phone", words["phone"], draft.value("phone"), required=needed, more=more)
    return group("contact", words["contact"], content)


def _contact(draft: Draft, name: str, more: Attributes) -> str:
    is_fixed = not may_edit(draft.order, name, known_contact(draft.session, name))
    return text_field(name, draft.words[name], draft.value(name), required=True, more={**more, "readonly": is_fixed})


def address_fields(draft: Draft) -> str:
    """Where the buyer is, as far as the order asks: the country first, which decides on the rest."""
    asked = asked_address(draft.session.order, draft.value("country"))
    content = "".join(_address_field(draft, name, is_required) for name, is_required in asked.items())
    return group("address", draft.words["address"], content + _business(draft))


def _address_field(draft: Draft, name: str, required: bool) -> str:
    order, label, value = draft.session.order, draft.words[name], draft.value(name)
    wide = name in {"country", "street"}
    if not may_edit(order, name, given(order, name)):
        return text_field(name, label, given(order, name), wide=wide, more={"readonly": True})
    is_priced = name in {"country", "state"}
    more: Attributes = {"autocomplete": _AUTOCOMPLETE[name], "data-priced": is_priced}
    known = COUNTRIES if name == "country" else US_STATES if name == "state" and draft.value("country") == "US" else {}
    if not known:
        return text_field(name, label, value, required=required, wide=wide, more=more)
    options = known | ({value: value} if value else {}) | known
    empty = draft.words["choose"]
    return choice(name, label, options.items(), value, required=required, wide=wide, empty=empty, more=more)


def _business(draft: Draft) -> str:
    if not asks_tax_id(draft.session.order):
        return ""
    words, order = draft.words, draft.session.order
    is_one = draft.form.get("business") == "on" or ("tax_id" not in draft.form and bool(given(order, "tax_id")))
    needed = flag(order, "require_tax_id", default=False)
    may_name = flag(order, "allow_tax_id") or flag(order, "allow_customer_editing_business_name", default=False)
    is_fixed = not may_edit(order, "tax_id", given(order, "tax_id"))
    more: Attributes = {"autocomplete": "off", "pattern": _TAX_ID, "readonly": is_fixed, "data-required": needed}
    content = text_field(
        "tax_id", words["tax_id"], draft.value("tax_id"), wide=False, more={**more, "data-priced": True}
    )
    if may_name:
        name, label = draft.value("business_name"), words["business_name"]
        content += text_field("business_name", label, name, wide=False, more={"autocomplete": "organization"})
    return (
        tick("business", words["business"], checked=is_one) + f'<div id="company" class="fields wide">{content}</div>'
    )


def custom_fields(draft: Draft) -> str:
    """The merchant's own questions."""
    content = "".join(_custom_field(each, draft) for each in parts(draft.order, "custom_fields"))
    return group("more", draft.words["more"], content)


def _custom_field(each: dict[str, Any], draft: Draft) -> str:
    name, label, kind = f"custom_{each['key']}", text_of(each["label"]), each["field_type"]
    required, value = bool(each.get("required")), draft.form.get(f"custom_{each['key']}", "")
    if kind == "dropdown":
        options = [(option, option) for option in each["options"]]
        return choice(name, label, options, value, required=required, empty=draft.words["choose"])
    if kind == "boolean":
        return tick(name, label, checked=bool(value), required=required)
    more: Attributes = {
        "type": kind,
        "placeholder": each.get("placeholder"),
        "step": "any" if kind == "number" else None,
    }
    return text_field(name, label, value, required=required, more=more)


def back_link(draft: Draft) -> str:
    """The way back to the shop without paying."""
    target = draft.order.get("cancel_url")
    return f'<a class="back" id="cancel" href="{text_of(target)}">{draft.words["back_to_shop"]}</a>' if target else ""
