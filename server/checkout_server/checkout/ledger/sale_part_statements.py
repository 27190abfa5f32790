"""The statements about what came after a sale: see ``SaleParts``."""

from dataclasses import fields

from checkout_server.checkout.ledger.fragments import QUOTED_COLUMNS, Step
from checkout_server.checkout.ledger.sale_parts import SalePart

PART_COLUMNS = tuple(field.name for field in fields(SalePart))

_OF_ACCOUNT = "environment = :environment AND (account IS NULL OR account = :account)"
_FIND = f"SELECT {QUOTED_COLUMNS} FROM main.preview WHERE {_OF_ACCOUNT}"

FIND_SALE_OF_SESSION = f"{_FIND} AND session_id = :session_id"
FIND_SALE_OF_PREVIEW = f"{_FIND} AND preview_id = :preview_id"
FIND_SALE_OF_PART = f"{_FIND} AND preview_id = (SELECT preview_id FROM main.sale_part WHERE part_id = :part_id)"

_PART = "INSERT INTO main.sale_part AS known (part_id, preview_id, kind, as_of, content)"
_THE_NEWEST = """
ON CONFLICT (part_id) DO UPDATE SET kind = excluded.kind, as_of = excluded.as_of, content = excluded.content
WHERE known.preview_id = excluded.preview_id AND known.as_of <= excluded.as_of
"""
STORE_PART = Step(
    f"""
{_PART} SELECT :part_id, preview_id, :kind, :as_of, :content FROM main.preview WHERE preview_id = :preview_id
{_THE_NEWEST}
"""
)
STORE_WEBHOOK = Step(
    """
INSERT INTO main.webhook (webhook_id, received_at, preview_id, event)
SELECT :webhook_id, :now, preview_id, :event FROM main.preview WHERE preview_id = :preview_id
ON CONFLICT (webhook_id) DO NOTHING
""",
    ("preview_id",),
    (f"{_PART} SELECT :part_id, preview_id, :kind, :as_of, :content FROM step WHERE true {_THE_NEWEST}",),
    done="SELECT preview_id FROM main.webhook WHERE webhook_id = :webhook_id AND received_at = :now",
)
LIST_PARTS = f"""
SELECT {", ".join(PART_COLUMNS)} FROM main.sale_part WHERE preview_id = :preview_id ORDER BY as_of, part_id
"""
FIND_WEBHOOK = "SELECT 1 FROM main.webhook WHERE webhook_id = :webhook_id"
NOTE_WEBHOOK = Step(
    """
INSERT INTO main.last_webhook AS last (environment, account, received_at) VALUES (:environment, :account, :now)
ON CONFLICT (environment, account) DO UPDATE SET received_at = excluded.received_at
WHERE last.received_at < excluded.received_at
"""
)
FIND_LAST_WEBHOOK = """
SELECT received_at FROM main.last_webhook WHERE environment = :environment AND account = :account
"""

_PAGE = "FROM main.return_page WHERE token = :token"
FIND_RETURN_PAGE = f"""
SELECT (SELECT language {_PAGE}), {QUOTED_COLUMNS} FROM main.preview
WHERE {_OF_ACCOUNT} AND preview_id = (SELECT preview_id {_PAGE}) AND claim_id = (SELECT claim_id {_PAGE})
"""
TAKE_LOOK = Step(
    """
UPDATE main.return_page SET asked_at = :now
WHERE token = :token AND (asked_at IS NULL OR asked_at <= :before OR asked_at > :now)
"""
)
"""A clock that was set back does not delay it."""
