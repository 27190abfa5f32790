"""Backing a SQLite ledger up and putting the backup in its place, as an operator does."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path


def back_up(folder: Path) -> None:
    """Write a dump beside the ledger, while servers may run."""
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger, closing(sqlite3.connect(folder / "dump")) as dump:
        ledger.backup(dump)


def put_back(folder: Path) -> None:
    """Replace the ledger by the dump, while no server runs."""
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(folder / "dump", folder / "ledger.db")
