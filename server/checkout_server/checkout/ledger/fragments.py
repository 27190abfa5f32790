"""What a ledger's statements are made of, in the SQL that SQLite and PostgreSQL share.

SQLite runs them as they are. ``postgres_sql.translate`` makes three changes for PostgreSQL: ``main``, which is
SQLite's name for the file itself, becomes our schema; ``rowid`` becomes ``id``; and what stands in ``/*pg ... */``, a
comment to SQLite, counts. Parameters are ``:named``. Times are epoch seconds.
"""

from collections.abc import Iterable
from dataclasses import fields
from typing import NamedTuple

from checkout_server.checkout.ledger.contract import AuditRow, Entry, State
from checkout_server.checkout.ledger.states import STEPS, Action

COLUMNS = tuple(field.name for field in fields(Entry))
AUDIT_COLUMNS = tuple(field.name for field in fields(AuditRow))


class Step(NamedTuple):
    """A change, and what follows from it. Both or neither happen."""

    change: str
    """Its ``RETURNING`` is ``returned``."""
    returned: tuple[str, ...] = ("1",)
    consequences: tuple[str, ...] = ()
    """Statements that read the returned rows, under these names, from ``step``."""
    repeatable: bool = True
    """Whether it may be tried again after a lost answer: a second time changes nothing that the first has done."""
    done: str = ""
    """What then tells what both times did, if somebody wants to know."""

    @property
    def text(self) -> str:
        """The change as a statement by itself."""
        return f"{self.change} RETURNING {', '.join(self.returned)}"


def condition_of(action: Action) -> str:
    """When the table of steps lets a preview take this step, with ``:state`` for where a finish leads to."""
    alternatives: list[str] = []
    for step in STEPS:
        if step.action is not action:
            continue
        terms = [f"state = '{step.before}'"]
        if action is Action.FINISH:
            terms.append(f":state = '{step.after}'")
        if not step.may_charge:
            terms += ["NOT can_charge", "NOT :can_charge"]
        alternatives.append(f"({' AND '.join(terms)})")
    return f"({' OR '.join(alternatives)})"


def listed(states: Iterable[State]) -> str:
    """As ``IN`` takes them."""
    return ", ".join(f"'{state}'" for state in states)


QUOTED_COLUMNS = ", ".join(f'"{name}"' for name in COLUMNS)
OWNED = "principal = :principal AND environment = :environment AND (account IS NULL OR account = :account)"
LAPSED = f"{condition_of(Action.LAPSE)} AND lease_until <= :now"
UNSETTLED = f"(state = '{State.UNKNOWN}' AND can_charge)"
"""Nobody knows whether a buyer was charged: that stays until it is known, without what was ordered."""
BATCH = "LIMIT :batch /*pg FOR UPDATE SKIP LOCKED */"
"""The rows that a purge takes at a time. It never waits for a call, and no call waits long for it."""


def in_batches(step: Step, rows: int) -> Step:
    """A step that takes so many rows at a time, in figures: where PostgreSQL does not know how many, it expects a tenth
    of the table, and reads all of it."""
    return step._replace(change=step.change.replace(":batch", str(rows)))


AUDITED = ("preview_id", "principal", "environment", "currency", "total", "session_id")


def audit(event: str, detail: str = "NULL", *, at: str = ":now") -> str:
    """The audit row of each preview that has just taken a step."""
    return f"""
INSERT INTO main.audit ({", ".join(AUDIT_COLUMNS)})
SELECT {at}, preview_id, principal, environment, {event}, currency, total, session_id, {detail} FROM step
"""
