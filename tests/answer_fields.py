"""Every field of the answers that we read, and where it lies in the documents of ``api_documents``."""

from typing import Any, get_args

from pydantic import AliasChoices, BaseModel, WrapValidator

from checkout_server.gateway import answers, customer_answers, payment_answers

Path = tuple[str | int, ...]

SHAPES: dict[str, type[BaseModel]] = {
    "get_product": answers.WholeProduct,
    "preview": answers.Preview,
    "create": answers.Session,
    "get_session": answers.SessionStatus,
    "get_payment": payment_answers.WholePayment,
    "get_subscription": payment_answers.Subscription,
}
"""Operations that answer with one thing."""
ROWS: dict[str, type[BaseModel]] = {
    "list_products": answers.Product,
    "list_addons": answers.Addon,
    "list_saved_methods": customer_answers.SavedMethod,
    "list_payments": payment_answers.ListedPayment,
    "list_license_keys": payment_answers.LicenseKey,
}
"""Operations that answer with a list of them."""
OPERATIONS = (*SHAPES, *ROWS)
"""All that are asked for by a method of their own."""
TERMS = {
    "pay_what_you_want", "payment_frequency_count", "payment_frequency_interval", "trial_period_days",
    "trial_amount", "tax_inclusive", "is_usage_based",
}  # fmt: skip
"""Fields of our product that the API keeps in the product's price."""
ABSENT = {"pay_what_you_want", "is_usage_based"}
"""One belongs to one-time prices, where the documents have a recurring one; the other is the type of the price."""


def name_in_json(name: str, model: type[BaseModel]) -> str:
    alias = model.model_fields[name].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else name


def _nested(annotation: Any) -> type[BaseModel] | None:
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
        if each is not annotation and (found := _nested(each)):
            return found
    return None


def _paths(model: type[BaseModel], before: Path = ()) -> list[tuple[Path, bool, bool]]:
    """Every field, whether it is required and whether an odd value is taken for a missing one.

    What is odd inside of such a value makes the whole of it odd, so only what is lenient itself is listed of it.
    """
    found: list[tuple[Path, bool, bool]] = []
    for name, field in model.model_fields.items():
        path = (*before, name_in_json(name, model))
        lenient = any(isinstance(each, WrapValidator) for each in field.metadata)
        found.append((path, field.is_required(), lenient))
        if inner := _nested(field.annotation):  # lists are entered at their first row
            inside = _paths(inner, (*path, 0) if "list" in str(field.annotation) else path)
            found += [each for each in inside if not lenient or each[2]]
    return found


def _located(operation: str) -> list[tuple[Path, bool, bool]]:
    single, product = operation == "get_product", issubclass((SHAPES | ROWS)[operation], answers.Product)
    found: list[tuple[Path, bool, bool]] = []
    for path, required, lenient in _paths((SHAPES | ROWS)[operation]):
        if (product and path[0] in TERMS) or (single and path[0] in {"price", "currency"}):
            path = ("price" if single else "price_detail", *path)
        if path[-1] not in ABSENT:
            found.append((path, required, lenient))
    return found


EVERY = [(operation, *place) for operation in SHAPES | ROWS for place in _located(operation)]
REQUIRED = [(operation, path) for operation, path, required, _ in EVERY if required]
STRICT = [(operation, path) for operation, path, _, lenient in EVERY if not lenient]
LENIENT = [(operation, path) for operation, path, _, lenient in EVERY if lenient]


def parent(document: Any, path: Path) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document


def mistyped(value: object) -> object:
    """A value of another type that a lenient reader would take."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return 1764000000
        case list():
            return {}
        case _:
            return [["key", "value"]]


def of(places: list[tuple[str, Path]], operations: dict[str, Any]) -> list[tuple[str, Path]]:
    return [place for place in places if place[0] in operations]


def dotted(value: object) -> str:
    return ".".join(map(str, value)) if isinstance(value, tuple) else str(value)
