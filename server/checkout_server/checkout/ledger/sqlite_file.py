"""Opening the ledger's SQLite file: who may read it, its schema, and what is wrong with it in words."""

import contextlib
import errno
import os
import sqlite3
import stat
import time
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from checkout_server.checkout.ledger import database
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.migrations import SCHEMA_VERSION, render_migrations

CHECKED_PAGES = 2_000
"""Up to this size a start reads the whole file in search of damage, which takes some milliseconds. ``doctor`` always
does."""
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
SELECT user_version, (SELECT count(*) FROM sqlite_schema WHERE name = 'preview'), (SELECT count(*) FROM sqlite_schema),
    (SELECT page_count FROM pragma_page_count)
FROM pragma_user_version
"""

_FULL = "The disk of the ledger is full; free some space, or name another file in CHECKOUT_LEDGER."
_READ_ONLY = "The ledger's file or folder is read-only; make it writable, or set CHECKOUT_LEDGER."
_DAMAGED = "The ledger's file is damaged; restore a backup, or name a new file in CHECKOUT_LEDGER."
_LOCKED = (
    "The ledger is locked by another program for too long; close that program, or name another file in CHECKOUT_LEDGER."
)
_REPLACED = "The ledger's file was removed or replaced while the server ran; put it back, or start the server again."
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


class OpenFile(NamedTuple):
    """A connection, and the file that it leads to."""

    connection: sqlite3.Connection
    path: Path
    identity: tuple[int, int]

    def check_in_place(self) -> None:
        """Make sure that the name still leads to the file. Otherwise everything written would be lost with it, and
        others would not see it.

        Raises:
            LedgerUnavailable: it was removed or replaced.
        """
        try:
            now = _identify(self.path.stat())
        except OSError:
            now = None
        if now != self.identity:
            raise LedgerUnavailable(_REPLACED)


def _identify(file: os.stat_result) -> tuple[int, int]:
    return file.st_dev, file.st_ino


def open_file(path: Path) -> OpenFile:
    """A connection to the file, made with its folder when there is none, and brought to this version's schema.

    Raises:
        LedgerUnavailable: the file cannot be used.
    """
    path, identity = _prepare(path)
    try:
        connection = sqlite3.connect(path, timeout=database.CALL_SECONDS, isolation_level=None)
        try:
            _set_up(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise unavailable(error) from None
    return OpenFile(connection, path, identity)


def open_to_read(file: OpenFile) -> OpenFile:
    """Another connection to a file that is open.

    Raises:
        LedgerUnavailable: the file cannot be used.
    """
    try:
        connection = sqlite3.connect(file.path, timeout=database.CALL_SECONDS, isolation_level=None)
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise unavailable(error) from None
    return file._replace(connection=connection)


def check(connection: sqlite3.Connection) -> None:
    """Read the whole file.

    Raises:
        LedgerUnavailable: it is damaged.
    """
    [(verdict, *_), *_] = connection.execute("PRAGMA quick_check").fetchall()
    if verdict != "ok":
        raise LedgerUnavailable(_DAMAGED)


def _prepare(path: Path) -> tuple[Path, tuple[int, int]]:
    """Make folder and file for this user alone, where the system knows such modes; its whole path and identity.

    SQLite gives the files beside it the same mode.
    """
    # SQLite takes some relative names, such as ``:memory:``, for something else than a file.
    path = path.absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            file = os.fstat(descriptor)
            if os.name == "posix" and stat.S_IMODE(file.st_mode) & 0o077:
                with contextlib.suppress(OSError):
                    os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LedgerUnavailable(_BY_ERRNO.get(error.errno or 0, _NO_FOLDER)) from None
    return path, _identify(file)


def _set_up(connection: sqlite3.Connection) -> None:
    # One statement sees one state of the file: another process may be making the schema.
    version: int
    version, ours, all_of_it, pages = connection.execute(_LOOK).fetchone()
    if version > SCHEMA_VERSION:
        raise LedgerUnavailable(_NEWER)
    if (version == 0 and all_of_it) or (version > 0 and not ours):
        raise LedgerUnavailable(_FOREIGN)
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")  # a claim must survive a power cut
    if version < SCHEMA_VERSION:
        version = _migrate(connection)
    if version > SCHEMA_VERSION:
        raise LedgerUnavailable(_NEWER)
    if pages <= CHECKED_PAGES:
        check(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait when several processes switch a new file at once, so this does."""
    until = time.monotonic() + database.CALL_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _result_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(_SWITCH_SECONDS)
        else:
            return


def _migrate(connection: sqlite3.Connection) -> int:
    """Bring the schema to this version, unless another process has done so; the version that it then has.

    All of it or nothing: closing the connection, or the end of the process, undoes what was not committed.
    """
    connection.execute("BEGIN IMMEDIATE")
    version: int
    [version] = connection.execute("PRAGMA user_version").fetchone()
    for statement in chain.from_iterable(_MIGRATIONS[version:]):
        connection.execute(statement)
    version = max(version, SCHEMA_VERSION)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("COMMIT")
    return version
