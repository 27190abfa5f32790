"""The statements about principals: see ``PrincipalRecords``."""

from checkout_server.checkout.ledger.fragments import Step

_OF_A_MINUTE = "WHERE principal = :principal AND environment = :environment AND at > :minute_ago"
COUNT_PREVIEW = Step(
    f"""
INSERT INTO main.preview_attempt (at, principal, environment)
SELECT :now, :principal, :environment
WHERE (SELECT count(*) FROM main.preview_attempt {_OF_A_MINUTE}) < :most
""",
    repeatable=False,
)
# Room comes when the oldest of the newest ``most`` is a minute old.
FIND_PREVIEW_BEFORE_ROOM = f"""
SELECT at FROM main.preview_attempt {_OF_A_MINUTE} ORDER BY at DESC LIMIT 1 OFFSET :most - 1
"""
FIND_CLAIM_BEFORE_ROOM = f"""
SELECT at FROM main.creation_attempt {_OF_A_MINUTE} ORDER BY at DESC LIMIT 1 OFFSET :most - 1
"""
