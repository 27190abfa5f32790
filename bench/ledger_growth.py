"""What a call to the ledger costs beside years of old previews, against an empty ledger: for SQLite and PostgreSQL.

The steps of a sale are made on both in turn, in one run; prints medians in milliseconds and their ratios. Then the same
while the old ledger purges what is over, and what a start costs beside either.

    uv run python bench/ledger_growth.py [--previews 1000000] [--expired 500000] [--sales 300]
        [--ledger sqlite|postgres]
"""

import argparse
import asyncio
import secrets
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import postgres
from checkout_server.checkout.ledger.contract import Claim, Entry, Ledger, Owner, State
from checkout_server.checkout.ledger.upkeep import Upkeep
from checkout_server.checkout.sale.repeats import MOST_SESSIONS
from checkout_server.checkout.sessions.life import SESSION_SECONDS
from ledger_filling import filling
from ledger_storages import PostgresStorage, SqliteStorage, Storage

OWNER = Owner(principal="agent 1", environment="sandbox", account="acc_1")
LIMIT = 1.2
KEEP_AUDIT_DAYS = 400
STEPS = ("quote", "find", "others", "claim", "finish")
Taken = dict[str, list[float]]


@asynccontextmanager
async def two_storages(kind: str) -> AsyncGenerator[tuple[Storage, Storage]]:
    """An empty storage, and another one to be filled."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield SqliteStorage(Path(folder, "empty", "ledger.db")), SqliteStorage(Path(folder, "old", "ledger.db"))
            return
        with postgres.start("ledger-growth") as server:
            for name in ("empty", "old"):
                await postgres.run(server.get_uri(), f"CREATE DATABASE {name}")
            yield PostgresStorage(server.get_uri("empty")), PostgresStorage(server.get_uri("old"))


async def sell(ledger: Ledger, taken: Taken) -> None:
    """Quote, find, claim and finish, as a sale does."""
    now, preview_id = time.time(), f"prv_{secrets.token_hex(8)}"
    entry = Entry(
        preview_id=preview_id, principal=OWNER.principal, environment=OWNER.environment, account=OWNER.account,
        state=State.QUOTED, order=secrets.token_bytes(600), currency="USD", total=1999,
        created_at=now, expires_at=now + 900, purge_at=now + 4500,
    )  # fmt: skip
    began = time.perf_counter()

    def done(step: str) -> None:
        nonlocal began
        taken[step].append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()

    await ledger.add(entry)
    done("quote")
    await ledger.find(preview_id, owner=OWNER, now=now)
    done("find")
    await ledger.find_other_sales(
        owner=OWNER, goods="goods 7", sold_to="buyer 7", now=now, since=now - SESSION_SECONDS,
        except_preview_id=preview_id, most=MOST_SESSIONS,
    )  # fmt: skip
    done("others")
    claimed = await ledger.claim(
        preview_id, owner=OWNER, claim_id="c1", from_state=State.QUOTED, attempts=0, can_charge=False,
        arguments=b"sealed", goods=preview_id, sold_to=preview_id, now=now, lease_seconds=60, hourly_limit=100_000,
        unless_sold=True,
    )  # fmt: skip
    done("claim")
    assert claimed is Claim.TAKEN
    await ledger.finish(
        preview_id, claim_id="c1", state=State.CREATED, session_id=preview_id, outcome=secrets.token_bytes(400),
        detail=None, purge_at=now + 90_000, now=now,
    )  # fmt: skip
    done("finish")


async def compare(title: str, empty: Ledger, old: Ledger, sales: int) -> None:
    """Sell on both in turn."""
    taken: dict[Any, Taken] = {ledger: {step: [] for step in STEPS} for ledger in (empty, old)}
    for turn in range(sales + 10):
        for ledger in (empty, old) if turn % 2 else (old, empty):
            # The first ones open connections and warm caches.
            await sell(ledger, taken[ledger] if turn >= 10 else {step: [] for step in STEPS})
    print(f"  {title}")
    for step in STEPS:
        ours, base = (statistics.median(taken[ledger][step]) for ledger in (old, empty))
        print(
            f"    {step:<8} empty {base:6.2f} ms   old {ours:6.2f} ms   {ours / base:.2f} ×"
            f"   longest {max(taken[empty][step]):6.1f} and {max(taken[old][step]):6.1f} ms"
        )
    base, ours = (sum(statistics.median(taken[ledger][step]) for step in STEPS) for ledger in (empty, old))
    print(f"    a sale   empty {base:6.2f} ms   old {ours:6.2f} ms   {ours / base:.2f} × (at most {LIMIT})")


async def compare_starts(empty: Storage, old: Storage) -> None:
    """Open and close both in turn."""
    taken: dict[Any, list[float]] = {empty: [], old: []}
    for _ in range(15):
        for storage in (empty, old):
            began = time.perf_counter()
            ledger = await storage.open()
            taken[storage].append((time.perf_counter() - began) * 1000)
            await ledger.close()
    base, ours = statistics.median(taken[empty]), statistics.median(taken[old])
    print(f"  a start: empty {base:.1f} ms, old {ours:.1f} ms, {ours / base:.2f} ×")


async def measure(kind: str, previews: int, expired: int, sales: int) -> None:
    async with two_storages(kind) as (empty, old):
        print(f"{kind}: {previews:,} old previews, {expired:,} of them over")
        for storage in (empty, old):
            await (await storage.open()).close()
        # Half of what was audited is older than it is kept.
        start, end = time.time() - KEEP_AUDIT_DAYS * 86_400 - previews / 2, time.time() + 10_000_000
        for statement in filling(previews, expired=expired, start=start, end=end):
            await old.run(statement)
        # What the filling itself leaves behind is not what is measured.
        for storage in (empty, old):
            for statement in ["ANALYZE"] if kind == "sqlite" else ["VACUUM ANALYZE", "CHECKPOINT"]:
                await storage.run(statement)
        await compare_starts(empty, old)
        ledgers = await empty.open(), await old.open()
        await compare("selling", *ledgers, sales)
        upkeep = Upkeep()
        upkeep.purge_when_due(ledgers[1], now=time.time(), keep_audit_days=KEEP_AUDIT_DAYS)
        await compare("selling while the old ledger is purged", *ledgers, sales)
        await upkeep.stop()
        left = await old.query("SELECT count(*) FROM {schema}preview")
        print(f"  {left[0][0]:,} previews are left so far")
        for ledger in ledgers:
            await ledger.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--previews", type=int, default=1_000_000)
    parser.add_argument("--expired", type=int, default=500_000)
    parser.add_argument("--sales", type=int, default=300)
    parser.add_argument("--ledger", choices=["sqlite", "postgres"], action="append")
    options = parser.parse_args()
    for kind in options.ledger or ["sqlite", "postgres"]:
        await measure(kind, options.previews, options.expired, options.sales)


if __name__ == "__main__":
    asyncio.run(main())
