"""Starting a server: settings first, then logging, then the SDK. What stops the start is one sentence."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.policy.document import PolicyUnusable
from checkout_server.listening.loopback import PortUnusable
from checkout_server.privacy.log import install_logging
from checkout_server.privacy.sealing import KeyUnusable
from checkout_server.settings import Settings, SettingsError, load_settings


def start(serve: Callable[[Settings], Awaitable[None]]) -> int:
    """Run a server until it ends; its exit code: 0 at the end, 2 for what the operator must mend."""
    try:
        settings = load_settings()
        install_logging(settings.log_level)
        asyncio.run(_run(serve, settings))
    except (SettingsError, KeyUnusable, PolicyUnusable, PortUnusable) as error:
        return stopped(str(error))
    except LedgerUnavailable as error:
        return stopped(error.sentence)
    return 0


async def _run(serve: Callable[[Settings], Awaitable[None]], settings: Settings) -> None:
    await serve(settings)


def stopped(sentence: str) -> int:
    """Say why there is no start; the exit code for what the operator must mend."""
    print(f"dodo-checkout-mcp: {sentence}", file=sys.stderr)
    return 2
