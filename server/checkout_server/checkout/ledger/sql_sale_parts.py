"""What came after a sale, in a ledger's database: see ``SaleParts``."""

from dataclasses import asdict
from typing import Any

from checkout_server.checkout.ledger import sale_part_statements as statements
from checkout_server.checkout.ledger.contract import Entry, Owner
from checkout_server.checkout.ledger.database import Database, Values
from checkout_server.checkout.ledger.sale_parts import Kind, ReturnPage, SalePart
from checkout_server.checkout.ledger.sql_batches import read_entry


class SqlSaleParts(Database):
    """The part of a ``SqlLedger`` that is about what came after a sale."""

    async def find_sale(
        self, *, owner: Owner, session_id: str | None = None, preview_id: str | None = None
    ) -> Entry | None:
        if session_id is not None:
            return await self._find_sale(statements.FIND_SALE_OF_SESSION, owner, {"session_id": session_id})
        return await self._find_sale(statements.FIND_SALE_OF_PREVIEW, owner, {"preview_id": preview_id or ""})

    async def find_sale_of_part(self, part_id: str, *, owner: Owner) -> Entry | None:
        return await self._find_sale(statements.FIND_SALE_OF_PART, owner, {"part_id": part_id})

    async def _find_sale(self, statement: str, owner: Owner, values: Values) -> Entry | None:
        rows = await self._read(statement, {**_account(owner), **values})
        return read_entry(rows[0]) if rows else None

    async def store_part(self, part: SalePart) -> bool:
        return bool(await self._change(statements.STORE_PART, _values(part)))

    async def store_webhook(self, webhook_id: str, event: str, part: SalePart, *, now: float) -> bool:
        values = {**_values(part), "webhook_id": webhook_id, "event": event, "now": now}
        return bool(await self._change(statements.STORE_WEBHOOK, values))

    async def list_parts(self, preview_id: str) -> list[SalePart]:
        rows = await self._read(statements.LIST_PARTS, {"preview_id": preview_id})
        return [_read_part(row) for row in rows]

    async def was_webhook_seen(self, webhook_id: str) -> bool:
        return bool(await self._read(statements.FIND_WEBHOOK, {"webhook_id": webhook_id}))

    async def note_webhook(self, *, owner: Owner, now: float) -> None:
        # Losing it with the machine makes the doctor name an earlier one.
        await self._change(statements.NOTE_WEBHOOK, {**_account(owner), "now": now}, flushed=False)

    async def find_last_webhook(self, *, owner: Owner) -> float | None:
        rows = await self._read(statements.FIND_LAST_WEBHOOK, _account(owner))
        return rows[0][0] if rows else None

    async def find_return_page(self, token_digest: str, *, owner: Owner) -> ReturnPage | None:
        rows = await self._read(statements.FIND_RETURN_PAGE, {**_account(owner), "token": token_digest})
        return ReturnPage(read_entry(rows[0][1:]), rows[0][0]) if rows else None

    async def take_look(self, token_digest: str, *, now: float, pause: float) -> bool:
        values = {"token": token_digest, "now": now, "before": now - pause}
        return bool(await self._change(statements.TAKE_LOOK, values, flushed=False))


def _account(owner: Owner) -> dict[str, Any]:
    return {"environment": owner.environment, "account": owner.account}


def _values(part: SalePart) -> dict[str, Any]:
    return {**asdict(part), "kind": part.kind.value}


def _read_part(row: tuple[Any, ...]) -> SalePart:
    values: dict[str, Any] = dict(zip(statements.PART_COLUMNS, row, strict=True))
    values["kind"] = Kind(values["kind"])
    return SalePart(**values)
