"""Principals in a ledger's database: see ``PrincipalRecords``."""

from dataclasses import asdict
from typing import Any

from checkout_server.checkout.ledger import principal_statements as statements
from checkout_server.checkout.ledger.contract import Owner
from checkout_server.checkout.ledger.database import Database, Values
from checkout_server.checkout.ledger.principals import MINUTE_SECONDS


class SqlPrincipals(Database):
    """The part of a ``SqlLedger`` that is about principals."""

    async def count_preview(self, *, owner: Owner, now: float, most: int) -> float | None:
        values, lock = _minute(owner, now, most), f"previews {owner.environment} {owner.principal}"
        # Losing it with the machine lets one preview more through.
        if await self._change(statements.COUNT_PREVIEW, values, locks=[lock], flushed=False):
            return None
        return await self._seconds_to_room(statements.FIND_PREVIEW_BEFORE_ROOM, values) or 0.0

    async def seconds_until_claim(self, *, owner: Owner, now: float, most: int) -> float | None:
        return await self._seconds_to_room(statements.FIND_CLAIM_BEFORE_ROOM, _minute(owner, now, most))

    async def _seconds_to_room(self, statement: str, values: Values) -> float | None:
        rows = await self._read(statement, values)
        return rows[0][0] + MINUTE_SECONDS - values["now"] if rows else None


def _minute(owner: Owner, now: float, most: int) -> dict[str, Any]:
    return {**asdict(owner), "now": now, "minute_ago": now - MINUTE_SECONDS, "most": most}
