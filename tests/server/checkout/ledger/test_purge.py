"""Purging: what is over goes, batch by batch, beside the calls; what was known of it last stays."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger import sql_batches, statements
from checkout_server.checkout.ledger import upkeep as upkeep_module
from checkout_server.checkout.ledger.contract import Entry, Ledger, LedgerUnavailable, State
from checkout_server.checkout.ledger.customers import Lookup
from checkout_server.checkout.ledger.fragments import in_batches
from checkout_server.checkout.ledger.upkeep import PURGE_SECONDS, Upkeep
from ledger_steps import NOW, OWNER, claim, finish

DAY = 24 * 3600


async def sell(ledger: Ledger, quoted: Entry, preview_id: str, now: float) -> None:
    await ledger.add(replace(quoted, preview_id=preview_id, created_at=now, expires_at=now + 900))
    assert await claim(ledger, preview_id=preview_id, now=now)
    assert await finish(ledger, State.CREATED, preview_id=preview_id, now=now)


async def anchor(storage: Any) -> list[tuple[Any, ...]]:
    return await storage.query("SELECT purged, at, preview_id, event FROM {schema}audit_anchor")


@pytest.mark.requirement("ledger.audit")
async def test_audit_rows_are_kept_for_their_time_and_the_last_that_went_is_known(
    ledger: Ledger, storage: Any, quoted: Entry
) -> None:
    await sell(ledger, quoted, "prv_1", NOW)
    await sell(ledger, quoted, "prv_2", NOW + 5)
    await sell(ledger, quoted, "prv_3", NOW + 10)
    await ledger.count_lookup("customer", Lookup.ALLOWED, owner=OWNER, now=NOW, hourly_limit=9)
    await ledger.count_lookup("customer", Lookup.ALLOWED, owner=OWNER, now=NOW + 10, hourly_limit=9)
    await ledger.purge(now=NOW)
    assert len(await ledger.audit("prv_1")) == 3, "without a time nothing goes"
    await ledger.purge(now=NOW, audit_before=NOW + 4)
    assert await ledger.audit("prv_1") == []
    assert await anchor(storage) == [(3, NOW, "prv_1", "created")]
    await ledger.purge(now=NOW, audit_before=NOW + 5)
    assert await ledger.audit("prv_2") == []
    assert len(await ledger.audit("prv_3")) == 3
    assert await anchor(storage) == [(6, NOW + 5, "prv_2", "created")]
    assert [row.at for row in await ledger.audit_of_customer("customer")] == [NOW + 10]
    assert (await ledger.find("prv_1", owner=OWNER, now=NOW)) is not None, "a preview lives by its own time"


@pytest.mark.requirement("policy.hourly")
async def test_what_an_hour_counts_is_neither_audited_nor_kept(ledger: Ledger, storage: Any, quoted: Entry) -> None:
    await sell(ledger, quoted, "prv_1", NOW)
    await ledger.purge(now=NOW + 3599, audit_before=NOW + 3599)
    assert await ledger.audit("prv_1") == []
    assert await ledger.claims_of_an_hour(owner=OWNER, now=NOW + 3599) == 1
    await ledger.purge(now=NOW + 3600)
    assert await storage.query("SELECT count(*) FROM {schema}creation_attempt") == [(0,)]


@pytest.mark.requirement("ledger.purge")
async def test_a_purge_takes_many_small_steps_and_others_come_between(
    ledger: Any, quoted: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_batches, "CHANGED_AT_ONCE", 3)
    for number in range(10):
        await ledger.add(replace(quoted, preview_id=f"prv_{number}"))
    between: list[int] = []
    change = ledger._change

    async def watched(step: Any, values: Any, **options: Any) -> Any:
        rows = await change(step, values, **options)
        if step == in_batches(statements.PURGE, 3):
            between.append(len(rows))
            await ledger.add(replace(quoted, preview_id=f"new_{len(between)}", purge_at=NOW + 9000))
        return rows

    monkeypatch.setattr(ledger, "_change", watched)
    assert await ledger.purge(now=NOW + 4500) == 10
    assert between == [3, 3, 3, 1]
    assert await ledger.find("new_4", owner=OWNER, now=NOW) is not None


@pytest.mark.requirement("once.concurrent")
async def test_purges_at_once_share_the_work(storage: Any, quoted: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_batches, "CHANGED_AT_ONCE", 3)
    ledgers = [await storage.open() for _ in range(2)]
    for number in range(20):
        await sell(ledgers[0], replace(quoted, purge_at=NOW), f"prv_{number}", NOW)
    await storage.run("UPDATE {schema}preview SET purge_at = 1")
    purged = await asyncio.gather(*(ledger.purge(now=NOW, audit_before=NOW) for ledger in ledgers))
    assert sum(purged) == 20
    [(count, *_)] = await anchor(storage)
    assert count == 60
    assert await storage.query("SELECT count(*) FROM {schema}audit") == [(0,)]


class Purging:
    """A ledger whose purge lasts until it is told to end."""

    def __init__(self) -> None:
        self.asked: list[dict[str, float]] = []
        self.end = asyncio.Event()
        self.fails = False

    async def purge(self, **asked: float) -> int:
        self.asked.append(asked)
        await self.end.wait()
        if self.fails:
            raise LedgerUnavailable("gone")
        return 0


@pytest.mark.requirement("ledger.purge")
async def test_nobody_waits_for_a_purge_and_it_runs_once_a_minute_and_one_at_a_time() -> None:
    ledger: Any = Purging()
    upkeep = Upkeep()

    async def due(now: float) -> int:
        upkeep.purge_when_due(ledger, now=now, keep_audit_days=400)
        await asyncio.sleep(0)
        return len(ledger.asked)

    assert await due(NOW) == 1
    assert ledger.asked == [{"now": NOW, "audit_before": NOW - 400 * DAY}]
    assert await due(NOW + PURGE_SECONDS) == 1, "the first still runs"
    ledger.end.set()
    await asyncio.sleep(0)
    assert await due(NOW + PURGE_SECONDS - 1) == 1
    assert await due(NOW + PURGE_SECONDS) == 2
    await upkeep.stop()


@pytest.mark.requirement("ledger.purge")
async def test_a_purge_that_runs_ends_with_the_server() -> None:
    ledger: Any = Purging()
    upkeep = Upkeep()
    upkeep.purge_when_due(ledger, now=NOW, keep_audit_days=400)
    await asyncio.sleep(0)
    await upkeep.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.requirement("ledger.storage")
async def test_a_purge_that_fails_is_an_event_and_fails_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    events: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr(upkeep_module, "emit", events.put_nowait)
    ledger: Any = Purging()
    ledger.fails = True
    ledger.end.set()
    upkeep = Upkeep()
    upkeep.purge_when_due(ledger, now=NOW, keep_audit_days=400)
    assert await events.get() == "ledger.purge_failed"
    await upkeep.stop()
