"""What those who run a ledger ask of its database: see ``Operations``."""

import math
from abc import abstractmethod
from dataclasses import asdict
from typing import Any

from checkout_server.checkout.ledger import operation_statements as statements
from checkout_server.checkout.ledger.contract import Entry, Owner
from checkout_server.checkout.ledger.operations import Place, SaleRow, Unresolved
from checkout_server.checkout.ledger.sql_batches import SqlBatches, read_entry


class SqlOperations(SqlBatches):
    """The part of a ``SqlLedger`` that is for those who run it."""

    async def read_clock(self) -> float:
        [(now,)] = await self._read(self._clock, {})
        return now

    async def list_sales(
        self, *, environment: str, after: Place, state: str | None, most: int, principal: str | None = None
    ) -> list[SaleRow]:
        values = {
            "environment": environment,
            **_behind(after),
            "state": state or "",
            "any_state": state is None,
            "most": most,
            **_of(principal),
        }
        return [_read_sale(row) for row in await self._read(statements.LIST_SALES, values)]

    async def list_unknown_sales(
        self, *, environment: str, after: Place, now: float, most: int, principal: str | None = None
    ) -> list[SaleRow]:
        await self._end_leases(now)
        values = {"environment": environment, **_behind(after), "most": most, **_of(principal)}
        return [_read_sale(row) for row in await self._read(statements.LIST_UNKNOWN_SALES, values)]

    async def count_unknown(self, *, environment: str, now: float) -> Unresolved:
        await self._end_leases(now)
        [(charges, pages)] = await self._read(statements.COUNT_UNKNOWN, {"environment": environment})
        return Unresolved(charges, pages)

    async def list_unknown(
        self, *, owner: Owner, after: Place, now: float, most: int, preview_id: str | None = None
    ) -> list[Entry]:
        await self._end_leases(now)
        named = {"preview_id": preview_id or "", "any_preview": preview_id is None}
        rows = await self._read(statements.LIST_UNKNOWN, {**asdict(owner), **named, **_behind(after), "most": most})
        return [read_entry(row) for row in rows]

    async def take_unknown(
        self, *, owner: Owner, now: float, first_pause: float, longest_pause: float, claimed_after: float
    ) -> Entry | None:
        await self._end_leases(now)
        values = {
            **asdict(owner),
            "now": now,
            "first_pause": first_pause,
            "longest_pause": longest_pause,
            "doublings": math.ceil(math.log2(longest_pause / first_pause)),
            "claimed_after": claimed_after,
        }
        # After a lost answer it takes another one; the first waits for its next pause.
        rows = await self._change(statements.TAKE_UNKNOWN, values)
        return read_entry(rows[0]) if rows else None

    async def restore_sale(
        self,
        preview_id: str,
        *,
        owner: Owner,
        session_id: str,
        outcome: bytes,
        detail: str,
        purge_at: float,
        now: float,
    ) -> bool:
        values = {
            **asdict(owner),
            "preview_id": preview_id,
            "session_id": session_id,
            "outcome": outcome,
            "detail": detail,
            "purge_at": purge_at,
            "now": now,
        }
        return bool(await self._change(statements.RESTORE, values))

    @property
    @abstractmethod
    def _clock(self) -> str:
        """The query for the database's clock."""


def _behind(after: Place) -> dict[str, Any]:
    return {"after_at": after.at, "after_id": after.preview_id}


def _of(principal: str | None) -> dict[str, Any]:
    return {"principal": principal or "", "any_principal": principal is None}


def _read_sale(row: tuple[Any, ...]) -> SaleRow:
    return SaleRow(**dict(zip(statements.SALE_COLUMNS, row, strict=True)))
