"""``doctor``: looks at settings, policy, sign-in, ledger, payment API and clients, in this order."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.policy.document import PolicyUnusable, load_policy
from checkout_server.checkout.principal import issuers_beside
from checkout_server.cli.doctor.api import find_api, find_clock, find_webhooks
from checkout_server.cli.doctor.entries import find_clients
from checkout_server.cli.doctor.finding import Finding, fine, split_repair, wrong
from checkout_server.cli.doctor.report import print_report
from checkout_server.cli.doctor.sign_in import find_sign_in, find_tokens
from checkout_server.cli.program import program
from checkout_server.cli.screen import open_screen
from checkout_server.privacy.logs.install import set_level
from checkout_server.privacy.sealing import KeyUnusable
from checkout_server.settings import Settings, SettingsError, load_settings
from checkout_server.settings.loading import unknown_names

if TYPE_CHECKING:
    from checkout_server.checkout.desk import Desk

MOST_NAMED = 10


def run(_arguments: argparse.Namespace) -> int:
    """0 when everything works, 1 when something needs mending."""
    set_level("CRITICAL")
    settings: Settings | None = None
    try:
        settings = load_settings()
    except SettingsError as error:
        where = "change it where it is set: in this shell, or in the client's entry"
        findings = [wrong("settings", str(error), where)]
    else:
        findings = asyncio.run(_examine(settings))
    print_report(findings, settings, open_screen())
    return 0 if all(finding.ok for finding in findings) else 1


async def _examine(settings: Settings) -> list[Finding]:
    return [
        fine("python", ".".join(map(str, sys.version_info[:3]))),
        _key(settings),
        environment_of(settings),
        *_unknown_settings(),
        _policy(settings),
        *await find_sign_in(settings),
        *await _opened(settings),
        *await find_clients(),
    ]


_ENVIRONMENTS = {
    "sandbox": "sandbox: the embedded stand-in; prices are made up and no money moves",
    "test_mode": "test_mode: the payment API's test mode; no money moves",
    "live_mode": "live_mode: buyers are charged",
}


def environment_of(settings: Settings) -> Finding:
    sentence = _ENVIRONMENTS[settings.environment]
    if settings.environment == "sandbox" and settings.ledger_url is not None:
        sentence += "; its sessions end with the server, because the ledger is PostgreSQL"
    return fine("environment", sentence)


def _key(settings: Settings) -> Finding:
    if settings.api_key is None:
        return fine("key", "not set, so the embedded sandbox serves", "set DODO_PAYMENTS_API_KEY for the real API")
    return fine("key", "set")


def _unknown_settings() -> list[Finding]:
    names = unknown_names()
    if not names:
        return []
    rest = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    named = ", ".join(names[:MOST_NAMED]) + rest
    return [fine("settings", f"nothing here reads {named}", "compare them with the settings in the README")]


def _policy(settings: Settings) -> Finding:
    try:
        load_policy(settings.policy_path, settings.environment, issuers=issuers_beside(settings.auth_issuer))
    except PolicyUnusable as error:
        return wrong("policy", str(error), f"mend the file; {program()} policy --check FILE checks it")
    if settings.policy_path is None:
        return fine("policy", "none, so nothing is limited", f"{program()} policy names what can be limited")
    return fine("policy", "usable", f"{program()} policy explains it")


async def _opened(settings: Settings) -> list[Finding]:
    from checkout_server.app import open_desk

    try:
        async with open_desk(settings, serves=False) as desk:
            await desk.ledger.check()
            ledger = f"{'PostgreSQL' if settings.ledger_url else 'SQLite'}, writable"
            tokens = await find_tokens(desk)
            asked = [fine("ledger", ledger), *tokens, await _unknown(desk), await find_api(desk), find_clock(desk)]
            webhooks = await find_webhooks(desk, has_key=settings.webhook_key is not None)
            return [*filter(None, asked), webhooks]
    except LedgerUnavailable as error:
        return [split_repair("ledger", error.sentence, "check CHECKOUT_LEDGER")]
    except KeyUnusable as error:
        return [split_repair("sealing key", str(error), "check CHECKOUT_SECRET_KEYS and the key file")]
    except PolicyUnusable:
        return []  # said already


async def _unknown(desk: "Desk") -> Finding:
    count = sum(await desk.ledger.count_unknown(environment=desk.environment, now=desk.clock()))
    if count:
        repair = f"{program()} sales settle asks about those of this API key's merchant account"
        return fine("sales", f"{count} with an unknown outcome", repair)
    return fine("sales", "none has an unknown outcome")
