"""Every statement of a ledger, once, in the SQL that SQLite and PostgreSQL share.

A text only reads. A ``Step`` changes something, and is a transaction of its own.

SQLite runs them as they are. ``postgres_sql.translate`` makes three changes for PostgreSQL: ``main``, which is
SQLite's name for the file itself, becomes our schema; ``rowid`` becomes ``id``; and what stands in ``/*pg ... */``, a
comment to SQLite, counts. Parameters are ``:named``. Times are epoch seconds.
"""

from collections.abc import Iterable
from dataclasses import fields
from typing import NamedTuple

from checkout_server.checkout.ledger.contract import AuditRow, Entry, State
from checkout_server.checkout.ledger.customers import LookupRow
from checkout_server.checkout.ledger.states import MAY_HAVE_SOLD, PURGED, STEPS, Action

COLUMNS = tuple(field.name for field in fields(Entry))
LOOKUP_COLUMNS = tuple(field.name for field in fields(LookupRow))
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
    """What then tells whether the first time did it, if the second did nothing and somebody wants to know."""

    @property
    def text(self) -> str:
        """The change as a statement by itself."""
        return f"{self.change} RETURNING {', '.join(self.returned)}"


def _condition_of(action: Action) -> str:
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


def _listed(states: Iterable[State]) -> str:
    return ", ".join(f"'{state}'" for state in states)


_QUOTED_COLUMNS = ", ".join(f'"{name}"' for name in COLUMNS)
_OWNED = "principal = :principal AND environment = :environment AND (account IS NULL OR account = :account)"
_LAPSED = f"{_condition_of(Action.LAPSE)} AND lease_until <= :now"
_SAME_QUESTION = "principal = :principal AND environment = :environment AND goods = :goods"
_BATCH = "LIMIT :batch /*pg FOR UPDATE SKIP LOCKED */"
"""The rows that a purge takes at a time. It never waits for a call, and no call waits long for it."""

_AUDITED = ("preview_id", "principal", "environment", "currency", "total", "session_id")


def _audit(event: str, detail: str = "NULL", *, at: str = ":now") -> str:
    """The audit row of each preview that has just taken a step."""
    return f"""
INSERT INTO main.audit ({", ".join(AUDIT_COLUMNS)})
SELECT {at}, preview_id, principal, environment, {event}, currency, total, session_id, {detail} FROM step
"""


ADD = Step(
    f"""
INSERT INTO main.preview ({_QUOTED_COLUMNS}) VALUES ({", ".join(f":{name}" for name in COLUMNS)})
ON CONFLICT (preview_id) DO NOTHING
""",
    (*_AUDITED, "created_at"),
    (_audit(f"'{State.QUOTED}'", at="created_at"),),
)
FIND = f"SELECT {_QUOTED_COLUMNS} FROM main.preview WHERE preview_id = :preview_id AND {_OWNED}"
FIND_SESSION = f"SELECT {_QUOTED_COLUMNS} FROM main.preview WHERE session_id = :session_id AND {_OWNED}"

_RECENT_SALE = f"""
FROM main.preview
WHERE {_OWNED} AND goods = :goods AND claimed_at > :hour_ago AND claimed_at <= :now
  AND preview_id != :preview_id AND state IN ({_listed(MAY_HAVE_SOLD)})
"""
FIND_RECENT_SALE = f"""
SELECT CASE WHEN {_LAPSED} THEN '{State.UNKNOWN}' ELSE state END
{_RECENT_SALE}
ORDER BY CASE WHEN state = '{State.UNKNOWN}' OR ({_LAPSED}) THEN 0 ELSE 1 END, claimed_at DESC LIMIT 1
"""
COUNT_CLAIMS = """
SELECT count(*) FROM main.creation_attempt
WHERE principal = :principal AND environment = :environment AND at > :hour_ago
"""
_FREE = f"""
preview_id = :preview_id AND {_OWNED} AND expires_at > :now
AND state = :from_state AND attempts = :attempts AND {_condition_of(Action.CLAIM)}
"""
FIND_FREE = f"SELECT 1 FROM main.preview WHERE {_FREE}"
CLAIM = Step(
    f"""
UPDATE main.preview
SET state = '{State.CLAIMED}', claim_id = :claim_id, lease_until = :lease_until, can_charge = :can_charge,
    attempts = attempts + 1, arguments = :arguments, goods = :goods, customer = :customer,
    claimed_at = :now
WHERE {_FREE}
  AND (NOT :limited OR ({COUNT_CLAIMS}) < :hourly_limit)
  AND (NOT :unless_sold OR NOT EXISTS (SELECT 1 {_RECENT_SALE}))
""",
    _AUDITED,
    (
        _audit(f"'{State.CLAIMED}'", "'after_' || :from_state"),
        "INSERT INTO main.creation_attempt (at, principal, environment) SELECT :now, principal, environment FROM step",
    ),
    done=f"""
SELECT 1 FROM main.preview WHERE preview_id = :preview_id AND claim_id = :claim_id AND state = '{State.CLAIMED}'
""",
)
FINISH = Step(
    f"""
UPDATE main.preview
SET state = :state, session_id = :session_id, outcome = :outcome, lease_until = NULL, purge_at = :purge_at
WHERE preview_id = :preview_id AND claim_id = :claim_id AND {_condition_of(Action.FINISH)}
""",
    (*_AUDITED, "state", "account", "customer"),
    (
        _audit("state", ":detail"),
        f"""
INSERT INTO main.customer (first_sold_at, principal, environment, account, customer)
SELECT :now, principal, environment, account, customer FROM step AS sold
WHERE state = '{State.CREATED}' AND customer IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM main.customer AS known
    WHERE known.customer = sold.customer AND known.principal = sold.principal
      AND known.environment = sold.environment AND known.account = sold.account
)
""",
    ),
    done="SELECT 1 FROM main.preview WHERE preview_id = :preview_id AND claim_id = :claim_id AND state = :state",
)


