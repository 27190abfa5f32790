"""Every statement of a ledger that serves calls, once; ``operation_statements.py`` has those for who runs it.

A text only reads. A ``Step`` changes something, and is a transaction of its own.
"""

from dataclasses import fields

from checkout_server.checkout.ledger.contract import State
from checkout_server.checkout.ledger.customers import LookupRow
from checkout_server.checkout.ledger.fragments import (
    AUDIT_COLUMNS,
    AUDITED,
    BATCH,
    COLUMNS,
    LAPSED,
    OWNED,
    QUOTED_COLUMNS,
    UNSETTLED,
    Step,
    audit,
    condition_of,
    listed,
)
from checkout_server.checkout.ledger.states import MAY_HAVE_SOLD, PURGED, Action

LOOKUP_COLUMNS = tuple(field.name for field in fields(LookupRow))

_SAME_QUESTION = "principal = :principal AND environment = :environment AND goods = :goods"

ADD = Step(
    f"""
INSERT INTO main.preview ({QUOTED_COLUMNS}) VALUES ({", ".join(f":{name}" for name in COLUMNS)})
ON CONFLICT (preview_id) DO NOTHING
""",
    (*AUDITED, "created_at"),
    (audit(f"'{State.QUOTED}'", at="created_at"),),
)
FIND = f"SELECT {QUOTED_COLUMNS} FROM main.preview WHERE preview_id = :preview_id AND {OWNED}"
FIND_SESSION = f"""
SELECT {QUOTED_COLUMNS} FROM main.preview WHERE session_id = :session_id AND {OWNED}
UNION ALL
SELECT {", ".join("NULL" for _ in COLUMNS)} FROM main.preview WHERE session_id = :session_id AND NOT ({OWNED})
"""
"""The owner's own preview; of another's a row without any content."""

