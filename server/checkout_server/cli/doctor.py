"""``doctor``: says what is wrong with this installation and what to do about it."""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.policy.document import PolicyUnusable, load_policy
from checkout_server.gateway.errors import GatewayError, NotAuthorized, NotSent
from checkout_server.privacy.install import set_level
from checkout_server.privacy.sealing import KeyUnusable
from checkout_server.settings import Settings, SettingsError, load_settings, unknown_names

if TYPE_CHECKING:
    from checkout_server.checkout.desk import Desk

MOST_NAMED = 10
PAID_DAYS = 7
"""Within which a paid session counts, as long as the ledger knows it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    ok: bool
    subject: str
    sentence: str


def run(_arguments: argparse.Namespace) -> int:
    """0 when everything works, 1 when something needs mending."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return _report([Finding(False, "settings", str(error))])
    set_level("CRITICAL")
    return _report(asyncio.run(_examine(settings)))


def _report(findings: list[Finding]) -> int:
    for finding in findings:
        print(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.subject:<12} {finding.sentence}")
    return 0 if all(finding.ok for finding in findings) else 1


async def _examine(settings: Settings) -> list[Finding]:
    return [
        Finding(True, "python", ".".join(map(str, sys.version_info[:3]))),
        _key(settings),
        Finding(True, "environment", _environment(settings)),
        *_unknown_settings(),
        _policy(settings),
        *await _sign_in(settings),
        *await _opened(settings),
    ]


_ENVIRONMENTS = {
    "sandbox": "sandbox: the embedded stand-in; prices are made up and no money moves",
    "test_mode": "test_mode: the payment API's test mode; no money moves",
    "live_mode": "live_mode: buyers are charged",
}


def _environment(settings: Settings) -> str:
    sentence = _ENVIRONMENTS[settings.environment]
    if settings.environment == "sandbox" and settings.ledger_url is not None:
        return f"{sentence}; its sessions end with the server, because the ledger is PostgreSQL"
    return sentence


def _key(settings: Settings) -> Finding:
    if settings.api_key is None:
        return Finding(
            True, "key", "not set, so the embedded sandbox serves; set DODO_PAYMENTS_API_KEY for the real API"
        )
    return Finding(True, "key", "set")


def _unknown_settings() -> list[Finding]:
    names = unknown_names()
    if not names:
        return []
    rest = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    named = ", ".join(names[:MOST_NAMED]) + rest
    return [Finding(True, "settings", f"nothing here reads {named}; README lists the settings")]


def _policy(settings: Settings) -> Finding:
    try:
        load_policy(settings.policy_path, settings.environment)
    except PolicyUnusable as error:
        return Finding(False, "policy", str(error))
    if settings.policy_path is None:
        return Finding(True, "policy", "none, so nothing is limited; see dodo-checkout-mcp policy")
    return Finding(True, "policy", "usable; dodo-checkout-mcp policy explains it")


async def _sign_in(settings: Settings) -> list[Finding]:
    """Whether the keys can be had that ``serve`` verifies access tokens with."""
    if settings.auth_jwks_url is None:
        return []
    from checkout_server.authorization.jwks import KeysUnreadable, fetch_keys

    try:
        keys = await fetch_keys(settings.auth_jwks_url)
    except KeysUnreadable:
        return [Finding(False, "sign-in", "CHECKOUT_AUTH_JWKS_URL gives no usable keys; check it and the network")]
    return [Finding(True, "sign-in", f"the issuer publishes {len(keys)} keys that access tokens may be signed with")]


async def _opened(settings: Settings) -> list[Finding]:
    from checkout_server.app import open_desk

    try:
        async with open_desk(settings) as desk:
            await desk.ledger.check()
            ledger = f"{'PostgreSQL' if settings.ledger_url else 'SQLite'}, writable"
            findings = [Finding(True, "ledger", ledger), await _unknown(desk), await _api(desk)]
            return findings + ([await find_webhooks(desk)] if settings.webhook_key is not None else [])
    except LedgerUnavailable as error:
        return [Finding(False, "ledger", error.sentence)]
    except KeyUnusable as error:
        return [Finding(False, "sealing key", str(error))]
    except PolicyUnusable:
        return []  # said already


async def _unknown(desk: "Desk") -> Finding:
    count = await desk.ledger.count_unknown(environment=desk.environment, now=desk.clock())
    if count:
        return Finding(
            True, "sales", f"{count} with an unknown outcome; dodo-checkout-mcp sales settle asks about them"
        )
    return Finding(True, "sales", "none has an unknown outcome")


async def find_webhooks(desk: "Desk") -> Finding:
    """When the last one came; and if none ever did, whether one should have."""
    try:
        last = await desk.ledger.find_last_webhook(owner=await desk.find_owner())
        if last is not None:
            came_at = datetime.fromtimestamp(last, UTC)
            return Finding(True, "webhooks", f"the last one came {came_at:%Y-%m-%d %H:%M} UTC")
        if await _was_paid(desk):
            return Finding(
                False,
                "webhooks",
                "none ever came, though sessions were paid; compare the endpoint in the provider's dashboard "
                "(URL/webhooks/dodo of serve --public-port, and its signing key) with the settings",
            )
    except GatewayError:
        pass  # said of the API already
    return Finding(True, "webhooks", "none came so far")


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


async def _api(desk: "Desk") -> Finding:
    try:
        rows = await desk.gateway.list_products(page_number=0, page_size=1, recurring=None)
    except NotAuthorized:
        return Finding(False, "api", f"does not accept the key; use a key of {desk.environment}")
    except GatewayError as error:
        return Finding(False, "api", _failed(error))
    if not rows.items and rows.is_last:
        return Finding(False, "api", "answers, but has no products; create one in the dashboard")
    return Finding(True, "api", "answers, and has products")


def _failed(error: GatewayError) -> str:
    match error.kind, error.variable:
        case "tls", None:
            return "fails in TLS; where a company signs for it, name its certificates in SSL_CERT_FILE"
        case "tls", variable:
            return f"fails in TLS; {variable} must name certificates that can be read and that sign for the API"
        case "proxy", variable:
            return (
                f"cannot be reached through the proxy of {variable or 'the system'}; mend or unset it, or name the "
                "API's host in NO_PROXY; a SOCKS proxy needs the Python package socksio"
            )
        case "dns", _:
            return "has a name that cannot be found; check the network and DODO_PAYMENTS_BASE_URL"
        case "timeout", _:
            return "does not answer in time; check the network, or try again later"
        case _ if isinstance(error, NotSent):
            return "cannot be reached; check the network, a proxy and DODO_PAYMENTS_BASE_URL"
        case _:
            return "gave no usable answer; check DODO_PAYMENTS_BASE_URL or try again later"
