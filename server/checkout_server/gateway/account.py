"""Which merchant account an API key belongs to. No operation says so, but the rows of two lists carry it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from checkout_server.gateway.errors import PASSING, GatewayError
from checkout_server.gateway.reading import read_owners
from checkout_server.privacy.vocabulary.fields import Operation

DEADLINE = 4.0
"""Seconds for one of the two requests, each sent at most once: a first preview waits for them."""

_SOURCES: tuple[tuple[Operation, str, Mapping[str, Any]], ...] = (
    ("list_brands", "/brands", {}),
    ("list_products", "/products", {"page_number": 0, "page_size": 1}),
)
"""Every account has a brand, but a key may be refused there, and an older API may not have the list."""


class AskOnce(Protocol):
    """One GET request without a retry, whose answer is read by ``read``."""

    async def __call__(
        self,
        operation: Operation,
        path: str,
        read: Callable[[object], frozenset[str]],
        parameters: Mapping[str, Any],
        deadline: float,
    ) -> frozenset[str]: ...


async def find_business_id(ask_once: AskOnce) -> str | None:
    """The id of the account, from the first source that says it.

    None when no source says it, or when one names several accounts.

    Raises:
        GatewayError: of a failure that may pass (429, 5xx, no answer), when the other source did not say it either.
    """
    passing: GatewayError | None = None
    for operation, path, parameters in _SOURCES:
        try:
            owners = await ask_once(operation, path, partial(read_owners, operation=operation), parameters, DEADLINE)
        except GatewayError as error:
            passing = error if isinstance(error, PASSING) else passing
            continue
        if owners:
            return next(iter(owners)) if len(owners) == 1 else None
    if passing is not None:
        raise passing
    return None