# No upper bound of time: who waited longest for a lock has the earliest "now", and must see who was served before.
_RECENT_SALE = f"""
FROM main.preview
WHERE {OWNED} AND goods = :goods AND claimed_at > :hour_ago
  AND preview_id != :preview_id AND state IN ({listed(MAY_HAVE_SOLD)})
"""
FIND_RECENT_SALE = f"""
SELECT CASE WHEN {LAPSED} THEN '{State.UNKNOWN}' ELSE state END AS state
{_RECENT_SALE}
ORDER BY CASE WHEN state = '{State.UNKNOWN}' OR ({LAPSED}) THEN 0 ELSE 1 END, claimed_at DESC LIMIT 1
"""
FIND_OTHER_SALES = f"""
SELECT recent.state, {", ".join("NULL" for _ in COLUMNS)} FROM ({FIND_RECENT_SALE}) AS recent
UNION ALL
SELECT NULL, created.* FROM (
    SELECT {QUOTED_COLUMNS} FROM main.preview
    WHERE {OWNED} AND sold_to = :sold_to AND claimed_at > :since
      AND preview_id != :preview_id AND state = '{State.CREATED}'
    ORDER BY claimed_at DESC LIMIT :most
) AS created
"""
"""The state of a recent one in a row of its own, and previews in rows without one."""
COUNT_CLAIMS = """
SELECT count(*) FROM main.creation_attempt
WHERE principal = :principal AND environment = :environment AND at > :hour_ago
"""
_COUNT_CLAIMS_OF_A_MINUTE = COUNT_CLAIMS.replace(":hour_ago", ":minute_ago")
_FREE = f"""
preview_id = :preview_id AND {OWNED} AND expires_at > :now
AND state = :from_state AND attempts = :attempts AND {condition_of(Action.CLAIM)}
AND (state != '{State.UNKNOWN}' OR coalesce(lost_before, 0) = 0)
"""
FIND_FREE = f"SELECT 1 FROM main.preview WHERE {_FREE}"
CLAIM = Step(
    f"""
UPDATE main.preview
SET state = '{State.CLAIMED}', claim_id = :claim_id, lease_until = :lease_until, can_charge = :can_charge,
    attempts = attempts + 1, arguments = :arguments, goods = :goods, sold_to = :sold_to, customer = :customer,
    buyer = :buyer, claimed_at = :now, ended_at = NULL, asks = NULL, ask_at = NULL,
    lost_before = coalesce(lost_before, 0) + CASE WHEN state = '{State.UNKNOWN}' THEN 1 ELSE 0 END
WHERE {_FREE}
  AND (NOT :limited OR ({COUNT_CLAIMS}) < :hourly_limit)
  AND (NOT :paced OR ({_COUNT_CLAIMS_OF_A_MINUTE}) < :minute_limit)
  AND (NOT :unless_sold OR NOT EXISTS (SELECT 1 {_RECENT_SALE}))
""",
    AUDITED,
    (
        audit(f"'{State.CLAIMED}'", "'after_' || :from_state"),
        "INSERT INTO main.creation_attempt (at, principal, environment) SELECT :now, principal, environment FROM step",
        """
INSERT INTO main.return_page (token, preview_id, claim_id, language)
SELECT CAST(:return_token AS text), preview_id, :claim_id, :return_language FROM step
WHERE CAST(:return_token AS text) IS NOT NULL
""",
    ),
    done=f"""
SELECT 1 FROM main.preview WHERE preview_id = :preview_id AND claim_id = :claim_id AND state = '{State.CLAIMED}'
""",
)
RENEW_LEASE = Step(
    f"""
UPDATE main.preview SET lease_until = :lease_until
WHERE preview_id = :preview_id AND claim_id = :claim_id AND state = '{State.CLAIMED}'
"""
)
FINISH = Step(
    f"""
UPDATE main.preview
SET state = :state, session_id = :session_id, outcome = :outcome, lease_until = NULL, purge_at = :purge_at,
    ended_at = :now
WHERE preview_id = :preview_id AND claim_id = :claim_id AND {condition_of(Action.FINISH)}
""",
    (*AUDITED, "state", "account", "customer"),
    (
        audit("state", ":detail"),
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


def _lapse(which: str, lapsed: str = "") -> Step:
    return Step(
        f"""
UPDATE main.preview
SET state = '{State.UNKNOWN}', lease_until = NULL, ended_at = lease_until,
    purge_at = CASE WHEN purge_at > :kept_until THEN purge_at ELSE :kept_until END
WHERE preview_id IN (SELECT preview_id FROM main.preview WHERE {LAPSED} {which})
""",
        AUDITED,
        (audit(f"'{State.UNKNOWN}'", "'lease_ended'"),),
        done=f"""
SELECT preview_id FROM main.audit
WHERE at = :now AND event = '{State.UNKNOWN}' AND detail = 'lease_ended' {lapsed}
""",
    )


LAPSE_ONE = _lapse("AND preview_id = :preview_id /*pg FOR UPDATE */", "AND preview_id = :preview_id")
LAPSE_SOME = _lapse(f"ORDER BY lease_until {BATCH}")
_WITH_ITS_ORDER = tuple(
    f"DELETE FROM main.{table} WHERE preview_id IN (SELECT preview_id FROM step)"
    for table in ("return_page", "sale_part", "webhook")
)
"""What is known of a sale beside its preview, and goes with its order."""
PURGE = Step(
    f"""
DELETE FROM main.preview WHERE preview_id IN (
    SELECT preview_id FROM main.preview WHERE purge_at <= :now AND state IN ({listed(PURGED)}) AND NOT {UNSETTLED}
    ORDER BY purge_at {BATCH}
)
""",
    ("preview_id",),
    _WITH_ITS_ORDER,
)
EMPTY_UNSETTLED = Step(
    f"""
UPDATE main.preview SET "order" = :nothing, arguments = NULL, buyer = NULL
WHERE preview_id IN (
    SELECT preview_id FROM main.preview WHERE purge_at <= :now AND {UNSETTLED} AND length("order") > 0
    ORDER BY purge_at {BATCH}
)
""",
    ("preview_id",),
    _WITH_ITS_ORDER,
)

FIND_AUDIT = f"SELECT {', '.join(AUDIT_COLUMNS)} FROM main.audit WHERE preview_id = :preview_id ORDER BY rowid"
PURGE_AUDIT = Step(
    f"""
DELETE FROM main.audit WHERE rowid IN (
    SELECT rowid FROM main.audit WHERE at <= :audit_before ORDER BY at, rowid {BATCH}
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
    rows = f"SELECT rowid FROM main.{table} WHERE {time} <= :{before} ORDER BY {time} {BATCH}"
    return Step(f"DELETE FROM main.{table} WHERE rowid IN ({rows})")


PURGE_ATTEMPTS = _purge("creation_attempt", "at", "hour_ago")
PURGE_PREVIEW_ATTEMPTS = _purge("preview_attempt", "at", "hour_ago")
PURGE_QUESTIONS = _purge("question", "asked_at", "hour_ago")
PURGE_LOOKUPS = _purge("customer_lookup", "at", "hour_ago")
PURGES_OF_AN_HOUR = (PURGE_ATTEMPTS, PURGE_PREVIEW_ATTEMPTS, PURGE_QUESTIONS, PURGE_LOOKUPS)
PURGE_LOOKUP_AUDIT = _purge("customer_audit", "at", "audit_before")

_OVERTAKEN = f"""
    approved IS NULL
    AND asked_at <= (SELECT claimed_at FROM main.preview WHERE preview.preview_id = question.preview_id)
    AND preview_id IN (SELECT preview_id FROM main.question WHERE {_SAME_QUESTION} AND approved)
"""
"""A question beside another about the same preview, of which a yes made the attempt: nobody can answer it any more."""
COUNT_QUESTION = Step(
    f"""
INSERT INTO main.question (asked_at, preview_id, principal, environment, goods)
SELECT :now, :preview_id, :principal, :environment, :goods
WHERE (
    SELECT count(*) FROM main.question
    WHERE {_SAME_QUESTION} AND asked_at > :hour_ago AND asked_at <= :now
        AND (approved IS NULL OR NOT approved) AND ({_OVERTAKEN}) IS NOT TRUE
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
FIND_CUSTOMER = f"SELECT 1 FROM main.customer WHERE customer = :customer AND {OWNED} LIMIT 1"
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