def _lapse(which: str) -> Step:
    return Step(
        f"""
UPDATE main.preview
SET state = '{State.UNKNOWN}', lease_until = NULL,
    purge_at = CASE WHEN purge_at > :kept_until THEN purge_at ELSE :kept_until END
WHERE preview_id IN (SELECT preview_id FROM main.preview WHERE {_LAPSED} {which})
""",
        _AUDITED,
        (_audit(f"'{State.UNKNOWN}'", "'lease_ended'"),),
    )


LAPSE_ONE = _lapse("AND preview_id = :preview_id /*pg FOR UPDATE */")
LAPSE_SOME = _lapse(f"ORDER BY lease_until {_BATCH}")
PURGE = Step(
    f"""
DELETE FROM main.preview WHERE preview_id IN (
    SELECT preview_id FROM main.preview WHERE purge_at <= :now AND state IN ({_listed(PURGED)})
    ORDER BY purge_at {_BATCH}
)
"""
)

FIND_AUDIT = f"SELECT {', '.join(AUDIT_COLUMNS)} FROM main.audit WHERE preview_id = :preview_id ORDER BY rowid"
PURGE_AUDIT = Step(
    f"""
DELETE FROM main.audit WHERE rowid IN (
    SELECT rowid FROM main.audit WHERE at <= :audit_before ORDER BY at, rowid {_BATCH}
)
""",
    ("rowid AS number", "at", "preview_id", "event"),
    (
        """
INSERT INTO main.audit_anchor AS anchor (id, purged, at, preview_id, event)
SELECT 1, (SELECT count(*) FROM step), at, preview_id, event FROM step WHERE true ORDER BY at DESC, number DESC LIMIT 1
ON CONFLICT (id) DO UPDATE
SET purged = anchor.purged + excluded.purged, at = excluded.at, preview_id = excluded.preview_id, event = excluded.event
""",
    ),
)


def _purge(table: str, time: str, before: str) -> Step:
    rows = f"SELECT rowid FROM main.{table} WHERE {time} <= :{before} ORDER BY {time} {_BATCH}"
    return Step(f"DELETE FROM main.{table} WHERE rowid IN ({rows})")


PURGE_ATTEMPTS = _purge("creation_attempt", "at", "hour_ago")
PURGE_QUESTIONS = _purge("question", "asked_at", "hour_ago")
PURGE_LOOKUPS = _purge("customer_lookup", "at", "hour_ago")
PURGE_LOOKUP_AUDIT = _purge("customer_audit", "at", "audit_before")

COUNT_QUESTION = Step(
    f"""
INSERT INTO main.question (asked_at, preview_id, principal, environment, goods)
SELECT :now, :preview_id, :principal, :environment, :goods
WHERE (
    SELECT count(*) FROM main.question
    WHERE {_SAME_QUESTION} AND asked_at > :hour_ago AND asked_at <= :now AND (approved IS NULL OR NOT approved)
) < :most
""",
    repeatable=False,
)
_OPEN_QUESTION = f"{_SAME_QUESTION} AND preview_id = :preview_id AND approved IS NULL"
_NEWEST_OPEN_QUESTION = f"""
    SELECT rowid FROM main.question WHERE {_OPEN_QUESTION} ORDER BY asked_at DESC, rowid DESC LIMIT 1
"""
APPROVE_QUESTIONS = Step(f"UPDATE main.question SET approved = :approved WHERE {_OPEN_QUESTION}")
REFUSE_QUESTION = Step(
    f"UPDATE main.question SET approved = :approved WHERE rowid = ({_NEWEST_OPEN_QUESTION})", repeatable=False
)
WITHDRAW_QUESTION = Step(f"DELETE FROM main.question WHERE rowid = ({_NEWEST_OPEN_QUESTION})", repeatable=False)
FIND_PENDING_QUESTION = f"""
SELECT 1 FROM main.question
WHERE {_SAME_QUESTION} AND preview_id = :preview_id AND asked_at > :since AND (approved IS NULL OR approved) LIMIT 1
"""

FIND_ACCOUNT = "SELECT account FROM main.key_account WHERE key_fingerprint = :key_fingerprint"
STORE_ACCOUNT = Step(
    """
INSERT INTO main.key_account (key_fingerprint, account) VALUES (:key_fingerprint, :account)
ON CONFLICT (key_fingerprint) DO NOTHING
"""
)
FIND_KEY_PROBE = "SELECT probe FROM main.key_probe"
STORE_KEY_PROBE = Step(
    """
INSERT INTO main.key_probe AS present (id, probe) VALUES (1, :probe)
ON CONFLICT (id) DO UPDATE SET probe = excluded.probe WHERE present.probe = :instead_of
"""
)

FIND_CUSTOMER = f"SELECT 1 FROM main.customer WHERE customer = :customer AND {_OWNED} LIMIT 1"
COUNT_LOOKUP = Step(
    """
INSERT INTO main.customer_lookup (at, principal, environment)
SELECT :now, :principal, :environment
WHERE (
    SELECT count(*) FROM main.customer_lookup
    WHERE principal = :principal AND environment = :environment AND at > :hour_ago
) < :most
""",
    ("at", "principal", "environment"),
    (
        f"""
INSERT INTO main.customer_audit ({", ".join(LOOKUP_COLUMNS)})
SELECT at, principal, environment, :account, :customer, :event FROM step
""",
    ),
    repeatable=False,
)
FIND_LOOKUP_AUDIT = f"""
SELECT {", ".join(LOOKUP_COLUMNS)} FROM main.customer_audit WHERE customer = :customer ORDER BY rowid
"""
