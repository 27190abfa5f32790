"""What the ledgers have in common: everything but how a statement reaches the database."""

from dataclasses import asdict
from typing import Any

from checkout_server.checkout.ledger import statements
from checkout_server.checkout.ledger.contract import (
    HOUR_SECONDS,
    AuditRow,
    Claim,
    Entry,
    OtherSales,
    Owner,
    State,
)
from checkout_server.checkout.ledger.database import Rows, Values
from checkout_server.checkout.ledger.fragments import AUDIT_COLUMNS, Step
from checkout_server.checkout.ledger.principals import MINUTE_SECONDS, Others
from checkout_server.checkout.ledger.sale_parts import ReturnToken
from checkout_server.checkout.ledger.sql_batches import read_entry, values_of
from checkout_server.checkout.ledger.sql_customers import SqlCustomers
from checkout_server.checkout.ledger.sql_keys import SqlKeys
from checkout_server.checkout.ledger.sql_operations import SqlOperations
from checkout_server.checkout.ledger.sql_principals import SqlPrincipals
from checkout_server.checkout.ledger.sql_sale_parts import SqlSaleParts
from checkout_server.checkout.ledger.sql_static_tokens import SqlStaticTokens


class SqlLedger(SqlCustomers, SqlKeys, SqlOperations, SqlPrincipals, SqlSaleParts, SqlStaticTokens):
    """See ``Ledger``."""

    async def add(self, entry: Entry) -> None:
        # Losing it costs a new preview, and waiting for the disk would be the longest part of a quote.
        await self._change(statements.ADD, values_of(entry), flushed=False)

    async def find(self, preview_id: str, *, owner: Owner, now: float) -> Entry | None:
        values = {"preview_id": preview_id, **asdict(owner)}
        rows = await self._read(statements.FIND, values)
        if not rows:
            return None
        entry = read_entry(rows[0])
        if not _has_lapsed(entry, now):
            return entry
        await self._end_lease(entry.preview_id, now)
        rows = await self._read(statements.FIND, values)
        return read_entry(rows[0]) if rows else None

    async def find_session(self, session_id: str, *, owner: Owner, now: float) -> Entry | Others | None:
        values = {"session_id": session_id, **asdict(owner)}
        rows = await self._read(statements.FIND_SESSION, values)
        own = next((row for row in rows if row[0] is not None), None)
        if own is None:
            return Others.SESSION if rows else None
        entry = read_entry(own)
        return await self.find(entry.preview_id, owner=owner, now=now) if _has_lapsed(entry, now) else entry

    async def find_other_sales(
        self, *, owner: Owner, goods: str, sold_to: str, now: float, since: float, except_preview_id: str, most: int
    ) -> OtherSales:
        about = {**asdict(owner), "goods": goods, "sold_to": sold_to, "preview_id": except_preview_id}
        rows = await self._read(statements.FIND_OTHER_SALES, {**about, **_hour(now), "since": since, "most": most})
        return OtherSales(
            recent=next((State(state) for state, *_ in rows if state is not None), None),
            created=tuple(read_entry(row) for state, *row in rows if state is None),
        )

    async def claims_of_an_hour(self, *, owner: Owner, now: float) -> int:
        [(count,)] = await self._read(statements.COUNT_CLAIMS, {**asdict(owner), **_hour(now)})
        return count

    async def claim(
        self,
        preview_id: str,
        *,
        owner: Owner,
        claim_id: str,
        from_state: State,
        attempts: int,
        can_charge: bool,
        arguments: bytes,
        goods: str,
        now: float,
        lease_seconds: float,
        sold_to: str | None = None,
        customer: str | None = None,
        buyer: bytes | None = None,
        hourly_limit: int | None = None,
        minute_limit: int | None = None,
        unless_sold: bool = False,
        return_token: ReturnToken | None = None,
    ) -> Claim:
        values = {
            **asdict(owner),
            "preview_id": preview_id,
            "claim_id": claim_id,
            "from_state": from_state.value,
            "attempts": attempts,
            "can_charge": can_charge,
            "arguments": arguments,
            "goods": goods,
            "sold_to": sold_to,
            "customer": customer,
            "buyer": buyer,
            "lease_until": now + lease_seconds,
            "limited": hourly_limit is not None,
            "hourly_limit": hourly_limit or 0,
            "paced": minute_limit is not None,
            "minute_limit": minute_limit or 0,
            "minute_ago": now - MINUTE_SECONDS,
            "unless_sold": unless_sold,
            "return_token": return_token.digest if return_token is not None else None,
            "return_language": return_token.language if return_token is not None else None,
            **_hour(now),
        }
        # Counting and claiming are one step only if nobody else of the owner counts meanwhile.
        counts = hourly_limit is not None or minute_limit is not None
        locks = [f"{owner.environment} {owner.principal}"] if counts else []
        if unless_sold:
            locks.append(f"goods {owner.environment} {owner.principal} {goods}")
        if await self._change(statements.CLAIM, values, locks=locks):
            return Claim.TAKEN
        return await self._reason_not_to_claim(values)

    async def _reason_not_to_claim(self, values: dict[str, Any]) -> Claim:
        """Read after the attempt. It is still true then: what is not free as the caller saw it never is again, and
        what an hour has counted at one moment does not become less."""
        if not await self._read(statements.FIND_FREE, values):
            return Claim.NOT_FREE
        if values["unless_sold"] and await self._read(statements.FIND_RECENT_SALE, values):
            return Claim.REPEATED
        [(count,)] = await self._read(statements.COUNT_CLAIMS, values)
        if values["limited"] and count >= values["hourly_limit"]:
            return Claim.TOO_MANY
        [(count,)] = await self._read(statements.COUNT_CLAIMS, values | {"hour_ago": values["minute_ago"]})
        if values["paced"] and count >= values["minute_limit"]:
            return Claim.TOO_FAST
        return Claim.REPEATED  # by a sale that has been refused since

    async def renew_lease(self, preview_id: str, *, claim_id: str, lease_until: float) -> bool:
        values = {"preview_id": preview_id, "claim_id": claim_id, "lease_until": lease_until}
        # A lease that is lost ends earlier, and the next renewal is soon.
        return bool(await self._change(statements.RENEW_LEASE, values, flushed=False))

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
        values = {
            "preview_id": preview_id,
            "claim_id": claim_id,
            "state": state.value,
            "session_id": session_id,
            "outcome": outcome,
            "detail": detail,
            "purge_at": purge_at,
            "now": now,
        }
        return bool(await self._change(statements.FINISH, values))

    async def count_question(self, preview_id: str, *, owner: Owner, goods: str, now: float, most: int) -> bool:
        values = {**_question(preview_id, owner, goods), **_hour(now), "most": most}
        return bool(await self._change_questions(statements.COUNT_QUESTION, values))

    async def answer_question(self, preview_id: str, *, owner: Owner, goods: str, approved: bool) -> bool:
        step = statements.APPROVE_QUESTIONS if approved else statements.REFUSE_QUESTION
        return bool(await self._change_questions(step, _question(preview_id, owner, goods) | {"approved": approved}))

    async def withdraw_question(self, preview_id: str, *, owner: Owner, goods: str) -> None:
        await self._change_questions(statements.WITHDRAW_QUESTION, _question(preview_id, owner, goods))

    async def _change_questions(self, step: Step, values: Values) -> Rows:
        # Two answers at once would both go to the same question, and the other would stay open.
        lock = f"question {values['environment']} {values['principal']} {values['goods']}"
        return await self._change(step, values, locks=[lock])

    async def is_being_asked(self, preview_id: str, *, owner: Owner, goods: str, since: float) -> bool:
        values = _question(preview_id, owner, goods) | {"since": since}
        return bool(await self._read(statements.FIND_PENDING_QUESTION, values))

    async def find_account(self, key_fingerprint: str) -> str | None:
        rows = await self._read(statements.FIND_ACCOUNT, {"key_fingerprint": key_fingerprint})
        return rows[0][0] if rows else None

    async def store_account(self, key_fingerprint: str, account: str) -> str:
        await self._change(statements.STORE_ACCOUNT, {"key_fingerprint": key_fingerprint, "account": account})
        return await self.find_account(key_fingerprint) or account

    async def purge(self, *, now: float, audit_before: float = 0.0) -> int:
        values = {**_hour(now), "audit_before": audit_before, "nothing": b""}
        # First, so that a claim whose process died is kept as unknown.
        await self._end_leases(now)
        await self._change_all(statements.EMPTY_UNSETTLED, values)
        purged = await self._change_all(statements.PURGE, values)
        for step in statements.PURGES_OF_AN_HOUR:
            await self._change_all(step, values)
        await self._change_all(statements.PURGE_AUDIT, values, locks=["audit anchor"])
        await self._change_all(statements.PURGE_LOOKUP_AUDIT, values)
        return purged

    async def audit(self, preview_id: str) -> list[AuditRow]:
        rows = await self._read(statements.FIND_AUDIT, {"preview_id": preview_id})
        return [AuditRow(**dict(zip(AUDIT_COLUMNS, row, strict=True))) for row in rows]


def _has_lapsed(entry: Entry, now: float) -> bool:
    return entry.state is State.CLAIMED and (entry.lease_until or 0) <= now


def _hour(now: float) -> dict[str, Any]:
    return {"now": now, "hour_ago": now - HOUR_SECONDS}


def _question(preview_id: str, owner: Owner, goods: str) -> dict[str, Any]:
    return {
        "preview_id": preview_id,
        "principal": owner.principal,
        "environment": owner.environment,
        "goods": goods,
    }
