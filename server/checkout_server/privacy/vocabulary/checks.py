"""What may stand in each field.

Values are checked as well as keys. An id has its own pattern, a code is on its list, a number has bounds: what somebody
typed into the wrong field fits none of them.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from checkout_schemas.results import Environment
from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_server.privacy.vocabulary.fields import (
    Decision,
    Ending,
    Failure,
    FailureKind,
    Method,
    Operation,
    PolicyRule,
    ToolName,
    Transport,
    Variable,
    words,
)
from checkout_server.privacy.vocabulary.paths import known_part
from checkout_server.privacy.vocabulary.routes import ROUTES, RPC_METHODS
from checkout_server.privacy.vocabulary.templates import TEMPLATES
from checkout_server.privacy.vocabulary.token_problems import AuthorizationProblem
from checkout_server.privacy.vocabulary.webhook_types import WebhookType

Check = Callable[[Any], bool]


def one_of(vocabulary: Iterable[str]) -> Check:
    known = frozenset(vocabulary)
    return lambda value: type(value) is str and value in known


def integer(low: int, high: int) -> Check:
    return lambda value: type(value) is int and low <= value <= high


def matching(pattern: str) -> Check:
    matches = re.compile(pattern, re.ASCII).fullmatch
    return lambda value: type(value) is str and matches(value) is not None


def each(check: Check, most: int) -> Check:
    def all_of(value: Any) -> bool:
        values = cast(list[Any], value)
        return isinstance(value, list) and len(values) <= most and all(map(check, values))

    return all_of


_RANDOM = r"(?=[a-z]{3}_[A-Za-z0-9]{20,24}\Z)(?=.{4}.*[a-z].*[a-z])(?=.*[A-Z].*[A-Z])(?!.*[0-9]{10})"
"""An id that the API drew: one in 15,000 holds seven digits in a row by chance."""


def an_id(form: str) -> Check:
    """No run of seven digits, unless by chance: a phone or card number is no part of an id."""
    return matching(rf"((?!.*[0-9]{{7}})|{_RANDOM}){form}")


_gateway_codes: set[str] = set()


def know_gateway_codes(codes: Iterable[str]) -> None:
    """Codes of the payment API; the gateway owns their list."""
    _gateway_codes.update(codes)


AMOUNT = integer(0, 10**12)
"""Minor units. A 16-digit card number is above it."""
COUNT = integer(0, 10**9)

_PRODUCT_ID = an_id("(prod|pdt)_[A-Za-z0-9_]{1,60}")

CHECKS: dict[str, Check] = {
    "attempt": integer(1, 10),
    "bytes": COUNT,
    "category": matching(r"[A-Za-z_][A-Za-z0-9_]{0,63}"),
    "causes": each(matching(r"[A-Za-z0-9_.<>]{1,64}( at [A-Za-z0-9_./:<>?-]{1,200})?"), 8),
    "charges": COUNT,
    "code": one_of(words(Ending)),
    "count": COUNT,
    "country": one_of(COUNTRIES),
    "currency": one_of(CURRENCIES),
    "decision": one_of(words(Decision)),
    "dropped": COUNT,
    "duration_ms": COUNT,
    "environment": one_of(words(Environment)),
    "error_id": matching(r"err_[0-9a-f]{12}"),
    "error_type": matching(r"[A-Za-z_][A-Za-z0-9_]{0,63}"),
    "failure": one_of(words(Failure)),
    "frames": each(matching(r"[A-Za-z0-9_./:<>?-]{1,200}"), 16),
    "gateway_code": lambda value: type(value) is str and value in _gateway_codes,
    "kind": one_of(words(FailureKind)),
    "lines": COUNT,
    "logger": matching(r"[A-Za-z0-9_.]{1,100}"),
    "method": one_of(words(Method)),
    "names": each(an_id("(?i:CHECKOUT|DODO_PAYMENTS)_[A-Za-z0-9_]{1,60}"), 10),
    "operation": one_of(words(Operation)),
    "pages": COUNT,
    "paths": each(lambda path: path == known_part(path), 100),
    "policy": lambda value: type(value) is bool,
    "preview_id": an_id("prv_[A-Za-z0-9_-]{16}"),
    "previous_recurring": AMOUNT,
    "previous_total": AMOUNT,
    "principal": matching("local|nobody|[0-9a-f]{32}"),
    "problem": one_of(words(AuthorizationProblem)),
    "product_id": _PRODUCT_ID,
    "product_ids": each(_PRODUCT_ID, 20),
    "rate_limit": COUNT,
    "rate_remaining": COUNT,
    "recurring": AMOUNT,
    "replica": matching("[0-9a-f]{8}"),
    "request_id": matching(r"(?=.*[a-f])([0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
                           r"|[0-9a-f]{16}-[A-Z]{3}|req_(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{8,40}"),
    "route": one_of(ROUTES),
    "rpc_method": one_of(RPC_METHODS),
    "rules": each(one_of(words(PolicyRule)), 20),
    "session_id": an_id("cks_[A-Za-z0-9_-]{1,64}"),
    "status": integer(100, 599),
    "template": one_of(TEMPLATES),
    "tool": one_of(words(ToolName)),
    "total": AMOUNT,
    "transport": one_of(words(Transport)),
    "variable": one_of(words(Variable)),
    "webhook": one_of(words(WebhookType)),
    "where": matching(r"[A-Za-z0-9_./:<>?-]{1,200}"),
}  # fmt: skip
"""Every field, and what may stand in it. Those that ``Fields`` lacks are made in this package, from code."""
