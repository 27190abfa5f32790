"""Which paths and protocol methods a log line may name."""

import re

ROUTES = (
    "/mcp", "/products", "/products/{id}", "/addons", "/checkouts", "/checkouts/preview", "/checkouts/{id}",
    "/payments", "/payments/{id}", "/brands", "/customers/{id}/payment-methods", "/session/{id}", "/session/{id}/pay",
    "/session/{id}/fail", "/session/{id}/cancel", "/buy/{id}", "/session/{id}/challenge", "/session/{id}/refund",
    "/session/{id}/dispute", "/invoices/payments/{id}", "/refunds", "/refunds/{id}", "/disputes/{id}",
    "/subscriptions/{id}", "/license_keys", "/license_keys/{id}", "/customers/{id}", "/webhooks/dodo",
    "/checkout/return/{id}", "/.well-known/oauth-protected-resource/mcp",
)  # fmt: skip
"""Of this server, the payment API and the hosted page of the sandbox."""
_ROUTES = [(route, re.compile(re.escape(route).replace(r"\{id\}", "[^/]+"))) for route in ROUTES]

RPC_METHODS = frozenset(
    """
    completion/complete elicitation/create initialize logging/setLevel notifications/cancelled
    notifications/initialized notifications/progress notifications/roots/list_changed ping prompts/get prompts/list
    resources/list resources/read resources/subscribe resources/templates/list resources/unsubscribe roots/list
    sampling/createMessage server/discover subscriptions/listen tools/call tools/list
    """.split()
)
"""The protocol's methods. A client may send any text as one."""


def route_of(path: str) -> str | None:
    """The known route of a path, a URL, or a path with a query; None for another."""
    path = re.sub(r"^[a-z]+://[^/?#]*", "", path).partition("?")[0].partition("#")[0]
    return next((route for route, pattern in _ROUTES if pattern.fullmatch(path)), None)
