"""The ledger in a PostgreSQL database, shared by any number of replicas."""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any, TypeVar

from checkout_server.checkout.ledger.contract import (
    UNKNOWN_KEPT_SECONDS,
    AuditRow,
    Claim,
    Entry,
    State,
)
from checkout_server.checkout.ledger.postgres_database import (
    ACQUIRE_SECONDS,
    FAILURES,
    LOST,
    SCHEMA,
    close_pool,
    open_pool,
    unavailable,
)
from checkout_server.checkout.ledger.transactions import Transactions

_T = TypeVar("_T")
Connection = Any
"""asyncpg's pooled connection; its type says less than its documentation."""

_COLUMNS = tuple(field.name for field in fields(Entry))
_COLUMN_LIST = ", ".join(f'"{name}"' for name in _COLUMNS)
_AUDIT_COLUMNS = tuple(field.name for field in fields(AuditRow))
_PLACES = ", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 1))

_INSERT = f"INSERT INTO {SCHEMA}.preview ({_COLUMN_LIST}) VALUES ({_PLACES})"
_SELECT = f"""
SELECT {_COLUMN_LIST} FROM {SCHEMA}.preview WHERE preview_id = $1 AND principal = $2 AND environment = $3
"""
_SELECT_AUDIT = f"SELECT {', '.join(_AUDIT_COLUMNS)} FROM {SCHEMA}.audit WHERE preview_id = $1 ORDER BY id"
_CLAIM = f"""
UPDATE {SCHEMA}.preview
SET state = 'claimed', claim_id = $5, lease_until = $8, can_charge = $6, attempts = attempts + 1
WHERE preview_id = $1 AND principal = $2 AND environment = $3 AND state = $4 AND expires_at > $7
  AND (state = 'quoted' OR (state IN ('unknown', 'refused') AND NOT can_charge AND NOT $6))
"""
_ONE_OWNER_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended($1, 20261))"
"""Counting and claiming are one step only if nobody else of the owner counts meanwhile (READ COMMITTED)."""
_CLAIMS_OF_AN_HOUR = f"""
SELECT count(*) FROM {SCHEMA}.audit
WHERE principal = $1 AND environment = $2 AND event = 'claimed' AND at > $3
"""
_FINISH = f"""
UPDATE {SCHEMA}.preview
SET state = $3, session_id = $4, outcome = $5, lease_until = NULL, purge_at = $6
WHERE preview_id = $1 AND claim_id = $2 AND state IN ('claimed', 'unknown')
  AND $3 IN ('created', 'refused', 'unknown')
"""
_AUDIT = f"""
INSERT INTO {SCHEMA}.audit (at, preview_id, principal, environment, event, currency, total, session_id, detail)
SELECT $3, preview_id, principal, environment, $2, currency, total, session_id, $4
FROM {SCHEMA}.preview WHERE preview_id = $1
"""
_END_LEASES = f"""
WITH ended AS (
    UPDATE {SCHEMA}.preview SET state = 'unknown', lease_until = NULL, purge_at = greatest(purge_at, $2)
    WHERE preview_id IN (
        SELECT preview_id FROM {SCHEMA}.preview
        WHERE state = 'claimed' AND lease_until <= $1 AND ($3::text IS NULL OR preview_id = $3)
        ORDER BY preview_id FOR UPDATE
    )
    RETURNING preview_id, principal, environment, currency, total, session_id
)
INSERT INTO {SCHEMA}.audit (at, preview_id, principal, environment, event, currency, total, session_id, detail)
SELECT $1, preview_id, principal, environment, 'unknown', currency, total, session_id, 'lease_ended' FROM ended
"""
_PURGE = f"""
DELETE FROM {SCHEMA}.preview WHERE preview_id IN (
    SELECT preview_id FROM {SCHEMA}.preview WHERE purge_at <= $1 AND state != 'claimed'
    ORDER BY preview_id FOR UPDATE
)
"""


class _TooMany(Exception):
    """Undoes a claim above the hourly limit."""


