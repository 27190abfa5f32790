"""``sandbox``: the stand-in payment API, for a browser or another program."""

import argparse
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from checkout_schemas.web_addresses import is_loopback
from checkout_server.listening.loopback import PortUnusable
from checkout_server.privacy.logs.lines import say

if TYPE_CHECKING:
    from checkout_server.sandbox.webhooks import WebhookTarget


def run(arguments: argparse.Namespace) -> int:
    if not is_loopback(arguments.host):
        say("--host must be a loopback address such as 127.0.0.1.")
        return 2
    from checkout_server.sandbox.listener import serve_sandbox

    try:
        webhooks = _webhooks(arguments.webhook_url) if arguments.webhook_url is not None else None
    except ValueError as error:
        say(str(error))
        return 2
    try:
        serve_sandbox(arguments.host, arguments.port, say, webhooks, arguments.after_decline)
    except PortUnusable as error:
        say(str(error))
        return 2
    return 0


def _webhooks(url: str) -> "WebhookTarget":
    """Where webhooks go: signed with the key of the server that takes them, or a new one, which is then shown.

    Raises:
        ValueError: a sentence about what cannot be used.
    """
    from checkout_server.sandbox.webhooks import WebhookTarget, new_key

    if not _can_be_sent_to(url):
        raise ValueError("--webhook-url must be an https:// URL, or http:// on this machine, without credentials.")
    given = os.environ.get("DODO_PAYMENTS_WEBHOOK_KEY", "").split()
    try:
        target = WebhookTarget(url, tuple(given or [new_key()]))
    except ValueError:
        raise ValueError("DODO_PAYMENTS_WEBHOOK_KEY must be a webhook key as the dashboard shows it.") from None
    if not given:
        say(f"Webhooks are signed with DODO_PAYMENTS_WEBHOOK_KEY={target.keys[0]}")
    return target


def _can_be_sent_to(url: str) -> bool:
    """Whether nobody on the way reads what is sent there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    is_private = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    return bool(host) and "@" not in parts.netloc and is_private
