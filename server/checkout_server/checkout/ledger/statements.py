"""Every statement of a ledger, once, in the SQL that SQLite and PostgreSQL share.

SQLite runs them as they are. ``postgres_sql.translate`` makes three changes for PostgreSQL: ``main``, which is
SQLite's name for the file itself, becomes our schema; ``rowid`` becomes ``id``; and what stands in ``/*pg ... */``, a
comment to SQLite, counts. Parameters are ``:named``. Times are epoch seconds.
"""

from collections.abc import Iterable
from dataclasses import fields

from checkout_server.checkout.ledger.contract import AuditRow, Entry, State
from checkout_server.checkout.ledger.customers import LookupRow
from checkout_server.checkout.ledger.operations import SaleRow
from checkout_server.checkout.ledger.states import MAY_HAVE_SOLD, PURGED, STEPS, Action

COLUMNS = tuple(field.name for field in fields(Entry))
LOOKUP_COLUMNS = tuple(field.name for field in fields(LookupRow))
AUDIT_COLUMNS = tuple(field.name for field in fields(AuditRow))
SALE_COLUMNS = tuple(field.name for field in fields(SaleRow))


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
_UNSETTLED = f"(state = '{State.UNKNOWN}' AND can_charge)"
"""Nobody knows whether a buyer was charged: that stays until it is known, without what was ordered."""
_SAME_QUESTION = "principal = :principal AND environment = :environment AND goods = :goods"

ADD = f"""
INSERT INTO main.preview ({_QUOTED_COLUMNS}) VALUES ({", ".join(f":{name}" for name in COLUMNS)})
"""
FIND = f"SELECT {_QUOTED_COLUMNS} FROM main.preview WHERE preview_id = :preview_id AND {_OWNED}"
FIND_SESSION = f"SELECT {_QUOTED_COLUMNS} FROM main.preview WHERE session_id = :session_id AND {_OWNED}"
FIND_RECENT_SALE = f"""
SELECT CASE WHEN {_LAPSED} THEN '{State.UNKNOWN}' ELSE state END
FROM main.preview
WHERE {_OWNED} AND goods = :goods AND claimed_at > :hour_ago AND claimed_at <= :now
  AND preview_id != :except_preview_id AND state IN ({_listed(MAY_HAVE_SOLD)})
ORDER BY CASE WHEN state = '{State.UNKNOWN}' OR ({_LAPSED}) THEN 0 ELSE 1 END, claimed_at DESC LIMIT 1
"""

CLAIM = f"""
UPDATE main.preview
SET state = '{State.CLAIMED}', claim_id = :claim_id, lease_until = :lease_until, can_charge = :can_charge,
    attempts = attempts + 1, arguments = :arguments, goods = :goods, customer = :customer, buyer = :buyer,
    claimed_at = :now, ended_at = NULL, asks = NULL, ask_at = NULL,
    lost_before = coalesce(lost_before, 0) + CASE WHEN state = '{State.UNKNOWN}' THEN 1 ELSE 0 END
WHERE preview_id = :preview_id AND {_OWNED} AND expires_at > :now
  AND state = :from_state AND attempts = :attempts AND {_condition_of(Action.CLAIM)}
  AND (state != '{State.UNKNOWN}' OR coalesce(lost_before, 0) = 0)
"""
COUNT_CLAIMS = f"""
SELECT count(*) FROM main.audit
WHERE principal = :principal AND environment = :environment AND event = '{State.CLAIMED}' AND at > :hour_ago
"""
RENEW_LEASE = f"""
UPDATE main.preview SET lease_until = :lease_until
WHERE preview_id = :preview_id AND claim_id = :claim_id AND state = '{State.CLAIMED}'
"""
FINISH = f"""
UPDATE main.preview
SET state = :state, session_id = :session_id, outcome = :outcome, lease_until = NULL, purge_at = :purge_at,
    ended_at = :now
WHERE preview_id = :preview_id AND claim_id = :claim_id AND {_condition_of(Action.FINISH)}
"""

# Rows are locked in one order, or two replicas that sweep at once could wait for each other.
_LAPSE = f"""
UPDATE main.preview
SET state = '{State.UNKNOWN}', lease_until = NULL, ended_at = lease_until,
    purge_at = CASE WHEN purge_at > :kept_until THEN purge_at ELSE :kept_until END
WHERE preview_id IN (
    SELECT preview_id FROM main.preview WHERE {_LAPSED} {{which}} /*pg ORDER BY preview_id FOR UPDATE */
)
RETURNING preview_id
"""
LAPSE_ONE = _LAPSE.format(which="AND preview_id = :preview_id")
LAPSE_ALL = _LAPSE.format(which="")
PURGE = f"""
DELETE FROM main.preview WHERE preview_id IN (
    SELECT preview_id FROM main.preview WHERE purge_at <= :now AND state IN ({_listed(PURGED)}) AND NOT {_UNSETTLED}
    /*pg ORDER BY preview_id FOR UPDATE */
)
"""

EMPTY_UNSETTLED = f"""
UPDATE main.preview SET "order" = :nothing, arguments = NULL, buyer = NULL
WHERE purge_at <= :now AND {_UNSETTLED} AND length("order") > 0
"""

