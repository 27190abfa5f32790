"""The ids that a call named. The payment API says that one of them does not exist there, and not which."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import Problem

_COME_FROM = {
    "session_id": "give the session_id that create_checkout_session returned",
    "customer_id": "give the customer_id of an earlier sale",
    "payment_method_id": "give one of this customer's saved methods, or leave it out with confirm",
    "product_collection_id": "name products instead; list_products shows what is sold here",
    "addon_id": "list_products shows the add-ons of each product",
    "credit_entitlement_id": "leave credit_entitlements out, or ask the operator for the id",
}
"""By field, what to give instead. Products are not among them: those are looked for one by one (``refused_cart``)."""


def unknown_ids(request: RequestModel | None) -> list[Problem]:
    """A problem for each id of the call that the payment API may not know."""
    named = list(_ids_in(request.model_dump(), "")) if request is not None else []
    problem = "does not exist at the payment API" if len(named) == 1 else "may not exist at the payment API"
    return [Problem(path=path, problem=problem, suggestion=_COME_FROM[name]) for path, name in named]


def _ids_in(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for index, each in enumerate(cast(list[Any], value)):
            yield from _ids_in(each, f"{path}[{index}]")
    elif isinstance(value, Mapping):
        for name, each in cast(Mapping[str, Any], value).items():
            inner = f"{path}.{name}" if path else name
            if name in _COME_FROM and each is not None:
                yield inner, name
            else:
                yield from _ids_in(each, inner)
