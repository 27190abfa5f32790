"""Opening the ledger's SQLite file: who may read it, its schema, and what is wrong with it in words."""

import asyncio
import contextlib
import errno
import os
import sqlite3
import stat
from pathlib import Path

import aiosqlite

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.migrations import SCHEMA_VERSION, render_migrations

BUSY_SECONDS = 10.0
"""How long a write waits for another process's write."""
_SWITCH_SECONDS = 0.01
"""How soon the switch to WAL is tried again."""

_MIGRATIONS = render_migrations(
    {
        "schema": "",
        "text": "TEXT",
        "bytes": "BLOB",
        "amount": "INTEGER",
        "count": "INTEGER",
        "time": "REAL",
        "flag": "INTEGER",
        "id": "",  # rowid
        "strict": "STRICT",
    }
)
_LOOK = """
SELECT user_version, (SELECT count(*) FROM sqlite_schema WHERE name = 'preview'), (SELECT count(*) FROM sqlite_schema)
FROM pragma_user_version
"""

_FULL = "The disk of the ledger is full; free some space, or name another file in CHECKOUT_LEDGER."
_READ_ONLY = "The ledger's file or folder is read-only; make it writable, or set CHECKOUT_LEDGER."
_DAMAGED = "The ledger's file is damaged; restore a backup, or name a new file in CHECKOUT_LEDGER."
_LOCKED = (
    "The ledger is locked by another program for too long; close that program, or name another file in CHECKOUT_LEDGER."
)
_NO_FOLDER = "The ledger's folder or file cannot be made; name a file in a writable folder in CHECKOUT_LEDGER."
_FOREIGN = "The ledger's file is another program's database; name another file in CHECKOUT_LEDGER."
_NEWER = "The ledger was written by a newer version of this program; update the program, or set CHECKOUT_LEDGER."
_OTHER = "The ledger cannot be used; check the file that CHECKOUT_LEDGER names."

_BY_RESULT_CODE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "The ledger's file cannot be opened; check its folder, or set CHECKOUT_LEDGER.",
    sqlite3.SQLITE_NOTADB: "The ledger's file is not a SQLite database; move it away, or set CHECKOUT_LEDGER.",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_IOERR: "The ledger's disk fails to read or write; check it and its quota, or set CHECKOUT_LEDGER.",
}
_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
}


def unavailable(error: sqlite3.Error) -> LedgerUnavailable:
    """The sentence for what SQLite reports, without SQLite's own text."""
    return LedgerUnavailable(_BY_RESULT_CODE.get(_result_code(error), _OTHER))


def _result_code(error: sqlite3.Error) -> int:
    # Errors that the module itself makes carry no code; the low byte is the kind, the others its detail.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


async def open_file(path: Path) -> aiosqlite.Connection:
    """A connection to the file, made with its folder when there is none, and brought to this version's schema.

    Raises:
        LedgerUnavailable: the file cannot be used.
    """
    path = _prepare(path)
    connection = aiosqlite.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    # An abandoned connection must not keep the process alive.
    connection._thread.daemon = True  # pyright: ignore[reportPrivateUsage] - aiosqlite has no option for it
    try:
        await connection
        try:
            await _set_up(connection)
        except BaseException:
            await connection.close()
            raise
    except sqlite3.Error as error:
        raise unavailable(error) from None
    return connection


def _prepare(path: Path) -> Path:
    """Make folder and file for this user alone, where the system knows such modes; the file's whole path.

    SQLite gives the files beside it the same mode.
    """
    # SQLite takes some relative names, such as ``:memory:``, for something else than a file.
    path = path.absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.name == "posix" and stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
                with contextlib.suppress(OSError):
                    os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LedgerUnavailable(_BY_ERRNO.get(error.errno or 0, _NO_FOLDER)) from None
    return path


async def _set_up(connection: aiosqlite.Connection) -> None:
    # One statement sees one state of the file: another process may be making the schema.
    [(version, ours, all_of_it)] = await connection.execute_fetchall(_LOOK)
    if version > SCHEMA_VERSION:
        raise LedgerUnavailable(_NEWER)
    if (version == 0 and all_of_it) or (version > 0 and not ours):
        raise LedgerUnavailable(_FOREIGN)
    await _use_wal(connection)
    await connection.execute("PRAGMA synchronous = FULL")  # a claim must survive a power cut
    while version < SCHEMA_VERSION:
        version = await _migrate(connection)
    if version > SCHEMA_VERSION:
        raise LedgerUnavailable(_NEWER)
    # The audit is left out: it grows without end, and a start should take milliseconds.
    [(verdict, *_), *_] = await connection.execute_fetchall("PRAGMA quick_check('preview')")
    if verdict != "ok":
        raise LedgerUnavailable(_DAMAGED)


async def _use_wal(connection: aiosqlite.Connection) -> None:
    """Switch to WAL. SQLite does not wait when several processes switch a new file at once, so this does."""
    loop = asyncio.get_running_loop()
    until = loop.time() + BUSY_SECONDS
    while True:
        try:
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _result_code(error) != sqlite3.SQLITE_BUSY or loop.time() >= until:
                raise
            await asyncio.sleep(_SWITCH_SECONDS)
        else:
            return


async def _migrate(connection: aiosqlite.Connection) -> int:
    """Take the schema to the next version, unless another process has done so; the version that it then has.

    All of it or nothing: closing the connection, or the end of the process, undoes what was not committed.
    """
    await connection.execute("BEGIN IMMEDIATE")
    version: int
    [(version,)] = await connection.execute_fetchall("PRAGMA user_version")
    if version < SCHEMA_VERSION:
        for statement in _MIGRATIONS[version]:
            await connection.execute(statement)
        version += 1
        await connection.execute(f"PRAGMA user_version = {version}")
    await connection.execute("COMMIT")
    return version
