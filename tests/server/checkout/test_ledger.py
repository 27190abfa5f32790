"""The ledger's promises, on a real file."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, State
from checkout_server.checkout.ledger.sqlite import SqliteLedger

NOW = 1_800_000_000.0
ENTRY = Entry(
    preview_id="prv_1",
    principal="local",
    environment="sandbox",
    state=State.QUOTED,
    order=b"sealed",
    currency="USD",
    total=1999,
    created_at=NOW,
    expires_at=NOW + 900,
    purge_at=NOW + 4500,
)
OWNER = {"principal": "local", "environment": "sandbox"}


async def find(ledger: SqliteLedger, now: float = NOW) -> Entry | None:
    return await ledger.find("prv_1", **OWNER, now=now)


async def claim(
    ledger: SqliteLedger,
    claim_id: str = "c1",
    start: State = State.QUOTED,
    *,
    can_charge: bool = False,
    now: float = NOW,
) -> bool:
    return await ledger.claim(
        "prv_1", **OWNER, claim_id=claim_id, from_state=start, can_charge=can_charge, now=now, lease_seconds=60
    )


async def finish(ledger: SqliteLedger, state: State, claim_id: str = "c1", now: float = NOW) -> bool:
    return await ledger.finish(
        "prv_1",
        claim_id=claim_id,
        state=state,
        session_id="cks_1" if state is State.CREATED else None,
        outcome=b"outcome" if state is State.CREATED else None,
        detail=None,
        purge_at=NOW + 9000,
        now=now,
    )


async def test_a_preview_goes_from_quoted_to_created(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(ENTRY)
    assert await find(ledger) == ENTRY
    assert await claim(ledger)
    claimed = replace(ENTRY, state=State.CLAIMED, claim_id="c1", lease_until=NOW + 60, attempts=1)
    assert await find(ledger) == claimed
    assert await finish(ledger, State.CREATED)
    created = replace(
        claimed, state=State.CREATED, lease_until=None, session_id="cks_1", outcome=b"outcome", purge_at=NOW + 9000
    )
    assert await find(ledger) == created
    assert [(row.event, row.session_id, row.total) for row in await ledger.audit("prv_1")] == [
        ("quoted", None, 1999),
        ("claimed", None, 1999),
        ("created", "cks_1", 1999),
    ]
    await ledger.close()


@pytest.mark.parametrize(
    ("ended", "first_can_charge", "second_can_charge", "taken"),
    [
        (State.CREATED, False, False, False),
        (State.REFUSED, False, False, True),
        (State.REFUSED, True, False, False),
        (State.REFUSED, False, True, False),
        (State.UNKNOWN, False, False, True),
        (State.UNKNOWN, True, False, False),
        (State.UNKNOWN, True, True, False),
        (State.UNKNOWN, False, True, False),
    ],
)
async def test_a_second_claim_is_only_for_what_cannot_charge(
    tmp_path: Path, ended: State, first_can_charge: bool, second_can_charge: bool, taken: bool
) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(ENTRY)
    assert await claim(ledger, can_charge=first_can_charge)
    assert await finish(ledger, ended)
    assert await claim(ledger, "c2", ended, can_charge=second_can_charge) is taken
    await ledger.close()


async def test_claims_that_must_fail(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(ENTRY)
    assert not await claim(ledger, now=NOW + 900), "expired"
    assert not await ledger.claim(
        "prv_1", principal="other", environment="sandbox", claim_id="c", from_state=State.QUOTED,
        can_charge=False, now=NOW, lease_seconds=60,
    ), "another principal's"  # fmt: skip
    assert await ledger.find("prv_1", principal="local", environment="live_mode", now=NOW) is None
    assert await claim(ledger)
    assert not await claim(ledger, "c2"), "claimed already"
    assert not await finish(ledger, State.CREATED, "c2"), "another's claim"
    await ledger.close()


async def test_a_lease_that_ends_leaves_unknown_and_a_late_answer_still_counts(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(ENTRY)
    await claim(ledger)
    assert (await find(ledger, NOW + 59) or ENTRY).state is State.CLAIMED
    assert (await find(ledger, NOW + 60) or ENTRY).state is State.UNKNOWN
    assert await finish(ledger, State.CREATED, now=NOW + 70)
    assert (await find(ledger, NOW + 70) or ENTRY).state is State.CREATED
    assert [(row.event, row.detail) for row in await ledger.audit("prv_1")][2] == ("unknown", "lease_ended")
    await ledger.close()


async def test_created_is_final(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(ENTRY)
    await claim(ledger)
    await finish(ledger, State.CREATED)
    assert not await finish(ledger, State.UNKNOWN)
    assert not await finish(ledger, State.REFUSED)
    await ledger.close()


async def test_what_is_over_is_purged_and_its_audit_stays(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(ENTRY)
    assert await ledger.purge(now=NOW + 4499) == 0
    assert await ledger.purge(now=NOW + 4500) == 1
    assert await find(ledger) is None
    assert [row.event for row in await ledger.audit("prv_1")] == ["quoted"]
    await ledger.close()


async def test_a_live_claim_is_not_purged(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(replace(ENTRY, purge_at=NOW + 1))
    await claim(ledger)
    assert await ledger.purge(now=NOW + 30) == 0
    await ledger.close()


async def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(ENTRY)
    await ledger.close()
    again = await SqliteLedger.open(tmp_path / "ledger.db")
    assert await find(again) == ENTRY
    await again.close()


CLAIMER = """
import asyncio, sys
from pathlib import Path
from checkout_server.checkout.ledger.contract import State
from checkout_server.checkout.ledger.sqlite import SqliteLedger

