"""All that a log line may say: the declared events, the declared fields, and what may stand in each field.

Values are checked as well as keys. An id has its own pattern, a code is on its list, a number has bounds: what somebody
typed into the wrong field fits none of them.
"""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypedDict, cast, get_args

from checkout_schemas.errors import ErrorCode
from checkout_schemas.results import Environment
from checkout_schemas.vocabularies.countries import COUNTRIES
from checkout_schemas.vocabularies.currencies import CURRENCIES
from checkout_server.privacy.paths import known_part
from checkout_server.privacy.routes import ROUTES, RPC_METHODS
from checkout_server.privacy.templates import TEMPLATES
from checkout_server.privacy.token_problems import AuthorizationProblem
from checkout_server.privacy.webhook_types import WebhookType

Event = Literal[
    "approval.answered",
    "approval.asked",
    "approval.misdirected",
    "approval.not_asked",
    "authorization.keys_failed",
    "authorization.keys_fetched",
    "authorization.refused",
    "authorization.unavailable",
    "event.undeclared",
    "gateway.answer_odd",
    "gateway.answered",
    "gateway.failed",
    "gateway.rows_left_out",
    "ledger.key_lost",
    "ledger.purge_failed",
    "library.logged",
    "logging.failed",
    "logging.lines_lost",
    "message.no_request",
    "message.not_json",
    "policy.denied",
    "preview.quoted",
    "price.changed",
    "privacy.withheld",
    "process.crashed",
    "public.crashed",
    "python.unraisable",
    "python.warned",
    "quote.differs",
    "sandbox.in_memory",
    "server.started",
    "server.stopped",
    "session.claimed",
    "session.crashed",
    "session.created",
    "session.lease_ended",
    "session.not_recorded",
    "session.recorded_late",
    "session.refused",
    "session.settled",
    "session.unknown",
    "settings.unknown",
    "shutdown.draining",
    "spans.foreign_provider",
    "stderr.text",
    "stdout.text",
    "telemetry.not_installed",
    "thread.crashed",
    "tool.crashed",
    "tool.finished",
    "upkeep.failed",
    "webhook.forgotten",
    "webhook.odd",
    "webhook.refused",
    "webhook.stored",
]

LEVELS: dict[str, int] = {
    "approval.misdirected": logging.WARNING,
    "authorization.keys_failed": logging.WARNING,
    "authorization.refused": logging.WARNING,
    "authorization.unavailable": logging.WARNING,
    "gateway.answer_odd": logging.WARNING,
    "gateway.rows_left_out": logging.WARNING,
    "ledger.key_lost": logging.WARNING,
    "ledger.purge_failed": logging.WARNING,
    "logging.failed": logging.ERROR,
    "logging.lines_lost": logging.WARNING,
    "message.no_request": logging.WARNING,
    "message.not_json": logging.WARNING,
    "privacy.withheld": logging.WARNING,
    "process.crashed": logging.CRITICAL,
    "public.crashed": logging.ERROR,
    "python.unraisable": logging.ERROR,
    "python.warned": logging.WARNING,
    "quote.differs": logging.WARNING,
    "sandbox.in_memory": logging.WARNING,
    "session.crashed": logging.ERROR,
    "session.lease_ended": logging.WARNING,
    "session.not_recorded": logging.ERROR,
    "session.unknown": logging.WARNING,
    "settings.unknown": logging.WARNING,
    "spans.foreign_provider": logging.ERROR,
    "stderr.text": logging.WARNING,
    "stdout.text": logging.WARNING,
    "telemetry.not_installed": logging.WARNING,
    "thread.crashed": logging.ERROR,
    "tool.crashed": logging.ERROR,
    "upkeep.failed": logging.WARNING,
    "webhook.odd": logging.WARNING,
    "webhook.refused": logging.WARNING,
}
"""Of the events that are not at INFO."""

ToolName = Literal[
    "list_products", "preview_checkout", "create_checkout_session", "get_checkout_session",
    "list_saved_payment_methods",
]  # fmt: skip
Ending = ErrorCode | Literal["ok", "input_required", "cancelled", "crashed"]
"""How a call of a tool ended."""
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
Operation = Literal[
    "list_brands", "list_products", "get_product", "list_addons", "list_saved_methods", "preview", "create",
    "get_session", "list_payments", "get_payment", "get_subscription", "list_license_keys",
]  # fmt: skip
Failure = Literal[
    "NotSent", "NoAnswer", "Refused", "NotAuthorized", "NotFound", "RateLimited", "ServerFailed", "UnreadableAnswer",
    "OutOfTime", "HeldBack", "Overloaded", "interrupted",
]  # fmt: skip
FailureKind = Literal["address", "closed", "connect", "cut", "dns", "protocol", "proxy", "timeout", "tls"]
"""What stood in the way of an answer: ``cut`` is a connection that broke, ``closed`` a server that is stopping."""
Variable = Literal["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "SSL_CERT_DIR", "SSL_CERT_FILE"]
PolicyRule = Literal[
    "allow.countries", "allow.currencies", "allow.discount_codes", "allow.products", "allow.return_hosts",
    "allow.return_schemes", "confirm.list_any_customer", "confirm.mode", "confirm.saved_payment_methods",
    "confirm.list_saved_payment_methods", "limits.creations_per_hour", "limits.customer_lookups_per_hour",
    "limits.max_quantity", "limits.max_total", "rates.creations_per_minute", "rates.previews_per_minute",
]  # fmt: skip
"""The keys of a policy that can deny a call."""
Decision = Literal["approved", "refused", "declined", "closed"]
"""What a person answered: yes, no by the form, no to the question itself, or nothing."""
Transport = Literal["stdio", "http"]


class Fields(TypedDict, total=False):
    """What our own code may say with an event. None is the same as nothing."""

    attempt: int
    code: Ending | None
    count: int | None
    country: str | None
    currency: str | None
    decision: Decision
    duration_ms: int
    environment: Environment | None
    error_id: str | None
    failure: Failure | None
    gateway_code: str | None
    kind: FailureKind | None
    method: Method
    names: list[str]
    """Of variables of the environment."""
    operation: Operation
    paths: list[str] | None
    """Of problems, as far as the schemas know them."""
    policy: bool
    """Whether a policy file is in force."""
    problem: AuthorizationProblem
    preview_id: str | None
    previous_recurring: int | None
    previous_total: int
    principal: str | None
    """As the ledger knows them: a keyed hash, or ``local``; ``nobody`` where a token was asked for and none arrived."""
    product_id: str | None
    product_ids: list[str] | None
    """Of a call's cart, in the form of an id (see ADR 25)."""
    rate_limit: int | None
    rate_remaining: int | None
    """Requests that the API takes in its present window, and how many are left of them."""
    recurring: int | None
    replica: str
    request_id: str | None
    route: str | None
    rules: list[PolicyRule] | None
    session_id: str | None
    status: int | None
    tool: ToolName
    total: int | None
    transport: Transport
    variable: Variable | None
    """Of the environment, that may be to blame."""
    webhook: str | None
    """Which type of event it carried."""


Check = Callable[[Any], bool]


def words(*vocabularies: Any) -> frozenset[str]:
    """The words of Literals, also of unions of them."""
    found: set[str] = set()
    for each in vocabularies:
        for argument in get_args(each):
            found |= {argument} if isinstance(argument, str) else words(argument)
    return frozenset(found)


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

EVENTS = words(Event)
