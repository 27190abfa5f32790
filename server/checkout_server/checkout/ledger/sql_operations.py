"""What those who run a ledger ask of its database: see ``Operations``."""

from abc import ABC, abstractmethod
from dataclasses import asdict

from checkout_server.checkout.ledger import statements
from checkout_server.checkout.ledger.contract import Entry, Owner, State
from checkout_server.checkout.ledger.operations import SaleRow
from checkout_server.checkout.ledger.records import Connection, T, Work, add_audit, end_leases, read_entry


class SqlOperations(ABC):
    """The part of a ``SqlLedger`` that is for those who run it."""

    async def read_clock(self) -> float:
        async def read(connection: Connection) -> float:
            [(now,)] = await connection.fetch(self._clock, {})
            return now

        return await self._read(read)

    async def list_sales(self, *, environment: str, since: float, state: str | None, most: int) -> list[SaleRow]:
        values = {
            "environment": environment, "since": since, "state": state or "", "any_state": int(state is None),
            "most": most,
        }  # fmt: skip
        rows = await self._read(lambda connection: connection.fetch(statements.LIST_SALES, values))
        return [SaleRow(**dict(zip(statements.SALE_COLUMNS, row, strict=True))) for row in rows]

    async def count_unknown(self, *, environment: str, now: float) -> int:
        async def count(connection: Connection) -> int:
            await end_leases(connection, statements.LAPSE_ALL, now)
            [(found,)] = await connection.fetch(statements.COUNT_UNKNOWN, {"environment": environment})
            return found

        return await self._transaction(count)

    async def list_unknown(self, *, owner: Owner, now: float, most: int) -> list[Entry]:
        async def find(connection: Connection) -> list[Entry]:
            await end_leases(connection, statements.LAPSE_ALL, now)
            rows = await connection.fetch(statements.LIST_UNKNOWN, asdict(owner) | {"most": most})
            return [read_entry(row) for row in rows]

        return await self._transaction(find)

    async def take_unknown(
        self, *, owner: Owner, now: float, first_pause: float, longest_pause: float, claimed_after: float
    ) -> Entry | None:
        values = asdict(owner) | {"now": now, "claimed_after": claimed_after}

        async def take(connection: Connection) -> Entry | None:
            await end_leases(connection, statements.LAPSE_ALL, now)
            rows = await connection.fetch(statements.FIND_UNKNOWN_TO_ASK, values)
            if not rows:
                return None
            entry = read_entry(rows[0])
            asks = (entry.asks or 0) + 1
            pause = min(first_pause * 2.0 ** min(asks - 1, 30), longest_pause)
            taken = asdict(owner) | {"preview_id": entry.preview_id, "asks": asks, "ask_at": now + pause}
            return entry if await connection.change(statements.TAKE_UNKNOWN, taken) else None

        return await self._transaction(take)

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
        values = asdict(owner) | {
            "preview_id": preview_id, "session_id": session_id, "outcome": outcome, "purge_at": purge_at, "now": now,
            "can_charge": True,
        }  # fmt: skip

        async def restore(connection: Connection) -> bool:
            restored = await connection.change(statements.RESTORE, values) == 1
            if restored:
                await add_audit(connection, preview_id, State.CREATED, now, detail)
            return restored

        return await self._transaction(restore)

    @property
    @abstractmethod
    def _clock(self) -> str:
        """The query for the database's clock."""

    @abstractmethod
    async def _transaction(self, work: Work[T]) -> T:
        """Do the work in one transaction: all of it, or nothing when it raises."""

    @abstractmethod
    async def _read(self, work: Work[T]) -> T:
        """Do work that writes nothing. It sees what is committed."""