ADD_AUDIT = f"""
INSERT INTO main.audit ({", ".join(AUDIT_COLUMNS)})
SELECT :now, preview_id, principal, environment, :event, currency, total, session_id, :detail
FROM main.preview WHERE preview_id = :preview_id
"""
FIND_AUDIT = f"SELECT {', '.join(AUDIT_COLUMNS)} FROM main.audit WHERE preview_id = :preview_id ORDER BY rowid"

COUNT_QUESTION = f"""
INSERT INTO main.question (asked_at, preview_id, principal, environment, goods)
SELECT :now, :preview_id, :principal, :environment, :goods
WHERE (
    SELECT count(*) FROM main.question
    WHERE {_SAME_QUESTION} AND asked_at > :hour_ago AND asked_at <= :now AND (approved IS NULL OR NOT approved)
) < :most
"""
_OPEN_QUESTION = f"{_SAME_QUESTION} AND preview_id = :preview_id AND approved IS NULL"
_NEWEST_OPEN_QUESTION = f"""
    SELECT rowid FROM main.question WHERE {_OPEN_QUESTION} ORDER BY asked_at DESC, rowid DESC LIMIT 1
"""
APPROVE_QUESTIONS = f"UPDATE main.question SET approved = :approved WHERE {_OPEN_QUESTION}"
REFUSE_QUESTION = f"UPDATE main.question SET approved = :approved WHERE rowid = ({_NEWEST_OPEN_QUESTION})"
WITHDRAW_QUESTION = f"DELETE FROM main.question WHERE rowid = ({_NEWEST_OPEN_QUESTION})"
FIND_PENDING_QUESTION = f"""
SELECT 1 FROM main.question
WHERE {_SAME_QUESTION} AND preview_id = :preview_id AND asked_at > :since AND (approved IS NULL OR approved) LIMIT 1
"""
PURGE_QUESTIONS = "DELETE FROM main.question WHERE asked_at <= :hour_ago"

FIND_ACCOUNT = "SELECT account FROM main.key_account WHERE key_fingerprint = :key_fingerprint"
STORE_ACCOUNT = """
INSERT INTO main.key_account (key_fingerprint, account) VALUES (:key_fingerprint, :account)
ON CONFLICT (key_fingerprint) DO NOTHING
"""

ADD_CUSTOMER = """
INSERT INTO main.customer (first_sold_at, principal, environment, account, customer)
SELECT :now, principal, environment, account, customer FROM main.preview AS sold
WHERE preview_id = :preview_id AND customer IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM main.customer AS known
    WHERE known.customer = sold.customer AND known.principal = sold.principal
      AND known.environment = sold.environment AND known.account = sold.account
)
"""
FIND_CUSTOMER = f"SELECT 1 FROM main.customer WHERE customer = :customer AND {_OWNED} LIMIT 1"

COUNT_LOOKUP = """
INSERT INTO main.customer_lookup (at, principal, environment)
SELECT :now, :principal, :environment
WHERE (
    SELECT count(*) FROM main.customer_lookup
    WHERE principal = :principal AND environment = :environment AND at > :hour_ago
) < :most
"""
PURGE_LOOKUPS = "DELETE FROM main.customer_lookup WHERE at <= :hour_ago"
ADD_LOOKUP_AUDIT = f"""
INSERT INTO main.customer_audit ({", ".join(LOOKUP_COLUMNS)})
VALUES (:now, :principal, :environment, :account, :customer, :event)
"""
FIND_LOOKUP_AUDIT = f"""
SELECT {", ".join(LOOKUP_COLUMNS)} FROM main.customer_audit WHERE customer = :customer ORDER BY rowid
"""

RESTORE = f"""
UPDATE main.preview SET state = '{State.CREATED}', session_id = :session_id, outcome = :outcome, purge_at = :purge_at,
    ended_at = :now, can_charge = :can_charge
WHERE preview_id = :preview_id AND {_OWNED} AND {_condition_of(Action.RESTORE)}
"""
LIST_SALES = f"""
SELECT {", ".join("event" if name == "state" else name for name in SALE_COLUMNS)} FROM main.audit AS step
WHERE at >= :since AND environment = :environment AND event != '{State.QUOTED}'
  AND (event = :state OR :any_state = 1)
  AND NOT EXISTS (
    SELECT 1 FROM main.audit AS later WHERE later.preview_id = step.preview_id AND later.rowid > step.rowid
  )
ORDER BY at DESC, rowid DESC LIMIT :most
"""
_UNKNOWN = f"environment = :environment AND state = '{State.UNKNOWN}'"
_OF_ACCOUNT = "(account IS NULL OR account = :account)"
COUNT_UNKNOWN = f"SELECT count(*) FROM main.preview WHERE {_UNKNOWN}"
LIST_UNKNOWN = f"""
SELECT {_QUOTED_COLUMNS} FROM main.preview WHERE {_UNKNOWN} AND {_OF_ACCOUNT} ORDER BY claimed_at LIMIT :most
"""
TAKE_UNKNOWN = f"""
UPDATE main.preview SET asks = :asks, ask_at = :ask_at
WHERE preview_id = :preview_id AND {_UNKNOWN} AND coalesce(asks, 0) = :asks - 1
"""
FIND_UNKNOWN_TO_ASK = f"""
SELECT {_QUOTED_COLUMNS} FROM main.preview
WHERE {_UNKNOWN} AND {_OF_ACCOUNT} AND (ask_at IS NULL OR ask_at <= :now) AND claimed_at > :claimed_after
ORDER BY coalesce(ask_at, 0), preview_id LIMIT 1
"""
