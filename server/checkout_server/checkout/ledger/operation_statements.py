"""The statements for those who run a ledger: see ``Operations``."""

from dataclasses import fields

from checkout_server.checkout.ledger.contract import State
from checkout_server.checkout.ledger.fragments import AUDITED, OWNED, QUOTED_COLUMNS, Step, audit, condition_of
from checkout_server.checkout.ledger.operations import SaleRow
from checkout_server.checkout.ledger.states import Action

SALE_COLUMNS = tuple(field.name for field in fields(SaleRow))

_UNKNOWN = f"environment = :environment AND state = '{State.UNKNOWN}'"
_OF_ACCOUNT = "(account IS NULL OR account = :account)"

_OF_PRINCIPAL = "(:any_principal OR principal = :principal)"


def _behind(moment: str) -> str:
    """What stands behind a ``Place``, by this moment of a row; the first half is what an index can use."""
    return f"{moment} >= :after_at AND ({moment} > :after_at OR preview_id > :after_id)"


LIST_SALES = f"""
SELECT {", ".join("event" if name == "state" else name for name in SALE_COLUMNS)} FROM main.audit AS step
WHERE {_behind("at")} AND environment = :environment AND event != '{State.QUOTED}' AND (:any_state OR event = :state)
  AND {_OF_PRINCIPAL}
  AND NOT EXISTS (
    SELECT 1 FROM main.audit AS later WHERE later.preview_id = step.preview_id AND later.rowid > step.rowid
  )
ORDER BY at, preview_id LIMIT :most
"""
_SINCE = "coalesce(ended_at, claimed_at, created_at)"
_LAST_DETAIL = """
(SELECT detail FROM main.audit AS step WHERE step.preview_id = preview.preview_id ORDER BY rowid DESC LIMIT 1)
"""
LIST_UNKNOWN_SALES = f"""
SELECT {", ".join({"at": _SINCE, "detail": _LAST_DETAIL}.get(name, name) for name in SALE_COLUMNS)} FROM main.preview
WHERE {_UNKNOWN} AND {_behind(_SINCE)} AND {_OF_PRINCIPAL}
ORDER BY {_SINCE}, preview_id LIMIT :most
"""
"""From the previews: they stay until they are settled, whatever became of the audit rows."""
COUNT_UNKNOWN = f"""
SELECT count(*) FILTER (WHERE can_charge), count(*) FILTER (WHERE NOT can_charge) FROM main.preview WHERE {_UNKNOWN}
"""
_CLAIMED = "coalesce(claimed_at, created_at)"
"""A ledger of the first version did not write down when."""
LIST_UNKNOWN = f"""
SELECT {QUOTED_COLUMNS} FROM main.preview
WHERE {_UNKNOWN} AND {_OF_ACCOUNT} AND (:any_preview OR preview_id = :preview_id) AND {_behind(_CLAIMED)}
ORDER BY {_CLAIMED}, preview_id LIMIT :most
"""
TAKE_UNKNOWN = Step(
    f"""
UPDATE main.preview
SET asks = coalesce(asks, 0) + 1,
    ask_at = :now + CASE WHEN coalesce(asks, 0) < :doublings
        THEN CAST(:first_pause AS double precision) * (1 << coalesce(asks, 0)) ELSE :longest_pause END
WHERE preview_id = (
    SELECT preview_id FROM main.preview
    WHERE {_UNKNOWN} AND {_OF_ACCOUNT} AND (ask_at IS NULL OR ask_at <= :now) AND claimed_at > :claimed_after
    ORDER BY coalesce(ask_at, 0), preview_id LIMIT 1 /*pg FOR UPDATE SKIP LOCKED */
)
""",
    tuple(QUOTED_COLUMNS.split(", ")),
)
RESTORE = Step(
    f"""
UPDATE main.preview SET state = '{State.CREATED}', session_id = :session_id, outcome = :outcome, purge_at = :purge_at,
    ended_at = :now, can_charge = true, arguments = NULL
WHERE preview_id = :preview_id AND {OWNED} AND {condition_of(Action.RESTORE)}
""",
    AUDITED,
    (audit(f"'{State.CREATED}'", ":detail"),),
    done=f"""
SELECT 1 FROM main.preview
WHERE preview_id = :preview_id AND {OWNED} AND state = '{State.CREATED}' AND session_id = :session_id
""",
)
