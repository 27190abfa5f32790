"""What ``doctor`` asks of the payment API: whether it answers, what time it is there, and whether its webhooks come."""

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from checkout_server.cli.doctor.finding import Finding, fine, wrong
from checkout_server.gateway.errors import GatewayError, NotAuthorized, NotSent

if TYPE_CHECKING:
    from checkout_server.checkout.desk import Desk

PAID_DAYS = 7
"""Within which a paid session counts, as long as the ledger knows it."""
MOST_APART = 60.0
"""Seconds between two clocks; a webhook is refused from 300 on."""


async def find_api(desk: "Desk") -> Finding:
    """Whether the API answers this key."""
    try:
        rows = await desk.gateway.list_products(page_number=0, page_size=1, recurring=None)
    except NotAuthorized:
        return wrong("api", "does not accept the key", f"use a key of {desk.environment}")
    except GatewayError as error:
        return wrong("api", *_explain(error))
    if not rows.items and rows.is_last:
        return wrong("api", "answers, but has no products", "create one in the dashboard")
    return fine("api", "answers, and has products")


def _explain(error: GatewayError) -> tuple[str, str]:
    """What the failure is, and its remedy."""
    match error.kind, error.variable:
        case "tls", None:
            return "fails in TLS", "where a company signs for it, name its certificates in SSL_CERT_FILE"
        case "tls", variable:
            return "fails in TLS", f"{variable} must name certificates that can be read and that sign for the API"
        case "proxy", variable:
            return (
                f"cannot be reached through the proxy of {variable or 'the system'}",
                "mend or unset it, or name the API's host in NO_PROXY; a SOCKS proxy needs the Python package socksio",
            )
        case "dns", _:
            return "has a name that cannot be found", "check the network and DODO_PAYMENTS_BASE_URL"
        case "timeout", _:
            return "does not answer in time", "check the network, or try again later"
        case _ if isinstance(error, NotSent):
            return "cannot be reached", "check the network, a proxy and DODO_PAYMENTS_BASE_URL"
        case _:
            return "gave no usable answer", "check DODO_PAYMENTS_BASE_URL, or try again later"


def find_clock(desk: "Desk") -> Finding | None:
    """How far this machine's clock is from the API's, once it has answered; None where nothing can be said."""
    if not desk.gateway.clock.is_known:
        return None
    ahead = round(desk.gateway.clock.seconds_ahead(time.time()))
    if abs(ahead) <= MOST_APART:
        return fine("clock", f"within {MOST_APART:.0f} seconds of the API's")
    return wrong(
        "clock",
        f"{abs(ahead)} seconds {'ahead of' if ahead > 0 else 'behind'} the API's",
        "set this machine's clock by NTP; 300 seconds apart, webhooks are refused",
    )


async def find_webhooks(desk: "Desk", *, has_key: bool) -> Finding:
    """When the last one came; and if none ever did, whether one should have."""
    if not has_key:
        return fine("webhooks", "not taken: a call that waits asks the API itself", "set DODO_PAYMENTS_WEBHOOK_KEY")
    try:
        last = await desk.ledger.find_last_webhook(owner=await desk.find_owner())
        if last is not None:
            came_at = datetime.fromtimestamp(last, UTC)
            return fine("webhooks", f"the last one came {came_at:%Y-%m-%d %H:%M} UTC")
        if desk.environment == "sandbox":
            hint = "to try them, sell from a sandbox that runs alone, with --webhook-url"
            return fine("webhooks", "the embedded sandbox sends none", hint)
        if await _was_paid(desk):
            return wrong(
                "webhooks",
                "none ever came, though sessions were paid",
                "compare the endpoint in the provider's dashboard (URL/webhooks/dodo of serve --public-port, and its "
                "signing key) with the settings",
            )
    except GatewayError:
        pass  # said of the API already
    return fine("webhooks", "none came so far", "name URL/webhooks/dodo of serve --public-port in the dashboard")


async def _was_paid(desk: "Desk") -> bool:
    """Whether the API's newest payments hold one of a session that was made here."""
    now = datetime.fromtimestamp(desk.clock(), UTC)
    rows = await desk.gateway.list_payments(
        page_number=0, page_size=100, created_at_gte=now - timedelta(days=PAID_DAYS), created_at_lte=now
    )
    owner = await desk.find_owner()
    for row in rows.items:
        paid = row.status == "succeeded" and row.checkout_session_id is not None
        if paid and await desk.ledger.find_sale(owner=owner, session_id=row.checkout_session_id) is not None:
            return True
    return False
