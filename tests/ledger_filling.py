"""Statements that fill a ledger's tables, for either database, with what years of a busy shop leave behind."""

NOW = 1_800_000_000.0

_NUMBERS = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {rows})"
_TABLES = (
    """
    preview (preview_id, principal, environment, state, "order", currency, total, created_at, expires_at, purge_at,
             claim_id, lease_until, can_charge, attempts, session_id, account, goods, sold_to,
             claimed_at)
    SELECT 'old_' || n, 'agent ' || (n % 5), 'sandbox',
           CASE n % 400 WHEN 0 THEN 'claimed' WHEN 1 THEN 'unknown' ELSE 'created' END, {blob}, 'USD', 1999,
           {start} + n, {start} + 900 + n,
           CASE WHEN n <= {expired} THEN {start} ELSE {end} END + n, 'c1', {end}, {false}, 1, 'cks_' || n,
           'acc_1', 'goods ' || (n % 1000), 'buyer ' || (n % 1000), {start} + n
    FROM number
    """,
    """
    audit (at, preview_id, principal, environment, event, currency, total)
    SELECT {start} + n, 'old_' || n, 'agent ' || (n % 5), 'sandbox', 'claimed', 'USD', 1999 FROM number
    """,
    """
    creation_attempt (at, principal, environment)
    SELECT {start} + n, 'agent ' || (n % 500), 'sandbox' FROM number
    """,
    """
    preview_attempt (at, principal, environment)
    SELECT {start} + n, 'agent ' || (n % 500), 'sandbox' FROM number
    """,
    """
    question (asked_at, preview_id, principal, environment, goods)
    SELECT {start} + n, 'old_' || n, 'agent ' || (n % 5), 'sandbox', 'goods ' || (n % 1000) FROM number
    """,
    "key_account (key_fingerprint, account) SELECT 'key ' || n, 'acc_1' FROM number",
    """
    customer (first_sold_at, principal, environment, account, customer)
    SELECT {start} + n, 'agent ' || (n % 5), 'sandbox', 'acc_1', 'customer ' || n FROM number
    """,
    """
    customer_lookup (at, principal, environment)
    SELECT {start} + n, 'agent ' || (n % 500), 'sandbox' FROM number
    """,
    """
    customer_audit (at, principal, environment, account, customer, event)
    SELECT {start} + n, 'agent ' || (n % 5), 'sandbox', 'acc_1', 'customer ' || n, 'allowed' FROM number
    """,
    """
    static_token (token_hash, token_id, ending, name, scopes, created_at)
    SELECT 'hash ' || n, 'tok_' || n, 'wxyz', 'bot', 'checkout:read', {start} + n FROM number
    """,
    "return_page (token, preview_id, claim_id) SELECT 'token ' || n, 'old_' || n, 'c1' FROM number",
    """
    sale_part (part_id, preview_id, kind, as_of, content)
    SELECT 'pay_' || n, 'old_' || n, 'payment', {start} + n, {blob} FROM number
    """,
    """
    webhook (webhook_id, received_at, preview_id, event)
    SELECT 'msg_' || n, {start} + n, 'old_' || n, 'payment.succeeded' FROM number
    """,
)


def filling(rows: int, *, expired: int, start: float = NOW, end: float = NOW + 1_000_000) -> list[str]:
    """One statement a table. Row n is of the second ``start + n``. That many previews are over by then, the others, and
    the leases, at ``end``.

    ``{schema}``, ``{blob}`` and ``{false}`` are left for the database's own words.
    """
    numbers, kept = _NUMBERS.format(rows=rows), {"schema": "{schema}", "blob": "{blob}", "false": "{false}"}
    return [
        f"{numbers} INSERT INTO {{schema}}{table.strip()}".format(start=start, end=end, expired=expired, **kept)
        for table in _TABLES
    ]
