"""The ledger in one SQLite file, shared by any number of processes of this machine."""

import asyncio
import contextlib
import os
import sqlite3
import stat
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import aiosqlite

from checkout_server.checkout.ledger.contract import AuditRow, Entry, LedgerUnavailable, State

SCHEMA_VERSION = 1
BUSY_SECONDS = 10.0
"""How long a write waits for another process's write."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS preview (
    preview_id TEXT PRIMARY KEY,
    principal TEXT NOT NULL,
    environment TEXT NOT NULL,
    state TEXT NOT NULL,
    "order" BLOB NOT NULL,
    currency TEXT NOT NULL,
    total INTEGER NOT NULL,
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    purge_at REAL NOT NULL,
    claim_id TEXT,
    lease_until REAL,
    can_charge INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    session_id TEXT,
    outcome BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS preview_purge_at ON preview (purge_at);
CREATE TABLE IF NOT EXISTS audit (
    at REAL NOT NULL,
    preview_id TEXT NOT NULL,
    principal TEXT NOT NULL,
    environment TEXT NOT NULL,
    event TEXT NOT NULL,
    currency TEXT NOT NULL,
    total INTEGER NOT NULL,
    session_id TEXT,
    detail TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS audit_preview_id ON audit (preview_id);
CREATE INDEX IF NOT EXISTS audit_claims ON audit (principal, event, at);
"""

_COLUMNS = tuple(field.name for field in fields(Entry))
_COLUMN_LIST = ", ".join(f'"{name}"' for name in _COLUMNS)
_INSERT = f"INSERT INTO preview ({_COLUMN_LIST}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - our own names
_SELECT = f"SELECT {_COLUMN_LIST} FROM preview WHERE preview_id = ? AND principal = ? AND environment = ?"  # noqa: S608 - our own names

_CLAIM = """
UPDATE preview
SET state = 'claimed', claim_id = :claim_id, lease_until = :lease_until, can_charge = :can_charge,
    attempts = attempts + 1, purge_at = max(purge_at, :lease_until + 3600)
WHERE preview_id = :preview_id AND principal = :principal AND environment = :environment
  AND state = :from_state AND expires_at > :now
  AND (state = 'quoted' OR (state IN ('unknown', 'refused') AND can_charge = 0 AND :can_charge = 0))
"""
_FINISH = """
UPDATE preview
SET state = :state, session_id = :session_id, outcome = :outcome, lease_until = NULL, purge_at = :purge_at
WHERE preview_id = :preview_id AND claim_id = :claim_id AND state IN ('claimed', 'unknown') AND state != :state
"""
_END_LEASE = """
UPDATE preview SET state = 'unknown', lease_until = NULL, purge_at = max(purge_at, :now + 604800)
WHERE preview_id = :preview_id AND state = 'claimed' AND lease_until <= :now
"""
_AUDIT = """
INSERT INTO audit (at, preview_id, principal, environment, event, currency, total, session_id, detail)
SELECT :now, preview_id, principal, environment, :event, currency, total, session_id, :detail
FROM preview WHERE preview_id = :preview_id
"""

_SENTENCES: tuple[tuple[int, str], ...] = (
    (sqlite3.SQLITE_FULL, "The disk of the ledger is full; free some space, or name another file in CHECKOUT_LEDGER."),
    (sqlite3.SQLITE_READONLY, "The ledger's file or folder is read-only; make it writable, or set CHECKOUT_LEDGER."),
    (sqlite3.SQLITE_CANTOPEN, "The ledger's file cannot be opened; check its folder, or set CHECKOUT_LEDGER."),
    (sqlite3.SQLITE_NOTADB, "The ledger's file is not a SQLite database; move it away, or set CHECKOUT_LEDGER."),
    (sqlite3.SQLITE_CORRUPT, "The ledger's file is damaged; restore a backup, or move it away to start an empty one."),
    (sqlite3.SQLITE_BUSY, "The ledger is locked by another program for too long; close that program and try again."),
    (sqlite3.SQLITE_IOERR, "The ledger's disk fails to read or write; check the disk."),
)  # fmt: skip
_OTHER = "The ledger cannot be used; check the file that CHECKOUT_LEDGER names."
_NO_FOLDER = "The ledger's folder cannot be made or written; name a file in a writable folder in CHECKOUT_LEDGER."
_NEWER = "The ledger was written by a newer version of this program; update the program, or set CHECKOUT_LEDGER."


def default_path() -> Path:
    """``ledger.db`` in the user's data directory."""
    import platformdirs

    return platformdirs.user_data_path("dodo-checkout-mcp", appauthor=False) / "ledger.db"


def _unavailable(error: sqlite3.Error) -> LedgerUnavailable:
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    return LedgerUnavailable(dict(_SENTENCES).get(primary or -1, _OTHER))


