"""Questions to people are few: over previews, replicas and protocol eras, for the same goods and buyer."""

import asyncio

from checkout_server.calls.deadline import seconds_left
from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale.stages import FoundSale, SoldSession
from checkout_server.checkout.sale.usable_preview import find_sale
from checkout_server.privacy.logs.events import emit

MOST_QUESTIONS = 3
"""Questions within an hour that were not answered by a yes."""
OPEN_SECONDS = 600.0
"""How long a question without an answer counts as open."""
WAIT_SECONDS = 40.0
"""How long a call waits for the answer to another call's question."""
LOOK_SECONDS = 0.25


async def count_question(sale: FoundSale, paths: list[str], desk: Desk) -> SoldSession | None:
    """Count a question that is about to be sent; above the limit, wait for the answer to an open one instead.

    Args:
        sale: what is asked about.
        paths: the fields that need approval, for the log.
        desk: the context of the call.

    Returns:
        None when the question may be sent; else the session that a yes to another call's question made.

    Raises:
        CheckoutRefusal: people did not approve these goods for this buyer too often, or have not answered yet.
        LedgerUnavailable: it could not be counted.
    """
    preview_id = sale.entry.preview_id
    counted = await desk.ledger.count_question(
        preview_id, owner=sale.owner, goods=sale.goods, now=desk.clock(), most=MOST_QUESTIONS
    )
    if counted:
        emit("approval.asked", preview_id=preview_id, paths=paths)
        return None
    emit("approval.not_asked", preview_id=preview_id)
    return await _wait_for_answer(sale, desk)


async def _wait_for_answer(sale: FoundSale, desk: Desk) -> SoldSession:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds_left(WAIT_SECONDS)
    while True:
        now = await find_sale(sale.request, desk)
        if isinstance(now, SoldSession):
            return now
        if not await desk.ledger.is_being_asked(
            sale.entry.preview_id, owner=sale.owner, goods=sale.goods, since=desk.clock() - OPEN_SECONDS
        ):
            raise refusals.too_many_questions()
        if loop.time() >= until:
            raise refusals.being_asked()
        await asyncio.sleep(LOOK_SECONDS)


async def record_answer(sale: FoundSale, desk: Desk, *, approved: bool) -> bool:
    """Record what a person said to the question of a sale; whether it counts.

    A yes counts for a question that is open, or beside another yes to it. It does not after a no.

    Raises:
        LedgerUnavailable: it could not be recorded.
    """
    preview_id, owner, goods, ledger = sale.entry.preview_id, sale.owner, sale.goods, desk.ledger
    since = desk.clock() - OPEN_SECONDS
    if await ledger.answer_question(preview_id, owner=owner, goods=goods, approved=approved):
        return True
    return approved and await ledger.is_being_asked(preview_id, owner=owner, goods=goods, since=since)


async def withdraw_question(sale: FoundSale, desk: Desk) -> None:
    """Count a question no more that no person saw.

    Raises:
        LedgerUnavailable: it could not be recorded.
    """
    await desk.ledger.withdraw_question(sale.entry.preview_id, owner=sale.owner, goods=sale.goods)
