"""Disks that are full or read-only: said in one sentence, and nothing is lost."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkout_server.checkout.ledger.contract import Entry, LedgerUnavailable, State
from checkout_server.checkout.ledger.sqlite import SqliteLedger
from checkout_server.checkout.ledger.sqlite_connection import SqliteConnection
from ledger_steps import NOW, OWNER

FULL = "The disk of the ledger is full; free some space, or name another file in CHECKOUT_LEDGER."


READ_ONLY = "The ledger's file or folder is read-only; make it writable, or set CHECKOUT_LEDGER."


OPENING = """
import asyncio, os, sys
from pathlib import Path
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.sqlite import SqliteLedger

async def main():
    if os.geteuid() == 0:
        os.setuid(65534)  # modes do not bind root
    try:
        await (await SqliteLedger.open(Path(sys.argv[1]))).close()
    except LedgerUnavailable as unavailable:
        print(unavailable.sentence)

asyncio.run(main())
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="ledger-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.requirement("ledger.storage")
@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "sentence"),
    [(None, 0o555, READ_ONLY), (0o444, 0o755, READ_ONLY), (0o666, 0o555, READ_ONLY)],
    ids=["new file in a read-only folder", "read-only file", "writable file in a read-only folder"],
)
def test_what_is_read_only_stops_the_start_with_one_sentence(
    open_folder: Path, file_mode: int | None, folder_mode: int, sentence: str
) -> None:
    path = open_folder / "ledger.db"
    if file_mode is not None:
        path.touch()
        path.chmod(file_mode)
    open_folder.chmod(folder_mode)
    ended = subprocess.run(
        [sys.executable, "-c", OPENING, str(path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == (sentence + "\n", "", 0)


ON_A_SMALL_DISK = """
import asyncio, subprocess, sys
from pathlib import Path
from checkout_server.checkout.ledger.contract import Claim, Entry, LedgerUnavailable, Owner, State
from checkout_server.checkout.ledger.sqlite import SqliteLedger

subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,nr_inodes=16", "none", sys.argv[1]], check=True)
disk = Path(sys.argv[1])
entry = Entry(preview_id="prv_1", principal="local", environment="sandbox", state=State.QUOTED, order=b"sealed",
              currency="USD", total=1999, created_at=0, expires_at=900, purge_at=4500, account="acc_1")
owner = Owner("local", "sandbox", "acc_1")

async def claim(ledger):
    try:
        return await ledger.claim("prv_1", owner=owner, claim_id="c1", from_state=State.QUOTED, attempts=0,
                                  can_charge=True, arguments=b"sealed", goods="digest", now=1,
                                  lease_seconds=60) is Claim.TAKEN
    except LedgerUnavailable as unavailable:
        return unavailable.sentence

def fill():
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError:
            pass

def use_up_the_files():
    try:
        for number in range(100):
            (disk / str(number)).touch()
    except OSError:
        pass

async def opened(name):
    try:
        return await SqliteLedger.open(disk / name)
    except LedgerUnavailable as unavailable:
        return unavailable.sentence

async def main():
    ledger = await SqliteLedger.open(disk / "ledger.db")
    await ledger.add(entry)
    fill()
    print(await claim(ledger))
    print(await ledger.find("prv_1", owner=owner, now=1) == entry)
    print([row.event for row in await ledger.audit("prv_1")])
    print(await opened("another.db"))
    (disk / "filler").unlink()
    use_up_the_files()
    print(await opened("a third.db"))
    print(await claim(ledger))
    await ledger.close()

asyncio.run(main())
"""


_OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"]


def may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_OWN_MOUNTS, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.requirement("ledger.storage")
def test_a_full_disk_is_said_loses_nothing_and_passes(tmp_path: Path) -> None:
    if not may_mount():
        pytest.skip("no small disk, which only root or a user namespace may mount: run the tests as root")
    ended = subprocess.run(
        [*_OWN_MOUNTS, sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path)],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert ended.stderr == ""
    assert ended.stdout.splitlines() == [FULL, "True", "['quoted']", FULL, FULL, "True"]


@pytest.mark.requirement("ledger.storage")
async def test_a_file_that_may_not_grow_is_said_and_loses_nothing(path: Path, quoted: Entry) -> None:
    ledger = await SqliteLedger.open(path)
    before = await ledger.find("prv_1", owner=OWNER, now=NOW)
    # SQLite's own limit on the file's size gives the same error as a disk without space, on every system.
    await ledger._writing.use(SqliteConnection.read, "PRAGMA max_page_count = 1", {})
    with pytest.raises(LedgerUnavailable) as caught:
        await ledger.add(replace(quoted, preview_id="prv_new", order=b"x" * 100_000))
    assert caught.value.sentence == FULL
    assert await ledger.find("prv_new", owner=OWNER, now=NOW) is None
    assert await ledger.audit("prv_new") == []
    assert before is not None
    assert before.state is State.QUOTED
    assert await ledger.find("prv_1", owner=OWNER, now=NOW) == before
    await ledger.close()
