"""``get_checkout_session`` with ``wait_seconds``: an answer as soon as the state of a sale changes."""

import asyncio
import math
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import chain, repeat

from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_schemas.results import SessionStatus
from checkout_server.calls.stage import note_step
from checkout_server.checkout.after_sale.watches import Watch
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, Owner
from checkout_server.checkout.sessions.answers import ANSWERS
from checkout_server.checkout.sessions.lookup import Answered, find_asked, look_up_sale
from checkout_server.gateway.errors import PASSING, GatewayError
from checkout_server.gateway.room import giving_way

API_PAUSES = (2.0, 4.0, 8.0, 15.0)
"""Seconds before each question to the API; the last for all that follow. They begin again with each change."""
LEDGER_SECONDS = 1.0
"""How often the ledger is looked at: the news may have reached another replica."""
NO_PLACE = "Answered at once, since too many calls wait already: ask again in a minute."


async def await_session(request: GetCheckoutSession, desk: Desk) -> SessionStatus:
    """The status of a session, as soon as it is another than at first; at the latest after ``wait_seconds``.

    Raises:
        CheckoutRefusal, GatewayError, LedgerUnavailable: as ``look_up_sale``.
    """
    until = asyncio.get_running_loop().time() + (request.wait_seconds or 0)
    first = await look_up_sale(request, desk)
    if not request.wait_seconds or not ANSWERS[first.state].is_awaited:
        return first.status
    with desk.watches.place(desk.principal.id) as has_place:
        if has_place:
            return (await _wait(request, first, until, desk)).status
    return first.updated(warnings=[*(first.status.warnings or ()), NO_PLACE]).status


async def _wait(request: GetCheckoutSession, first: Answered, until: float, desk: Desk) -> Answered:
    told = first.status
    loop, session_id = asyncio.get_running_loop(), request.session_id or told.session_id
    owner = await desk.find_owner()
    entry = await find_asked(request, owner, desk)
    if told.expires_at is not None:
        until = min(until, loop.time() + told.expires_at.timestamp() + 1 - desk.clock())  # it is cut to seconds
    payment_status = told.payment_status or ("processing" if told.status == "processing" else None)
    with desk.watches.joined(session_id or request.preview_id or "", payment_status) as watch:
        change = watch.next_change
        if watch.payment_status != payment_status:  # something came between the look and now
            watch.tell()
        if session_id is not None:
            watch.follow("payment", partial(_follow_payment, session_id, watch, desk))
        if entry is not None:
            watch.follow("record", partial(_follow_record, entry, owner, watch, desk))
        pauses, pause = _api_pauses(), math.inf
        while not desk.watches.is_stopping:
            note_step("waiting_for_payment")
            await _happens(change, within=min(pause, until - loop.time()))
            if desk.watches.is_stopping:
                break
            change = watch.next_change
            try:
                with giving_way():
                    now = await look_up_sale(request, desk)
            except (*PASSING, LedgerUnavailable):
                if loop.time() >= until:
                    raise
                # Nobody need tell again of what happened.
                pause = next(pauses)
                continue
            pauses, pause = _api_pauses(), math.inf
            # At the end too it is what is true by then.
            if loop.time() >= until or now.state is not first.state:
                return now
            first = now
        return first


def _api_pauses() -> Iterator[float]:
    return chain(API_PAUSES, repeat(API_PAUSES[-1]))


async def _follow_payment(session_id: str, watch: Watch, desk: Desk) -> None:
    """Ask the API now and then; more often again after whatever happened."""
    while True:
        change = watch.next_change
        for pause in _api_pauses():
            if await _happens(change, within=pause):
                break
            with suppress(GatewayError):  # the next question may be answered
                with giving_way():
                    answer = await desk.gateway.get_session(session_id)
                if answer.payment_status != watch.payment_status:
                    watch.payment_status = answer.payment_status
                    watch.tell()


async def _follow_record(entry: Entry, owner: Owner, watch: Watch, desk: Desk) -> None:
    """Look at the ledger every second, since events may reach another replica, and listen for news in this process."""
    known: tuple[Entry, frozenset[tuple[str, float]]] | None = None
    with desk.news.waiting(entry.preview_id) as news:
        while True:
            with suppress(LedgerUnavailable):
                recorded = await desk.ledger.find(entry.preview_id, owner=owner, now=desk.clock()) or entry
                parts = await desk.ledger.list_parts(entry.preview_id)
                found = recorded, frozenset((part.part_id, part.as_of) for part in parts)
                if found != (known or (entry, found[1])):
                    watch.tell()
                known = found
            if await _happens(news, within=LEDGER_SECONDS):
                news.clear()
                watch.tell()


async def _happens(event: asyncio.Event, *, within: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()
    return event.is_set()
