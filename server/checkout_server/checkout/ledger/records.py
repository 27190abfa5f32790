"""What a ledger reads and writes within one transaction, whichever database the connection leads to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol, TypeVar

from checkout_server.checkout.ledger import statements
from checkout_server.checkout.ledger.contract import HOUR_SECONDS, UNKNOWN_KEPT_SECONDS, Entry, Owner, State
from checkout_server.privacy.events import emit

T = TypeVar("T")
Values = Mapping[str, Any]


class Connection(Protocol):
    """A connection for the length of one transaction. ``statements.py`` has what it is given."""

    async def change(self, statement: str, values: Values) -> int:
        """Execute a statement; how many rows it changed."""
        ...

    async def fetch(self, statement: str, values: Values) -> Sequence[Sequence[Any]]:
        """Execute a statement; the rows that it returned."""
        ...

    async def lock(self, name: str) -> None:
        """Wait until nobody else holds this name, and hold it until the transaction ends."""
        ...


Work = Callable[[Connection], Awaitable[T]]


async def find_entry(connection: Connection, statement: str, values: Values) -> Entry | None:
    """The first preview that the statement selects."""
    rows = await connection.fetch(statement, values)
    return read_entry(rows[0]) if rows else None


def read_entry(row: Sequence[Any]) -> Entry:
    """The preview in a row of all its columns."""
    values: dict[str, Any] = dict(zip(statements.COLUMNS, row, strict=True))
    values["state"] = State(values["state"])
    values["can_charge"] = bool(values["can_charge"])  # SQLite has no booleans
    return Entry(**values)


async def count_claims(connection: Connection, owner: Owner, now: float) -> int:
    """How many claims of the last hour the audit has."""
    [(count,)] = await connection.fetch(statements.COUNT_CLAIMS, asdict(owner) | {"hour_ago": now - HOUR_SECONDS})
    return count


async def find_account(connection: Connection, key_fingerprint: str) -> str | None:
    """The account that is stored for a key."""
    rows = await connection.fetch(statements.FIND_ACCOUNT, {"key_fingerprint": key_fingerprint})
    return rows[0][0] if rows else None


async def add_audit(
    connection: Connection, preview_id: str, event: State, now: float, detail: str | None = None
) -> None:
    """Record a step that the preview has just taken."""
    values = {"preview_id": preview_id, "event": event.value, "now": now, "detail": detail}
    await connection.change(statements.ADD_AUDIT, values)


async def end_leases(connection: Connection, statement: str, now: float, **which: str) -> None:
    """Carry out ``LAPSE_ONE`` or ``LAPSE_ALL``, with the audit rows that belong to it."""
    ended = await connection.fetch(statement, {"now": now, "kept_until": now + UNKNOWN_KEPT_SECONDS, **which})
    for (preview_id,) in ended:
        await add_audit(connection, preview_id, State.UNKNOWN, now, "lease_ended")
        emit("session.lease_ended", preview_id=preview_id)
