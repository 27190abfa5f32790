"""Customers in a ledger's database: see ``CustomerRecords``."""

from abc import ABC, abstractmethod
from dataclasses import asdict

from checkout_server.checkout.ledger import statements
from checkout_server.checkout.ledger.contract import HOUR_SECONDS, Owner
from checkout_server.checkout.ledger.customers import Lookup, LookupRow
from checkout_server.checkout.ledger.records import Connection, T, Work


class SqlCustomers(ABC):
    """The part of a ``SqlLedger`` that is about customers."""

    async def is_customer(self, customer: str, *, owner: Owner) -> bool:
        values = {**asdict(owner), "customer": customer}
        return bool(await self._read(lambda connection: connection.fetch(statements.FIND_CUSTOMER, values)))

    async def count_lookup(
        self, customer: str, decision: Lookup, *, owner: Owner, now: float, hourly_limit: int
    ) -> bool:
        values = {**asdict(owner), "customer": customer, "event": decision.value, "now": now}
        limit = {**asdict(owner), "now": now, "hour_ago": now - HOUR_SECONDS, "most": hourly_limit}

        async def count(connection: Connection) -> bool:
            await connection.lock(f"lookup {owner.environment} {owner.principal}")
            if not await connection.change(statements.COUNT_LOOKUP, limit):
                return False
            await connection.change(statements.ADD_LOOKUP_AUDIT, values)
            return True

        return await self._transaction(count)

    async def audit_of_customer(self, customer: str) -> list[LookupRow]:
        values = {"customer": customer}
        rows = await self._read(lambda connection: connection.fetch(statements.FIND_LOOKUP_AUDIT, values))
        return [LookupRow(**dict(zip(statements.LOOKUP_COLUMNS, row, strict=True))) for row in rows]

    @abstractmethod
    async def _transaction(self, work: Work[T]) -> T:
        """Do the work in one transaction: all of it, or nothing when it raises."""

    @abstractmethod
    async def _read(self, work: Work[T]) -> T:
        """Do work that writes nothing. It sees what is committed."""