class PostgresLedger:
    """See ``Ledger``. PostgreSQL's row locks keep callers apart, whichever process they are in.

    A connection that breaks during COMMIT leaves open whether the step was taken. It is then reported as not taken,
    which is safe for each: a claim that was taken after all sends nothing, and is ``unknown`` when its lease ends.
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._transactions = Transactions()

    @classmethod
    async def open(cls, url: str) -> "PostgresLedger":
        """Connect, and make the schema when there is none.

        Raises:
            LedgerUnavailable: the database cannot be used.
        """
        return cls(await open_pool(url))

    async def add(self, entry: Entry) -> None:
        async def insert(connection: Connection) -> None:
            await connection.execute(_INSERT, *(getattr(entry, name) for name in _COLUMNS))
            await _audit_event(connection, entry.preview_id, "quoted", entry.created_at)

        await self._transaction(insert)

    async def find(self, preview_id: str, *, principal: str, environment: str, now: float) -> Entry | None:
        async def look(connection: Connection) -> Entry | None:
            return _entry(await connection.fetchrow(_SELECT, preview_id, principal, environment))

        async def end_its_lease(connection: Connection) -> Entry | None:
            await _end_leases(connection, now, preview_id)
            return await look(connection)

        entry = await self._transaction(look)
        if entry is None or entry.state is not State.CLAIMED or (entry.lease_until or 0) > now:
            return entry
        return await self._transaction(end_its_lease)

    async def claims_of_an_hour(self, *, principal: str, environment: str, now: float) -> int:
        return await self._transaction(lambda connection: _count_claims(connection, principal, environment, now))

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
        async def take(connection: Connection) -> Claim:
            if hourly_limit is not None:
                await connection.execute(_ONE_OWNER_AT_A_TIME, f"{environment} {principal}")
            wanted = (preview_id, principal, environment, from_state.value)
            if not await _changed(connection, _CLAIM, *wanted, claim_id, can_charge, now, now + lease_seconds):
                return Claim.NOT_FREE
            await _audit_event(connection, preview_id, "claimed", now, f"after_{from_state.value}")
            if hourly_limit is not None and await _count_claims(connection, principal, environment, now) > hourly_limit:
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
        async def record(connection: Connection) -> bool:
            ending = (preview_id, claim_id, state.value, session_id, outcome, purge_at)
            recorded = await _changed(connection, _FINISH, *ending) == 1
            if recorded:
                await _audit_event(connection, preview_id, state.value, now, detail)
            return recorded

        return await self._transaction(record)

    async def purge(self, *, now: float) -> int:
        async def delete(connection: Connection) -> int:
            # First, so that a claim whose process died is kept as unknown instead of being forgotten.
            await _end_leases(connection, now, None)
            return await _changed(connection, _PURGE, now)

        return await self._transaction(delete)

    async def audit(self, preview_id: str) -> list[AuditRow]:
        async def read(connection: Connection) -> list[AuditRow]:
            return [AuditRow(**dict(row)) for row in await connection.fetch(_SELECT_AUDIT, preview_id)]

        return await self._transaction(read)

    async def close(self) -> None:
        if await self._transactions.close():
            await close_pool(self._pool)

    async def _transaction(self, work: Callable[[Connection], Awaitable[_T]]) -> _T:
        self._transactions.check_open()
        return await self._transactions.run(self._run(work))

    async def _run(self, work: Callable[[Connection], Awaitable[_T]]) -> _T:
        for attempt in (1, 2):
            committing = False
            try:
                async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection, connection.transaction():
                    result = await work(connection)
                    committing = True
                return result
            except FAILURES as error:
                if committing or attempt == 2 or not isinstance(error, LOST):
                    raise unavailable(error) from None
                # Nothing was committed. The other connections broke too, if the server went away.
                await self._pool.expire_connections()
        raise AssertionError


def _entry(row: Any) -> Entry | None:
    if row is None:
        return None
    values: dict[str, Any] = dict(row)
    values["state"] = State(values["state"])
    return Entry(**values)


async def _changed(connection: Connection, statement: str, *parameters: Any) -> int:
    """How many rows, from the command tag such as ``UPDATE 1``."""
    return int((await connection.execute(statement, *parameters)).rpartition(" ")[2])


async def _count_claims(connection: Connection, principal: str, environment: str, now: float) -> int:
    return await connection.fetchval(_CLAIMS_OF_AN_HOUR, principal, environment, now - 3600)


async def _audit_event(
    connection: Connection, preview_id: str, event: str, now: float, detail: str | None = None
) -> None:
    await connection.execute(_AUDIT, preview_id, event, now, detail)


async def _end_leases(connection: Connection, now: float, preview_id: str | None) -> None:
    await connection.execute(_END_LEASES, now, now + UNKNOWN_KEPT_SECONDS, preview_id)
