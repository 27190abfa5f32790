"""What a server does beside its calls: it keeps to the ledger's clock, and asks about what is unknown and counts it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from checkout_server.checkout.clock import LedgerClock
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.operations import Unresolved
from checkout_server.checkout.sessions.life import CLOCK_MARGIN_SECONDS, SESSION_SECONDS
from checkout_server.checkout.sessions.settle import settle_by_payments
from checkout_server.gateway.errors import GatewayError
from checkout_server.gateway.room import giving_way
from checkout_server.privacy.logs.events import emit

ROUND_SECONDS = 60.0
CLOCK_SECONDS = 60.0
"""Between two readings of the ledger's clock, however long a round takes."""
FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 3600.0
"""Between two questions about one outcome, at first and at most; each pause is twice as long as the one before."""


@asynccontextmanager
async def working_in_background(desk: Desk) -> AsyncGenerator[None]:
    """Do a round of the background's work once a minute, and keep to the ledger's clock, until the block ends."""
    working = {asyncio.create_task(_work(desk)), asyncio.create_task(_keep_time(desk))}
    try:
        yield
    finally:
        for each in working:
            each.cancel()
        await asyncio.wait(working)


async def _keep_time(desk: Desk) -> None:
    while isinstance(desk.clock, LedgerClock):
        await asyncio.sleep(CLOCK_SECONDS)
        with contextlib.suppress(LedgerUnavailable):  # the next reading may succeed
            await desk.clock.read(desk.ledger)


async def _work(desk: Desk) -> None:
    unresolved = Unresolved(0, 0)
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        try:
            await work_round(desk)
            unresolved = await tell_unresolved(desk, told=unresolved)
        except Exception as error:  # noqa: BLE001 - a defect of one round must not end all of them unseen
            emit("upkeep.failed", error=error)


async def work_round(desk: Desk) -> None:
    """One round: ask about each unknown outcome whose pause is over."""
    with giving_way(), contextlib.suppress(LedgerUnavailable, GatewayError):  # the next round tries again
        owner = await desk.find_owner()
        while True:
            now = desk.clock()
            entry = await desk.ledger.take_unknown(
                owner=owner,
                now=now,
                first_pause=FIRST_PAUSE_SECONDS,
                longest_pause=LONGEST_PAUSE_SECONDS,
                claimed_after=now - SESSION_SECONDS - CLOCK_MARGIN_SECONDS,
            )
            if entry is None:
                return
            await settle_by_payments(entry, owner, desk)


async def tell_unresolved(desk: Desk, *, told: Unresolved) -> Unresolved:
    """Log how many outcomes are unknown, unless it is what was told before; return what has now been told.

    Counted here and not when somebody asks for metrics, however often they do.
    """
    try:
        found = await desk.ledger.count_unknown(environment=desk.environment, now=desk.clock())
    except LedgerUnavailable:
        return told
    if found != told:
        emit("sales.unresolved", charges=found.charges, pages=found.pages)
    return found
