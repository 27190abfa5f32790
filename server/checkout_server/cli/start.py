"""Starting a server: settings first, then the SDK. What stops the start is one sentence."""

import asyncio
from collections.abc import Awaitable, Callable

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.policy.document import PolicyUnusable
from checkout_server.listening.loop import new_event_loop
from checkout_server.listening.loopback import PortUnusable
from checkout_server.privacy.logs.install import finish, set_level
from checkout_server.privacy.logs.lines import say
from checkout_server.privacy.sealing import KeyUnusable
from checkout_server.settings import Settings, SettingsError, load_settings
from checkout_server.telemetry.install import install_telemetry

MEND = 2
"""Ends what stays wrong until the operator mends it, however often it is started."""
TRY_AGAIN = 75
"""Ends what may start a moment later: the ledger's database is away or slow (``EX_TEMPFAIL`` of sysexits.h)."""


def start(serve: Callable[[Settings], Awaitable[None]]) -> int:
    """Run a server until it ends; its exit code: 0 at the end, ``MEND`` or ``TRY_AGAIN`` where it did not start."""
    try:
        settings = load_settings()
        set_level(settings.log_level, settings.log_format)
        try:
            install_telemetry()
        except ValueError:  # with the value in its text
            return stopped("A variable of OpenTelemetry (OTEL_...) has a value that it cannot use; mend or unset it.")
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_run(serve, settings))
    except (SettingsError, KeyUnusable, PolicyUnusable, PortUnusable) as error:
        return stopped(str(error))
    except LedgerUnavailable as error:
        return stopped(error.sentence, code=TRY_AGAIN if error.may_pass else MEND)
    finally:
        finish()
    return 0


async def _run(serve: Callable[[Settings], Awaitable[None]], settings: Settings) -> None:
    await serve(settings)


def stopped(sentence: str, *, code: int = MEND) -> int:
    """Say why there is no start; the exit code."""
    say(f"dodo-checkout-mcp: {sentence}")
    return code
