"""The ledger in one SQLite file, shared by any number of processes of this machine."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from checkout_server.checkout.ledger.contract import (
    UNKNOWN_KEPT_SECONDS,
    AuditRow,
    Claim,
    Entry,
    State,
)
from checkout_server.checkout.ledger.sqlite_file import open_file, unavailable
from checkout_server.checkout.ledger.transactions import Transactions

_T = TypeVar("_T")

_COLUMNS = tuple(field.name for field in fields(Entry))
_COLUMN_LIST = ", ".join(f'"{name}"' for name in _COLUMNS)
_INSERT = f"INSERT INTO preview ({_COLUMN_LIST}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_SELECT = f"SELECT {_COLUMN_LIST} FROM preview WHERE preview_id = ? AND principal = ? AND environment = ?"
_AUDIT_COLUMNS = tuple(field.name for field in fields(AuditRow))
_SELECT_AUDIT = f"SELECT {', '.join(_AUDIT_COLUMNS)} FROM audit WHERE preview_id = ? ORDER BY rowid"

_CLAIM = """
UPDATE preview
SET state = 'claimed', claim_id = :claim_id, lease_until = :lease_until, can_charge = :can_charge,
    attempts = attempts + 1
WHERE preview_id = :preview_id AND principal = :principal AND environment = :environment
  AND state = :from_state AND expires_at > :now
  AND (state = 'quoted' OR (state IN ('unknown', 'refused') AND can_charge = 0 AND :can_charge = 0))
"""
_CLAIMS_OF_AN_HOUR = """
SELECT count(*) FROM audit
WHERE principal = :principal AND environment = :environment AND event = 'claimed' AND at > :hour_ago
"""
_FINISH = """
UPDATE preview
SET state = :state, session_id = :session_id, outcome = :outcome, lease_until = NULL, purge_at = :purge_at
WHERE preview_id = :preview_id AND claim_id = :claim_id AND state IN ('claimed', 'unknown')
  AND :state IN ('created', 'refused', 'unknown')
"""
_AUDIT = """
INSERT INTO audit (at, preview_id, principal, environment, event, currency, total, session_id, detail)
SELECT :now, preview_id, principal, environment, :event, currency, total, session_id, :detail
FROM preview WHERE preview_id = :preview_id
"""

_ENDED_LEASES = "state = 'claimed' AND lease_until <= :now AND preview_id = coalesce(:preview_id, preview_id)"
_AUDIT_ENDED_LEASES = f"""
INSERT INTO audit (at, preview_id, principal, environment, event, currency, total, session_id, detail)
SELECT :now, preview_id, principal, environment, 'unknown', currency, total, session_id, 'lease_ended'
FROM preview WHERE {_ENDED_LEASES}
"""
_END_LEASES = f"""
UPDATE preview SET state = 'unknown', lease_until = NULL, purge_at = max(purge_at, :kept_until)
WHERE {_ENDED_LEASES}
"""
_PURGE = "DELETE FROM preview WHERE purge_at <= :now AND state != 'claimed'"


def default_path() -> Path:
    """``ledger.db`` in the user's data directory."""
    import platformdirs

    return platformdirs.user_data_path("dodo-checkout-mcp", appauthor=False) / "ledger.db"


class _TooMany(Exception):
    """Undoes a claim above the hourly limit."""


