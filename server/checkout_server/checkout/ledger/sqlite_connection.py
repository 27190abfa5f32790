"""One connection to the ledger's SQLite file, and how a step is carried out over it. It blocks."""

import contextlib
import sqlite3
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from checkout_server.checkout.ledger import sqlite_file
from checkout_server.checkout.ledger.database import Rows, Values
from checkout_server.checkout.ledger.fragments import Step
from checkout_server.checkout.ledger.sqlite_file import OpenFile, unavailable


class Change(NamedTuple):
    """A step that a call waits for."""

    step: Step
    values: Values
    until: float
    """How long it waits for another process's write, by the monotonic clock."""
    flushed: bool
    """Whether it waits for the disk."""


class SqliteConnection:
    """Belongs to the thread that made the connection. Every method but ``change`` raises ``LedgerUnavailable``."""

    def __init__(self, file: OpenFile) -> None:
        self.file = file
        self._connection = file.connection
        self._flushes = True
        self._patience: int | None = None
        """In tenths of a second."""

    def read(self, statement: str, values: Values) -> Rows:
        """The rows that a statement selects."""
        self.file.check_in_place()
        try:
            return self._connection.execute(statement, dict(values)).fetchall()
        except sqlite3.Error as error:
            raise unavailable(error) from None

    def change(self, changes: Sequence[Change]) -> list[Rows | Exception]:
        """Carry out steps in one transaction: what each returned, or why it failed. One that fails takes none of the
        others along."""
        is_committing = False
        try:
            self.file.check_in_place()
            self._set_flushing(any(each.flushed for each in changes))
            self._set_patience(min(each.until for each in changes))
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes: list[Rows | Exception] = [self._carry_out(each.step, each.values) for each in changes]
            is_committing = True
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - it is the callers'
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            if len(changes) > 1 and not is_committing:
                return [outcome for each in changes for outcome in self.change([each])]
            return [unavailable(error) if isinstance(error, sqlite3.Error) else error for _ in changes]
        return outcomes

    def check(self) -> None:
        """Read the whole file in search of damage."""
        try:
            sqlite_file.check(self._connection)
        except sqlite3.Error as error:
            raise unavailable(error) from None

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def _carry_out(self, step: Step, values: Values) -> Rows:
        rows = self._connection.execute(step.text, dict(values)).fetchall()
        for consequence in step.consequences if rows else ():
            names = ", ".join(name.rpartition(" ")[2] for name in step.returned)
            returned: dict[str, Any] = {}
            for number, row in enumerate(rows):
                returned |= {f"row_{number}_{column}": value for column, value in enumerate(row)}
            listed = ", ".join(
                f"({', '.join(f':row_{number}_{column}' for column in range(len(row)))})"
                for number, row in enumerate(rows)
            )
            self._connection.execute(f"WITH step ({names}) AS (VALUES {listed}) {consequence}", {**values, **returned})
        return rows

    def _set_patience(self, until: float) -> None:
        """How long a step waits. In tenths, so that it is seldom set: a new PRAGMA costs as much as the step."""
        patience = max(0, int((until - time.monotonic()) * 10))
        if patience != self._patience:
            self._connection.execute(f"PRAGMA busy_timeout = {patience * 100}")
            self._patience = patience

    def _set_flushing(self, flushed: bool) -> None:
        """It cannot be set within a transaction. What is flushed later takes everything before it along."""
        if flushed is not self._flushes:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if flushed else 'NORMAL'}")
            self._flushes = flushed