class SqliteLedger:
    """See ``Ledger``. One connection; SQLite's own locks keep processes apart, an asyncio lock keeps tasks apart."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> "SqliteLedger":
        """Open the file, and make it with its folder when there is none.

        Raises:
            LedgerUnavailable: the file cannot be used.
        """
        _prepare(path)
        connection = aiosqlite.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        # An abandoned connection must not keep the process alive; a clean one is closed by ``close``.
        connection._thread.daemon = True  # pyright: ignore[reportPrivateUsage] - aiosqlite has no option for it
        try:
            await connection
        except sqlite3.Error as error:
            raise _unavailable(error) from None
        ledger = cls(connection)
        try:
            await ledger._set_up()
        except sqlite3.Error as error:
            await ledger.close()
            raise _unavailable(error) from None
        except BaseException:
            await ledger.close()
            raise
        return ledger

    async def _set_up(self) -> None:
        await self._connection.execute("PRAGMA journal_mode = WAL")
        await self._connection.execute("PRAGMA synchronous = FULL")  # a claim must survive a power cut
        version = await self._version()
        if version > SCHEMA_VERSION:
            raise LedgerUnavailable(_NEWER)
        if version < SCHEMA_VERSION:
            # Several processes may start at once: IF NOT EXISTS under one write lock.
            async with self._writing():
                for statement in _SCHEMA.split(";"):
                    await self._connection.execute(statement)
                await self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    async def _version(self) -> int:
        async with self._connection.execute("PRAGMA user_version") as cursor:
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[None]:
        """One transaction, which no cancellation leaves open: the caller runs shielded (see ``_shielded``)."""
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                await self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    await self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise _unavailable(error) from None

    async def add(self, entry: Entry) -> None:
        values = [getattr(entry, name) for name in _COLUMNS]

        async def insert() -> None:
            async with self._lock, self._writing():
                await self._connection.execute(_INSERT, values)
                await self._audit_event(entry.preview_id, "quoted", entry.created_at)

        await _shielded(insert())

    async def find(self, preview_id: str, *, principal: str, environment: str, now: float) -> Entry | None:
        async def read() -> Entry | None:
            async with self._lock:
                return await self._read(preview_id, principal, environment)

        async def end_lease() -> Entry | None:
            async with self._lock:
                async with self._writing():
                    if await self._changed(_END_LEASE, {"preview_id": preview_id, "now": now}):
                        await self._audit_event(preview_id, "unknown", now, "lease_ended")
                return await self._read(preview_id, principal, environment)

        entry = await _shielded(read())
        if entry is not None and entry.state is State.CLAIMED and (entry.lease_until or 0) <= now:
            return await _shielded(end_lease())
        return entry

    async def _read(self, preview_id: str, principal: str, environment: str) -> Entry | None:
        try:
            async with self._connection.execute(_SELECT, (preview_id, principal, environment)) as cursor:
                row = await cursor.fetchone()
        except sqlite3.Error as error:
            raise _unavailable(error) from None
        if row is None:
            return None
        values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
        values["state"] = State(values["state"])
        values["can_charge"] = bool(values["can_charge"])
        return Entry(**values)

    async def claim(
        self,
        preview_id: str,
        *,
        principal: str,
        environment: str,
        claim_id: str,
        from_state: State,
        can_charge: bool,
        now: float,
        lease_seconds: float,
    ) -> bool:
        parameters = {
            "preview_id": preview_id,
            "principal": principal,
            "environment": environment,
            "claim_id": claim_id,
            "from_state": from_state.value,
            "can_charge": can_charge,
            "now": now,
            "lease_until": now + lease_seconds,
        }

        async def take() -> bool:
            async with self._lock, self._writing():
                taken = await self._changed(_CLAIM, parameters)
                if taken:
                    await self._audit_event(preview_id, "claimed", now, f"after_{from_state.value}")
                return taken

        return await _shielded(take())

    async def finish(
        self,
        preview_id: str,
        *,
        claim_id: str,
        state: State,
        session_id: str | None,
        outcome: bytes | None,
        detail: str | None,
        purge_at: float,
        now: float,
    ) -> bool:
        parameters = {
            "preview_id": preview_id,
            "claim_id": claim_id,
            "state": state.value,
            "session_id": session_id,
            "outcome": outcome,
            "purge_at": purge_at,
        }

        async def record() -> bool:
            async with self._lock, self._writing():
                recorded = await self._changed(_FINISH, parameters)
                if recorded:
                    await self._audit_event(preview_id, state.value, now, detail)
                return recorded

        return await _shielded(record())

    async def purge(self, *, now: float) -> int:
        async def delete() -> int:
            async with self._lock, self._writing():
                cursor = await self._connection.execute(
                    "DELETE FROM preview WHERE purge_at <= ? AND (state != 'claimed' OR lease_until <= ?)", (now, now)
                )
                return cursor.rowcount

        return await _shielded(delete())

    async def audit(self, preview_id: str) -> list[AuditRow]:
        names = [field.name for field in fields(AuditRow)]
        async with self._lock:
            try:
                async with self._connection.execute(
                    f"SELECT {', '.join(names)} FROM audit WHERE preview_id = ? ORDER BY rowid",  # noqa: S608 - our own names
                    (preview_id,),
                ) as cursor:
                    rows = await cursor.fetchall()
            except sqlite3.Error as error:
                raise _unavailable(error) from None
        return [AuditRow(**dict(zip(names, row, strict=True))) for row in rows]

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            async with self._lock:
                await self._connection.close()

    async def _changed(self, statement: str, parameters: dict[str, Any]) -> bool:
        return (await self._connection.execute(statement, parameters)).rowcount == 1

    async def _audit_event(self, preview_id: str, event: str, now: float, detail: str | None = None) -> None:
        await self._connection.execute(_AUDIT, {"preview_id": preview_id, "event": event, "now": now, "detail": detail})


async def _shielded(work: Any) -> Any:
    """Run a transaction to its end even when its caller is cancelled; the caller then sees the cancellation."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            await asyncio.wait([task])
        raise


def _prepare(path: Path) -> None:
    """Make folder and file for this user alone, where the system knows such modes."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.name == "posix" and stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
                with contextlib.suppress(OSError):
                    os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError:
        raise LedgerUnavailable(_NO_FOLDER) from None
