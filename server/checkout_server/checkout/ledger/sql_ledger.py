"""What the ledgers have in common: everything but how a statement reaches the database."""

from abc import abstractmethod
from dataclasses import asdict
from typing import Any

from checkout_server.checkout.ledger import statements
from checkout_server.checkout.ledger.contract import HOUR_SECONDS, AuditRow, Claim, Entry, Owner, State
from checkout_server.checkout.ledger.records import (
    Connection,
    T,
    Values,
    Work,
    add_audit,
    count_claims,
    end_leases,
    find_account,
    find_entry,
)
from checkout_server.checkout.ledger.sql_customers import SqlCustomers
from checkout_server.checkout.ledger.sql_operations import SqlOperations
from checkout_server.checkout.ledger.transactions import Transactions


class _TooMany(Exception):
    """Undoes a claim above the hourly limit."""


class SqlLedger(SqlCustomers, SqlOperations):
    """See ``Ledger``."""

    def __init__(self) -> None:
        self._transactions = Transactions()

    async def add(self, entry: Entry) -> None:
        async def insert(connection: Connection) -> None:
            await connection.change(statements.ADD, asdict(entry))
            await add_audit(connection, entry.preview_id, State.QUOTED, entry.created_at)

        await self._transaction(insert)

    async def find(self, preview_id: str, *, owner: Owner, now: float) -> Entry | None:
        return await self._find(statements.FIND, {"preview_id": preview_id, **asdict(owner)}, now)

    async def find_session(self, session_id: str, *, owner: Owner, now: float) -> Entry | None:
        return await self._find(statements.FIND_SESSION, {"session_id": session_id, **asdict(owner)}, now)

    async def find_recent_sale(self, *, owner: Owner, goods: str, now: float, except_preview_id: str) -> State | None:
        values = _recent_sale(except_preview_id, owner, goods, now)
        rows = await self._read(lambda connection: connection.fetch(statements.FIND_RECENT_SALE, values))
        return State(rows[0][0]) if rows else None

    async def claims_of_an_hour(self, *, owner: Owner, now: float) -> int:
        return await self._read(lambda connection: count_claims(connection, owner, now))

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
        customer: str | None = None,
        buyer: bytes | None = None,
        hourly_limit: int | None = None,
        unless_sold: bool = False,
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
            "customer": customer,
            "buyer": buyer,
            "now": now,
            "lease_until": now + lease_seconds,
        }

        async def take(connection: Connection) -> Claim:
            if hourly_limit is not None:
                # Counting and claiming are one step only if nobody else of the owner counts meanwhile.
                await connection.lock(f"{owner.environment} {owner.principal}")
            if unless_sold:
                await connection.lock(_goods_lock(owner, goods))
                if await connection.fetch(statements.FIND_RECENT_SALE, _recent_sale(preview_id, owner, goods, now)):
                    return Claim.REPEATED
            if not await connection.change(statements.CLAIM, values):
                return Claim.NOT_FREE
            await add_audit(connection, preview_id, State.CLAIMED, now, f"after_{from_state.value}")
            if hourly_limit is not None and await count_claims(connection, owner, now) > hourly_limit:
                raise _TooMany
            return Claim.TAKEN

        try:
            return await self._transaction(take)
        except _TooMany:
            return Claim.TOO_MANY

    async def renew_lease(self, preview_id: str, *, claim_id: str, lease_until: float) -> bool:
        values = {"preview_id": preview_id, "claim_id": claim_id, "lease_until": lease_until}

        async def renew(connection: Connection) -> bool:
            return await connection.change(statements.RENEW_LEASE, values) == 1

        return await self._transaction(renew)

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
            "purge_at": purge_at,
            "now": now,
        }

        async def record(connection: Connection) -> bool:
            recorded = await connection.change(statements.FINISH, values) == 1
            if recorded:
                await add_audit(connection, preview_id, state, now, detail)
            if recorded and state is State.CREATED:
                await connection.change(statements.ADD_CUSTOMER, {"preview_id": preview_id, "now": now})
            return recorded

        return await self._transaction(record)

    async def count_question(self, preview_id: str, *, owner: Owner, goods: str, now: float, most: int) -> bool:
        values = _question(preview_id, owner, goods) | {"now": now, "hour_ago": now - HOUR_SECONDS, "most": most}

        async def count(connection: Connection) -> bool:
            await connection.lock(_question_lock(owner, goods))
            return await connection.change(statements.COUNT_QUESTION, values) == 1

        return await self._transaction(count)

    async def answer_question(self, preview_id: str, *, owner: Owner, goods: str, approved: bool) -> bool:
        statement = statements.APPROVE_QUESTIONS if approved else statements.REFUSE_QUESTION
        values = _question(preview_id, owner, goods) | {"approved": approved}
        return await self._change_questions(statement, values, owner, goods) > 0

    async def withdraw_question(self, preview_id: str, *, owner: Owner, goods: str) -> None:
        await self._change_questions(statements.WITHDRAW_QUESTION, _question(preview_id, owner, goods), owner, goods)

    async def _change_questions(self, statement: str, values: dict[str, Any], owner: Owner, goods: str) -> int:
        async def change(connection: Connection) -> int:
            # Two answers at once would both go to the same question, and the other would stay open.
            await connection.lock(_question_lock(owner, goods))
            return await connection.change(statement, values)

        return await self._transaction(change)

    async def is_being_asked(self, preview_id: str, *, owner: Owner, goods: str, since: float) -> bool:
        values = _question(preview_id, owner, goods) | {"since": since}
        return bool(await self._read(lambda connection: connection.fetch(statements.FIND_PENDING_QUESTION, values)))

    async def find_account(self, key_fingerprint: str) -> str | None:
        return await self._read(lambda connection: find_account(connection, key_fingerprint))

    async def store_account(self, key_fingerprint: str, account: str) -> str:
        async def store(connection: Connection) -> str:
            await connection.change(statements.STORE_ACCOUNT, {"key_fingerprint": key_fingerprint, "account": account})
            return await find_account(connection, key_fingerprint) or account

        return await self._transaction(store)

    async def purge(self, *, now: float) -> int:
        async def delete(connection: Connection) -> int:
            # First, so that a claim whose process died is kept as unknown instead of being forgotten.
            await end_leases(connection, statements.LAPSE_ALL, now)
            await connection.change(statements.PURGE_QUESTIONS, {"hour_ago": now - HOUR_SECONDS})
            await connection.change(statements.PURGE_LOOKUPS, {"hour_ago": now - HOUR_SECONDS})
            await connection.change(statements.EMPTY_UNSETTLED, {"now": now, "nothing": b""})
            return await connection.change(statements.PURGE, {"now": now})

        return await self._transaction(delete)

    async def audit(self, preview_id: str) -> list[AuditRow]:
        rows = await self._read(lambda connection: connection.fetch(statements.FIND_AUDIT, {"preview_id": preview_id}))
        return [AuditRow(**dict(zip(statements.AUDIT_COLUMNS, row, strict=True))) for row in rows]

    async def close(self) -> None:
        if await self._transactions.close():
            await self._disconnect()

    async def _find(self, statement: str, values: Values, now: float) -> Entry | None:
        entry = await self._read(lambda connection: find_entry(connection, statement, values))
        if entry is None or entry.state is not State.CLAIMED or (entry.lease_until or 0) > now:
            return entry
        preview_id = entry.preview_id

        async def end_its_lease(connection: Connection) -> Entry | None:
            await end_leases(connection, statements.LAPSE_ONE, now, preview_id=preview_id)
            return await find_entry(connection, statement, values)

        return await self._transaction(end_its_lease)

    async def _transaction(self, work: Work[T]) -> T:
        self._transactions.check_open()
        return await self._transactions.run(self._run(work))

    @abstractmethod
    async def _run(self, work: Work[T]) -> T:
        """Do the work in one transaction: all of it, or nothing when it raises."""

    @abstractmethod
    async def _disconnect(self) -> None:
        """Release the storage."""


def _question(preview_id: str, owner: Owner, goods: str) -> dict[str, Any]:
    return {
        "preview_id": preview_id,
        "principal": owner.principal,
        "environment": owner.environment,
        "goods": goods,
    }


def _goods_lock(owner: Owner, goods: str) -> str:
    return f"goods {owner.environment} {owner.principal} {goods}"


def _recent_sale(except_preview_id: str, owner: Owner, goods: str, now: float) -> Values:
    return {
        **asdict(owner),
        "goods": goods,
        "now": now,
        "hour_ago": now - HOUR_SECONDS,
        "except_preview_id": except_preview_id,
    }


def _question_lock(owner: Owner, goods: str) -> str:
    return f"question {owner.environment} {owner.principal} {goods}"
