"""Calls whose caller is gone, and a ledger that is closed: whole or not at all."""

import asyncio
import gc
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import (
    Entry,
    Ledger,
    LedgerUnavailable,
    State,
)
from checkout_server.checkout.ledger.transactions import Transactions
from ledger_steps import bring, claim, expected, find, finish


@pytest.mark.requirement("ledger.atomic")
@pytest.mark.parametrize("turns", range(1, 12))
async def test_a_call_whose_caller_is_cancelled_is_carried_out_whole(storage: Any, quoted: Entry, turns: int) -> None:
    ledger = await storage.open()
    await bring(ledger, quoted, State.CLAIMED)
    call = asyncio.create_task(finish(ledger, State.CREATED))
    for _ in range(turns):
        await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait([call])
    await ledger.close()  # which waits for what was begun
    after = await storage.open()
    assert await find(after) == expected(quoted, State.CREATED)
    assert [row.event for row in await after.audit("prv_1")] == ["quoted", "claimed", "created"]


@pytest.mark.requirement("ledger.atomic")
@pytest.mark.parametrize("turns", range(1, 12))
async def test_a_transaction_that_is_itself_cancelled_leaves_nothing_open_or_half_written(
    ledger: Ledger, quoted: Entry, turns: int
) -> None:
    await ledger.add(quoted)
    present = asyncio.all_tasks()
    call = asyncio.create_task(claim(ledger))
    for _ in range(turns):
        await asyncio.sleep(0)
    # As the event loop does when it stops: it spares no task.
    tasks = asyncio.all_tasks() - present
    for task in tasks:
        task.cancel()
    await asyncio.wait([call, *tasks])
    await ledger.add(replace(quoted, preview_id="prv_2"))
    entry = await find(ledger)
    events = [row.event for row in await ledger.audit("prv_1")]
    assert (entry, events) in [
        (quoted, ["quoted"]),
        (expected(quoted, State.CLAIMED), ["quoted", "claimed"]),
    ]


@pytest.mark.requirement("ledger.atomic")
async def test_a_ledger_that_closes_first_ends_the_calls_it_has_begun(storage: Any, quoted: Entry) -> None:
    ledger = await storage.open()
    await bring(ledger, quoted, State.CLAIMED)
    call = asyncio.create_task(finish(ledger, State.CREATED))
    await asyncio.sleep(0)
    call.cancel()
    await ledger.close()
    assert await find(await storage.open()) == expected(quoted, State.CREATED)


@pytest.mark.requirement("ledger.storage")
async def test_a_closed_ledger_says_so_and_closes_again(ledger: Ledger, quoted: Entry) -> None:
    await ledger.close()
    await ledger.close()
    for call in (find(ledger), ledger.add(quoted), claim(ledger), ledger.audit("prv_1")):
        with pytest.raises(LedgerUnavailable, match="is closed"):
            await call


@pytest.mark.requirement("ledger.atomic")
async def test_a_failure_that_nobody_is_left_to_see_is_not_reported_as_a_defect() -> None:
    transactions, begun, gone = Transactions(), asyncio.Event(), asyncio.Event()
    reported: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, about: reported.append(about))

    async def fail() -> None:
        begun.set()
        await gone.wait()
        raise LedgerUnavailable("The disk is full.")

    call = asyncio.create_task(transactions.run(fail()))
    await begun.wait()
    call.cancel()
    await asyncio.wait([call])
    gone.set()
    await transactions.close()
    del call  # its traceback holds the task
    gc.collect()  # asyncio reports an exception that nobody asked for when its task goes
    assert reported == []
