"""Customers in a ledger's database: see ``CustomerRecords``."""

from dataclasses import asdict

from checkout_server.checkout.ledger import statements
from checkout_server.checkout.ledger.contract import HOUR_SECONDS, Owner
from checkout_server.checkout.ledger.customers import Lookup, LookupRow
from checkout_server.checkout.ledger.database import Database


class SqlCustomers(Database):
    """The part of a ``SqlLedger`` that is about customers."""

    async def is_customer(self, customer: str, *, owner: Owner) -> bool:
        return bool(await self._read(statements.FIND_CUSTOMER, {**asdict(owner), "customer": customer}))

    async def count_lookup(
        self, customer: str, decision: Lookup, *, owner: Owner, now: float, hourly_limit: int
    ) -> bool:
        values = {
            **asdict(owner),
            "customer": customer,
            "event": decision.value,
            "now": now,
            "hour_ago": now - HOUR_SECONDS,
            "most": hourly_limit,
        }
        lock = f"lookup {owner.environment} {owner.principal}"
        return bool(await self._change(statements.COUNT_LOOKUP, values, locks=[lock]))

    async def audit_of_customer(self, customer: str) -> list[LookupRow]:
        rows = await self._read(statements.FIND_LOOKUP_AUDIT, {"customer": customer})
        return [LookupRow(**dict(zip(statements.LOOKUP_COLUMNS, row, strict=True))) for row in rows]
