"""Backing up and restoring as docs/operations.md says, after a server was killed."""

import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import platformdirs.macos
import platformdirs.unix
import pytest

from docs.generate.documents import ROOT
from documented import fences_of
from fault_cases import call, opened, word
from faulty_upstream import FaultyUpstream
from orders import CONFIRMED, ORDER

DOCUMENT = ROOT / "docs" / "operations.md"


def follow(heading: str, folder: Path) -> None:
    """Run the one command that stands under a heading."""
    [command] = (each.text.strip() for each in fences_of(DOCUMENT) if each.heading == heading)
    subprocess.run(shlex.split(command), cwd=folder, check=True)


@pytest.mark.requirement("once.forgotten", "docs.commands")
@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="SQLite's command line is not installed")
async def test_a_restored_backup_takes_the_place_of_what_a_killed_server_left_and_sells_nothing_twice(
    tmp_path: Path,
) -> None:
    running, killed = tmp_path / "running", tmp_path / "killed"
    running.mkdir()
    async with FaultyUpstream().running() as upstream:
        async with opened(running, upstream.url) as (client, _desk):
            preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
            follow("Backup", running)
            assert word(await call(client, "create_checkout_session", preview_id=preview_id, **CONFIRMED)) == "session"
            shutil.copytree(running, killed)  # what a kill leaves: the newest rows stand in the log beside the file
        assert (killed / "ledger.db-wal").stat().st_size > 0
        follow("Restoring a backup", killed)
        with closing(sqlite3.connect(killed / "ledger.db")) as ledger:
            assert ledger.execute("SELECT preview_id, state FROM preview").fetchall() == [(preview_id, "quoted")]
            assert ledger.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        async with opened(killed, upstream.url) as (client, _desk):
            again = await call(client, "create_checkout_session", preview_id=preview_id, **CONFIRMED)
        assert (word(again), len(upstream.posts)) == ("preview_used", 1)


@pytest.mark.requirement("docs.commands")
@pytest.mark.parametrize("system", [platformdirs.unix.Unix, platformdirs.macos.MacOS])
def test_the_folder_of_the_ledger_is_where_the_document_says(system: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    folder = Path(system("dodo-checkout-mcp", appauthor=False).user_data_dir).relative_to(Path.home())
    assert f"`~/{folder.as_posix()}`" in DOCUMENT.read_text(encoding="utf-8")
