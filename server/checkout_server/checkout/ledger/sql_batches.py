"""Previews as rows, and steps that are carried out over any number of them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from checkout_server.checkout.ledger import statements
from checkout_server.checkout.ledger.contract import UNKNOWN_KEPT_SECONDS, Entry, State
from checkout_server.checkout.ledger.database import Database, Rows, Values
from checkout_server.checkout.ledger.fragments import COLUMNS, Step, in_batches
from checkout_server.privacy.logs.events import emit

CHANGED_AT_ONCE = 50
"""Rows of a table that one transaction takes: a few milliseconds."""
PAUSE = 9
"""How many times as long as a batch took the ledger is then left to others."""


def read_entry(row: Sequence[Any]) -> Entry:
    """The preview in a row of ``COLUMNS``."""
    values: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    values["state"] = State(values["state"])
    values["can_charge"] = bool(values["can_charge"])  # SQLite has no booleans
    return Entry(**values)


def values_of(entry: Entry) -> dict[str, Any]:
    """The values of a preview by column."""
    return {name: getattr(entry, name) for name in COLUMNS}


class SqlBatches(Database):
    """The part of a ``SqlLedger`` that works through what has piled up."""

    async def _end_lease(self, preview_id: str, now: float) -> None:
        """Make this claim ``unknown`` if its lease has ended."""
        _tell(await self._change(statements.LAPSE_ONE, {"preview_id": preview_id, **_until(now)}))

    async def _end_leases(self, now: float) -> None:
        """Make every claim ``unknown`` whose lease has ended."""
        async for batch in self._batches(statements.LAPSE_SOME, _until(now)):
            _tell(batch)

    async def _change_all(self, step: Step, values: Values, *, locks: Sequence[str] = ()) -> int:
        """Carry out a step batch by batch; how many rows it returned."""
        return sum([len(batch) async for batch in self._batches(step, values, locks=locks)])

    async def _batches(self, step: Step, values: Values, *, locks: Sequence[str] = ()) -> AsyncGenerator[Rows]:
        """Carry out a step until nothing is left for it, with pauses; what each of its transactions returned."""
        clock = asyncio.get_running_loop().time
        step = in_batches(step, CHANGED_AT_ONCE)
        while True:
            began = clock()
            batch = await self._change(step, values, locks=locks, flushed=False)
            lasted = clock() - began
            yield batch
            if len(batch) < CHANGED_AT_ONCE:
                return
            await asyncio.sleep(PAUSE * lasted)


def _until(now: float) -> dict[str, Any]:
    return {"now": now, "kept_until": now + UNKNOWN_KEPT_SECONDS}


def _tell(ended: Rows) -> None:
    for preview_id, *_ in ended:
        emit("session.lease_ended", preview_id=preview_id)