class SqliteLedger:
    """See ``Ledger``. One connection; SQLite's own locks keep processes apart, an asyncio lock keeps tasks apart."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()
        self._transactions = Transactions()

    @classmethod
    async def open(cls, path: Path) -> "SqliteLedger":
        """Open the file, and make it with its folder when there is none.

        Raises:
            LedgerUnavailable: the file cannot be used.
        """
        return cls(await open_file(path))

    async def add(self, entry: Entry) -> None:
        async def insert() -> None:
            await self._connection.execute(_INSERT, [getattr(entry, name) for name in _COLUMNS])
            await self._audit_event(entry.preview_id, "quoted", entry.created_at)

        await self._transaction(insert)

    async def find(self, preview_id: str, *, principal: str, environment: str, now: float) -> Entry | None:
        entry = await self._entry(preview_id, principal, environment)
        if entry is None or entry.state is not State.CLAIMED or (entry.lease_until or 0) > now:
            return entry
        await self._transaction(lambda: self._end_leases(now, preview_id))
        return await self._entry(preview_id, principal, environment)

    async def claims_of_an_hour(self, *, principal: str, environment: str, now: float) -> int:
        return await self._transaction(lambda: self._count_claims(principal, environment, now))

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
        hourly_limit: int | None = None,
    ) -> Claim:
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

        async def take() -> Claim:
            if await self._changed(_CLAIM, parameters) != 1:
                return Claim.NOT_FREE
            await self._audit_event(preview_id, "claimed", now, f"after_{from_state.value}")
            if hourly_limit is not None and await self._count_claims(principal, environment, now) > hourly_limit:
                raise _TooMany
            return Claim.TAKEN

        try:
            return await self._transaction(take)
        except _TooMany:
            return Claim.TOO_MANY

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
            recorded = await self._changed(_FINISH, parameters) == 1
            if recorded:
                await self._audit_event(preview_id, state.value, now, detail)
            return recorded

        return await self._transaction(record)

    async def purge(self, *, now: float) -> int:
        async def delete() -> int:
            # First, so that a claim whose process died is kept as unknown instead of being forgotten.
            await self._end_leases(now, None)
            return await self._changed(_PURGE, {"now": now})

        return await self._transaction(delete)

    async def audit(self, preview_id: str) -> list[AuditRow]:
        rows = await self._rows(_SELECT_AUDIT, (preview_id,))
        return [AuditRow(**dict(zip(_AUDIT_COLUMNS, row, strict=True))) for row in rows]

    async def close(self) -> None:
        if await self._transactions.close():
            await self._connection.close()

    async def _transaction(self, work: Callable[[], Awaitable[_T]]) -> _T:
        self._transactions.check_open()
        return await self._transactions.run(self._run(work))

    async def _run(self, work: Callable[[], Awaitable[_T]]) -> _T:
        async with self._lock:
            try:
                await self._connection.execute("BEGIN IMMEDIATE")
                result = await work()
                await self._connection.execute("COMMIT")
            except BaseException as error:
                # Also after a BEGIN that was cut off: it may have begun by the time it is undone.
                with contextlib.suppress(sqlite3.Error):
                    await self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise unavailable(error) from None
                raise
        return result

    async def _entry(self, preview_id: str, principal: str, environment: str) -> Entry | None:
        rows = await self._rows(_SELECT, (preview_id, principal, environment))
        if not rows:
            return None
        values: dict[str, Any] = dict(zip(_COLUMNS, rows[0], strict=True))
        values["state"] = State(values["state"])
        values["can_charge"] = bool(values["can_charge"])
        return Entry(**values)

    async def _rows(self, statement: str, parameters: tuple[str, ...]) -> list[sqlite3.Row]:
        """What is committed. Under the lock: the connection would see its own open transaction."""
        self._transactions.check_open()
        async with self._lock:
            try:
                return list(await self._connection.execute_fetchall(statement, parameters))
            except sqlite3.Error as error:
                raise unavailable(error) from None

    async def _count_claims(self, principal: str, environment: str, now: float) -> int:
        parameters = {"principal": principal, "environment": environment, "hour_ago": now - 3600}
        async with self._connection.execute(_CLAIMS_OF_AN_HOUR, parameters) as cursor:
            row = await cursor.fetchone()
        return row[0] if row is not None else 0

    async def _end_leases(self, now: float, preview_id: str | None) -> None:
        parameters = {"now": now, "preview_id": preview_id, "kept_until": now + UNKNOWN_KEPT_SECONDS}
        await self._connection.execute(_AUDIT_ENDED_LEASES, parameters)
        await self._connection.execute(_END_LEASES, parameters)

    async def _changed(self, statement: str, parameters: dict[str, Any]) -> int:
        return (await self._connection.execute(statement, parameters)).rowcount

    async def _audit_event(self, preview_id: str, event: str, now: float, detail: str | None = None) -> None:
        await self._connection.execute(_AUDIT, {"preview_id": preview_id, "event": event, "now": now, "detail": detail})
