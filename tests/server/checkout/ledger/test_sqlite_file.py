"""What can be wrong with the SQLite file, and the one sentence that says so."""

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from checkout_server.checkout.ledger import database, sqlite_file
from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, State
from checkout_server.checkout.ledger.sqlite import SqliteLedger, default_path
from checkout_server.checkout.ledger.sqlite_connection import SqliteConnection
from ledger_steps import NOW, OWNER, claim, find, finish

DAMAGED = "The ledger's file is damaged; restore a backup, or name a new file in CHECKOUT_LEDGER."
NOT_A_DATABASE = "The ledger's file is not a SQLite database; move it away, or set CHECKOUT_LEDGER."
CANNOT_BE_MADE = "The ledger's folder or file cannot be made; name a file in a writable folder in CHECKOUT_LEDGER."
FOREIGN = "The ledger's file is another program's database; name another file in CHECKOUT_LEDGER."
NEWER = "The ledger was written by a newer version of this program; update the program, or set CHECKOUT_LEDGER."
LOCKED = (
    "The ledger is locked by another program for too long; close that program, or name another file in CHECKOUT_LEDGER."
)


def overwrite(path: Path, start: int, end: int | None = None) -> None:
    content = bytearray(path.read_bytes())
    content[start:end] = b"\xff" * len(content[start:end])
    path.write_bytes(content)


def sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statement)


REDEFINE = """
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '"order" BLOB{}', '"order" BLOB{}');
PRAGMA writable_schema = RESET;
"""


def break_a_promise_of_the_schema(path: Path) -> None:
    sql(path, REDEFINE.format(" NOT NULL", ""))
    sql(path, 'UPDATE preview SET "order" = NULL')
    sql(path, REDEFINE.format("", " NOT NULL"))


def replace_by_another_database(path: Path) -> None:
    path.unlink()
    sql(path, "CREATE TABLE invoice (x)")


def put_into_a_file(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_bytes(b"")


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.requirement("ledger.storage")
@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        pytest.param(lambda path: path.write_bytes(b"no database" * 100), NOT_A_DATABASE, id="text"),
        pytest.param(lambda path: overwrite(path, 100, 4096), DAMAGED, id="damaged schema"),
        pytest.param(lambda path: overwrite(path, 4096), DAMAGED, id="damaged pages"),
        pytest.param(lambda path: overwrite(path, -4096), DAMAGED, id="damaged last page"),
        pytest.param(break_a_promise_of_the_schema, DAMAGED, id="damaged values"),
        pytest.param(lambda path: os.truncate(path, path.stat().st_size // 2), DAMAGED, id="cut in half"),
        pytest.param(lambda path: os.truncate(path, 4096 * 3 + 100), DAMAGED, id="cut within a page"),
        pytest.param(lambda path: os.truncate(path, 50), DAMAGED, id="cut within the header"),
        pytest.param(lambda path: sql(path, "PRAGMA user_version = 99"), NEWER, id="newer"),
        pytest.param(replace_by_another_database, FOREIGN, id="another program's"),
        pytest.param(lambda path: sql(path, "DROP TABLE preview"), FOREIGN, id="without previews"),
        pytest.param(put_into_a_file, CANNOT_BE_MADE, id="folder is a file"),
        pytest.param(make_a_folder, CANNOT_BE_MADE, id="file is a folder"),
    ],
)
async def test_an_unusable_file_stops_the_start_with_one_sentence(
    path: Path, harm: Callable[[Path], None], sentence: str
) -> None:
    harm(path)
    with pytest.raises(LedgerUnavailable) as caught:
        await SqliteLedger.open(path)
    assert caught.value.sentence == str(caught.value) == sentence
    assert caught.value.__context__ is None or caught.value.__suppress_context__, "SQLite's own text is not shown"


@pytest.mark.requirement("ledger.storage")
@pytest.mark.parametrize("harm", [replace_by_another_database, lambda path: sql(path, "PRAGMA user_version = 99")])
async def test_a_file_that_is_not_ours_to_write_is_left_as_it_was(path: Path, harm: Callable[[Path], None]) -> None:
    harm(path)
    before = path.read_bytes()
    with pytest.raises(LedgerUnavailable):
        await SqliteLedger.open(path)
    assert path.read_bytes() == before


@pytest.mark.requirement("ledger.storage")
async def test_an_empty_file_becomes_a_ledger(tmp_path: Path, quoted: Entry) -> None:
    (tmp_path / "ledger.db").touch()
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.add(quoted)
    assert await ledger.find("prv_1", owner=OWNER, now=NOW) == quoted
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
@pytest.mark.parametrize("attempt", range(20))
async def test_connections_that_make_a_file_at_once_wait_for_each_other(tmp_path: Path, attempt: int) -> None:
    opened = await asyncio.gather(
        *(SqliteLedger.open(tmp_path / "ledger.db") for _ in range(8)), return_exceptions=True
    )
    for ledger in opened:
        if isinstance(ledger, SqliteLedger):
            await ledger.close()
    assert [type(ledger) for ledger in opened] == [SqliteLedger] * 8


@pytest.mark.requirement("ledger.storage")
async def test_a_name_that_sqlite_takes_for_memory_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quoted: Entry
) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no such file names")
    monkeypatch.chdir(tmp_path)
    ledger = await SqliteLedger.open(Path(":memory:"))
    await ledger.add(quoted)
    await ledger.close()
    again = await SqliteLedger.open(Path(":memory:"))
    assert await again.find("prv_1", owner=OWNER, now=NOW) == quoted
    await again.close()


