"""Static bearer tokens in a ledger's database: see ``StaticTokens``."""

from dataclasses import asdict

from checkout_server.checkout.ledger import static_token_statements as statements
from checkout_server.checkout.ledger.database import Database, Rows
from checkout_server.checkout.ledger.static_tokens import StaticToken


class SqlStaticTokens(Database):
    """The part of a ``SqlLedger`` that is about static tokens."""

    async def store_token(self, token: StaticToken) -> None:
        await self._change(statements.STORE_TOKEN, asdict(token))

    async def find_token(self, token_hash: str) -> StaticToken | None:
        found = _read_tokens(await self._read(statements.FIND_TOKEN, {"token_hash": token_hash}))
        return found[0] if found else None

    async def list_tokens(self, *, most: int) -> list[StaticToken]:
        return _read_tokens(await self._read(statements.LIST_TOKENS, {"most": most}))

    async def has_tokens(self) -> bool:
        return bool(await self.list_tokens(most=1))

    async def revoke_token(self, token_id: str, *, now: float) -> bool:
        return bool(await self._change(statements.REVOKE_TOKEN, {"token_id": token_id, "now": now}))


def _read_tokens(rows: Rows) -> list[StaticToken]:
    return [StaticToken(**dict(zip(statements.TOKEN_COLUMNS, row, strict=True))) for row in rows]
