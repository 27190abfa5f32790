"""The payment API's rules between fields of one call, as data: checked before anything is sent.

A rule reads a call's arguments as raw JSON, so that one answer can name every problem of the call; a field of a wrong
type reads as absent, since its own problem is named anyway. Rules that need the preview too are in ``sale_rules``.
Sources: the provider's guide and the official SDK's field comments.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from checkout_schemas.contract_model import is_unset
from checkout_schemas.errors import Problem
from checkout_schemas.requests.preview_checkout import MAX_DISCOUNT_CODES

Order = Mapping[str, Any]
Tool = Literal["preview_checkout", "create_checkout_session", "get_checkout_session"]


def at(order: Order, path: str) -> Any:
    """The value at a dotted path; None when it is unset or anything on the way is not an object."""
    value: Any = order
    for name in path.split("."):
        value = cast(Order, value).get(name) if isinstance(value, Mapping) else None
    return None if is_unset(value) else value


def _lacks(order: Order, *paths: str) -> list[str]:
    return [path for path in paths if at(order, path) is None]


def _repeated_codes(order: Order) -> list[str]:
    """Codes that an earlier one repeats, as the API compares them: it upper-cases codes."""
    codes = at(order, "discount_codes")
    # A longer list is refused as such.
    given = cast(list[Any], codes)[:MAX_DISCOUNT_CODES] if isinstance(codes, list) else []
    compared = [code.strip().upper() if isinstance(code, str) else "" for code in given]
    return [f"discount_codes[{index}]" for index, code in enumerate(compared) if code and code in compared[:index]]


def _dropdowns_without_options(order: Order) -> list[str]:
    fields = at(order, "custom_fields")
    return [
        f"custom_fields[{index}].options"
        for index, field in enumerate(cast(list[Any], fields) if isinstance(fields, list) else [])
        if isinstance(field, Mapping)
        and at(cast(Order, field), "field_type") == "dropdown"
        and at(cast(Order, field), "options") is None
    ]


@dataclass(frozen=True, slots=True)
class Rule:
    """``broken`` gives the paths to blame, none when the rule holds."""

    id: str
    tool: Tool
    """The tool whose call is refused."""
    broken: Callable[[Order], list[str]]
    problem: str
    suggestion: str


def _when(condition: Callable[[Order], bool], path: str) -> Callable[[Order], list[str]]:
    return lambda order: [path] if condition(order) else []


RULES: tuple[Rule, ...] = (
    Rule(
        "api.cart.not_empty", "preview_checkout",
        _when(lambda o: at(o, "product_cart") is None and at(o, "product_collection_id") is None, "product_cart"),
        "is required", "give 1 to 20 objects with product_id and quantity, or a product_collection_id",
    ),
    Rule(
        "api.discounts.one_field", "preview_checkout",
        _when(lambda o: at(o, "discount_code") is not None and at(o, "discount_codes") is not None, "discount_code"),
        "cannot be combined with discount_codes", "put every code into discount_codes",
    ),
    Rule(
        "api.discounts.once", "preview_checkout", _repeated_codes,
        "repeats an earlier code", "give each code once, in the order in which they apply",
    ),
    Rule(
        "api.tax_id.country", "preview_checkout",
        lambda o: _lacks(o, "billing_address.country") if at(o, "tax_id") is not None else [],
        "is required with tax_id", "ask the buyer for it and add billing_address, or leave tax_id out",
    ),
    Rule(
        "api.customer.one_kind", "create_checkout_session",
        _when(
            lambda o: at(o, "customer.customer_id") is not None
            and len(_lacks(o, "customer.email", "customer.name", "customer.phone_number")) < 3,
            "customer",
        ),
        "has customer_id and fields of a new customer", "send customer_id alone, or email with name and phone_number",
    ),
    Rule(
        "api.customer.email", "create_checkout_session",
        _when(
            lambda o: at(o, "customer") is not None and len(_lacks(o, "customer.customer_id", "customer.email")) == 2,
            "customer.email",
        ),
        "is required for a new customer", "add email, or give an existing customer_id alone",
    ),
    Rule(
        "api.payment_method.confirm", "create_checkout_session",
        _when(lambda o: at(o, "payment_method_id") is not None and at(o, "confirm") is not True, "confirm"),
        "must be true with payment_method_id",
        "set confirm to true, which a person must approve, or leave payment_method_id out",
    ),
    Rule(
        "api.payment_method.customer", "create_checkout_session",
        _when(
            lambda o: at(o, "payment_method_id") is not None and at(o, "customer.customer_id") is None,
            "customer.customer_id",
        ),
        "is required with payment_method_id", "name the existing customer whose method it is",
    ),
    Rule(
        "api.confirm.customer", "create_checkout_session",
        _when(lambda o: at(o, "confirm") is True and at(o, "customer") is None, "customer"),
        "is required with confirm", "add the customer's email or customer_id, or leave confirm out",
    ),
    Rule(
        "api.custom_fields.options", "create_checkout_session", _dropdowns_without_options,
        "is required for a dropdown", "list the choices",
    ),
    Rule(
        "api.flags.phone_number", "create_checkout_session",
        _when(
            lambda o: at(o, "feature_flags.require_phone_number") is True
            and at(o, "feature_flags.allow_phone_number_collection") is False,
            "feature_flags.allow_phone_number_collection",
        ),
        "must be true with require_phone_number", "set it to true or leave it out",
    ),
    Rule(
        "api.flags.tax_id", "create_checkout_session",
        _when(
            lambda o: at(o, "feature_flags.require_tax_id") is True and at(o, "feature_flags.allow_tax_id") is False,
            "feature_flags.allow_tax_id",
        ),
        "must be true with require_tax_id", "set it to true or leave it out",
    ),
    Rule(
        "session.one_id", "get_checkout_session",
        _when(lambda o: (at(o, "session_id") is None) is (at(o, "preview_id") is None), "session_id"),
        "or preview_id is required, one of the two", "give session_id, or preview_id if the session_id is not known",
    ),
)  # fmt: skip


def broken_rules(order: Order, tool: Tool) -> list[Problem]:
    """Every rule of ``tool`` that the arguments of a call break."""
    return [
        Problem(path=path, problem=rule.problem, suggestion=rule.suggestion)
        for rule in RULES
        if rule.tool == tool
        for path in rule.broken(order)
    ]