async def main():
    ledger = await SqliteLedger.open(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    taken = await asyncio.gather(*(
        ledger.claim("prv_1", principal="local", environment="sandbox", claim_id=f"{sys.argv[2]}-{n}",
                     from_state=State.QUOTED, can_charge=False, now=1_800_000_000.0, lease_seconds=60)
        for n in range(25)))
    print(sum(taken), flush=True)
    sys.stdin.readline()
    await ledger.close()

asyncio.run(main())
"""


async def claimers(path: Path, count: int) -> list[asyncio.subprocess.Process]:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", CLAIMER, str(path), str(number),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for number in range(count)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    return processes


def go_on(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")


async def test_of_two_processes_with_50_claims_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = await SqliteLedger.open(path)
    await ledger.add(ENTRY)
    processes = await claimers(path, 2)
    for process in processes:
        go_on(process)
    taken = [int(await process.stdout.readline()) for process in processes if process.stdout]
    for process in processes:
        go_on(process)
        await process.wait()
    assert sorted(taken) == [0, 1]
    assert [row.event for row in await ledger.audit("prv_1")] == ["quoted", "claimed"]
    await ledger.close()


async def test_a_claim_outlives_its_process(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = await SqliteLedger.open(path)
    await ledger.add(ENTRY)
    [process] = await claimers(path, 1)
    go_on(process)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"1\n"
    process.kill()
    await process.wait()
    assert (await find(ledger) or ENTRY).state is State.CLAIMED
    assert (await find(ledger, NOW + 61) or ENTRY).state is State.UNKNOWN
    await ledger.close()


async def test_processes_that_start_at_once_share_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger.db"
    processes = await claimers(path, 3)
    for process in processes:
        go_on(process)
        go_on(process)
        assert await process.wait() == 0


async def test_a_cancelled_call_leaves_no_open_transaction(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(ENTRY)
    for _ in range(20):
        task = asyncio.create_task(ledger.purge(now=NOW))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await claim(ledger)
    await ledger.close()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch(mode=0o666)
    ledger = await SqliteLedger.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await ledger.close()


def damaged(path: Path) -> None:
    path.write_bytes(b"this is not a database, whatever its name says" * 100)


def broken(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 200)
    connection.close()
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)


def newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def in_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("not a folder")


@pytest.mark.parametrize(
    ("prepare", "says"),
    [(damaged, "not a SQLite database"), (broken, "damaged"), (newer, "newer version"), (in_a_file, "folder")],
)
async def test_an_unusable_file_is_one_clear_sentence(tmp_path: Path, prepare: object, says: str) -> None:
    path = tmp_path / "folder" / "ledger.db"
    path.parent.mkdir()
    assert callable(prepare)
    prepare(path)
    with pytest.raises(LedgerUnavailable) as caught:
        await SqliteLedger.open(path)
    assert says in caught.value.sentence
    assert "CHECKOUT_LEDGER" in caught.value.sentence or "backup" in caught.value.sentence
    assert str(tmp_path) not in caught.value.sentence


async def test_a_full_disk_is_one_clear_sentence_and_loses_nothing(tmp_path: Path) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(ENTRY)
    # SQLite's own limit on the file's size gives the same error as a disk without space.
    await ledger._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(LedgerUnavailable) as caught:
        await ledger.add(replace(ENTRY, preview_id="prv_2", order=b"x" * 100_000))
    assert "disk of the ledger is full" in caught.value.sentence
    assert await find(ledger) == ENTRY
    await ledger.close()
