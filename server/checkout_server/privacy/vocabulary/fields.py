"""The declared fields of an event, and the words of those that take a word."""

from typing import Any, Literal, TypedDict, get_args

from checkout_schemas.errors import ErrorCode
from checkout_schemas.results import Environment
from checkout_server.privacy.vocabulary.token_problems import AuthorizationProblem

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
    charges: int
    """That may have been made: creations with an unknown outcome that charge by themselves."""
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
    pages: int
    """That nobody was given: creations with an unknown outcome that charge nothing by themselves."""
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


def words(*vocabularies: Any) -> frozenset[str]:
    """The words of Literals, also of unions of them."""
    found: set[str] = set()
    for each in vocabularies:
        for argument in get_args(each):
            found |= {argument} if isinstance(argument, str) else words(argument)
    return frozenset(found)