@pytest.mark.requirement("ledger.storage")
async def test_a_lock_held_too_long_is_said_and_passes(
    path: Path, monkeypatch: pytest.MonkeyPatch, quoted: Entry
) -> None:
    monkeypatch.setattr(database, "CALL_SECONDS", 0.05)
    ledger = await SqliteLedger.open(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable) as caught:
            await ledger.add(quoted)
        assert await ledger.find("prv_1", owner=OWNER, now=NOW) is not None, "reading goes on"
        other.execute("ROLLBACK")
    assert caught.value.sentence == LOCKED
    await ledger.add(replace(quoted, preview_id="prv_new"))
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_a_start_during_a_lock_held_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CALL_SECONDS", 0.05)
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable) as caught:
            await SqliteLedger.open(tmp_path / "ledger.db")
    assert caught.value.sentence == LOCKED


@pytest.mark.requirement("ledger.flushed")
async def test_only_what_a_sale_rests_on_waits_for_the_disk(tmp_path: Path, quoted: Entry) -> None:
    ledger = await SqliteLedger.open(tmp_path / "ledger.db")

    async def settings() -> list[Any]:
        names = ("journal_mode", "synchronous")
        rows = [await ledger._writing.use(SqliteConnection.read, f"PRAGMA {name}", {}) for name in names]
        return [row[0][0] for row in rows]

    await ledger.add(quoted)
    assert await settings() == ["wal", 1], "in WAL, NORMAL writes without waiting for the disk"
    assert await claim(ledger)
    assert await settings() == ["wal", 2], "FULL waits"
    await ledger.add(replace(quoted, preview_id="prv_2"))
    assert await finish(ledger, State.CREATED)
    assert await settings() == ["wal", 2]
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_calls_behind_a_lock_wait_no_longer_one_after_the_other_than_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await SqliteLedger.open(path)
    monkeypatch.setattr(database, "CALL_SECONDS", 0.3)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        calls = (claim(ledger, preview_id=f"prv_{number}") for number in range(3))
        ended = await asyncio.gather(*calls, return_exceptions=True)
        other.execute("ROLLBACK")
    assert [str(each) for each in ended] == [LOCKED] * 3
    left = await ledger._writing.use(SqliteConnection.read, "PRAGMA busy_timeout", {})
    assert left == [(0,)], "while the first waited, so did the last"
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_reading_goes_on_while_writes_wait(path: Path) -> None:
    ledger = await SqliteLedger.open(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        call = asyncio.create_task(claim(ledger))
        for _ in range(20):
            assert await ledger.find("prv_1", owner=OWNER, now=NOW) is not None
        assert not call.done()
        other.execute("ROLLBACK")
    assert await call
    await ledger.close()


def remove(path: Path) -> None:
    path.unlink()


def put_another_in_its_place(path: Path) -> None:
    shutil.copy(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)


@pytest.mark.requirement("ledger.replaced")
@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a file that is open")
@pytest.mark.parametrize("harm", [remove, put_another_in_its_place])
async def test_a_file_that_goes_while_the_server_runs_is_noticed_before_the_next_claim(
    path: Path, harm: Callable[[Path], None]
) -> None:
    ledger = await SqliteLedger.open(path)
    kept = path.with_suffix(".kept")
    kept.hardlink_to(path)
    harm(path)
    for call in (claim(ledger), find(ledger)):
        with pytest.raises(LedgerUnavailable, match="was removed or replaced while the server ran"):
            await call
    kept.replace(path)
    assert await claim(ledger), "it was put back"
    await ledger.close()


@pytest.mark.requirement("ledger.growth")
async def test_only_a_small_file_is_read_whole_at_a_start_and_a_large_one_when_asked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overwrite(path, -4096)
    monkeypatch.setattr(sqlite_file, "CHECKED_PAGES", 1)
    ledger = await SqliteLedger.open(path)
    with pytest.raises(LedgerUnavailable, match="is damaged"):
        await ledger.check()
    await ledger.close()


@pytest.mark.requirement("ledger.owner_only")
@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
async def test_folder_and_files_are_for_their_owner_alone(tmp_path: Path, quoted: Entry) -> None:
    path = tmp_path / "new" / "ledger.db"
    ledger = await SqliteLedger.open(path)
    await ledger.add(quoted)
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in (path.parent, *path.parent.iterdir())}
    await ledger.close()
    assert modes == {"new": 0o700, "ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}
    path.chmod(0o644)
    await (await SqliteLedger.open(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.requirement("ledger.storage")
def test_the_default_is_in_the_users_data_folder() -> None:
    assert default_path() == Path(platformdirs.user_data_dir("dodo-checkout-mcp", False)) / "ledger.db"
