"""Keys in a ledger's database: see ``KeyRecords``."""

from checkout_server.checkout.ledger import key_statements as statements
from checkout_server.checkout.ledger.database import Database


class SqlKeys(Database):
    """The part of a ``SqlLedger`` that is about keys."""

    async def find_ledger_key(self) -> bytes | None:
        rows = await self._read(statements.FIND_LEDGER_KEY, {})
        return rows[0][0] if rows else None

    async def store_ledger_key(self, sealed: bytes, *, instead_of: bytes | None) -> bool:
        return bool(await self._change(statements.STORE_LEDGER_KEY, {"sealed": sealed, "instead_of": instead_of}))

    async def find_key_probe(self) -> str | None:
        rows = await self._read(statements.FIND_KEY_PROBE, {})
        return rows[0][0] if rows else None

    async def store_key_probe(self, probe: str, *, instead_of: str | None) -> bool:
        return bool(await self._change(statements.STORE_KEY_PROBE, {"probe": probe, "instead_of": instead_of}))
