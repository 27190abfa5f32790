"""How the schema came to be: one list of statements for each version, in the order in which they are carried out.

A released version's statements never change; the next version appends to the list. What is added is nullable or a
table of its own, because processes of the version before may still be running on the same ledger. This version is
reached from any other in one transaction.
"""

from collections.abc import Mapping

_VERSION_1 = (
    """
    CREATE TABLE {schema}preview (
        preview_id {text} PRIMARY KEY,
        principal {text} NOT NULL,
        environment {text} NOT NULL,
        state {text} NOT NULL,
        "order" {bytes} NOT NULL,
        currency {text} NOT NULL,
        total {amount} NOT NULL,
        created_at {time} NOT NULL,
        expires_at {time} NOT NULL,
        purge_at {time} NOT NULL,
        claim_id {text},
        lease_until {time},
        can_charge {flag} NOT NULL,
        attempts {count} NOT NULL,
        session_id {text},
        outcome {bytes}
    ) {strict}
    """,
    "CREATE INDEX preview_purge_at ON {schema}preview (purge_at)",
    "CREATE INDEX preview_claimed ON {schema}preview (lease_until) WHERE state = 'claimed'",
    """
    CREATE TABLE {schema}audit (
        {id}
        at {time} NOT NULL,
        preview_id {text} NOT NULL,
        principal {text} NOT NULL,
        environment {text} NOT NULL,
        event {text} NOT NULL,
        currency {text} NOT NULL,
        total {amount} NOT NULL,
        session_id {text},
        detail {text}
    ) {strict}
    """,
    "CREATE INDEX audit_preview_id ON {schema}audit (preview_id)",
    "CREATE INDEX audit_claims ON {schema}audit (principal, event, at)",
)
_VERSION_2 = (
    "ALTER TABLE {schema}preview ADD COLUMN account {text}",
    "ALTER TABLE {schema}preview ADD COLUMN arguments {bytes}",
    "ALTER TABLE {schema}preview ADD COLUMN goods {text}",
    "ALTER TABLE {schema}preview ADD COLUMN claimed_at {time}",
    "ALTER TABLE {schema}preview ADD COLUMN customer {text}",
    "CREATE INDEX preview_session_id ON {schema}preview (session_id) WHERE session_id IS NOT NULL",
    "CREATE INDEX preview_goods ON {schema}preview (goods, claimed_at) WHERE goods IS NOT NULL",
    """
    CREATE TABLE {schema}question (
        {id}
        asked_at {time} NOT NULL,
        preview_id {text} NOT NULL,
        principal {text} NOT NULL,
        environment {text} NOT NULL,
        goods {text} NOT NULL,
        approved {flag}
    ) {strict}
    """,
    "CREATE INDEX question_goods ON {schema}question (principal, environment, goods, asked_at)",
    "CREATE INDEX question_asked_at ON {schema}question (asked_at)",
    """
    CREATE TABLE {schema}key_account (
        key_fingerprint {text} PRIMARY KEY,
        account {text} NOT NULL
    ) {strict}
    """,
    """
    CREATE TABLE {schema}customer (
        {id}
        first_sold_at {time} NOT NULL,
        principal {text} NOT NULL,
        environment {text} NOT NULL,
        account {text},
        customer {text} NOT NULL
    ) {strict}
    """,
    "CREATE INDEX customer_customer ON {schema}customer (customer)",
    """
    CREATE TABLE {schema}customer_lookup (
        {id}
        at {time} NOT NULL,
        principal {text} NOT NULL,
        environment {text} NOT NULL
    ) {strict}
    """,
    "CREATE INDEX customer_lookup_hour ON {schema}customer_lookup (principal, environment, at)",
    "CREATE INDEX customer_lookup_at ON {schema}customer_lookup (at)",
    """
    CREATE TABLE {schema}customer_audit (
        {id}
        at {time} NOT NULL,
        principal {text} NOT NULL,
        environment {text} NOT NULL,
        account {text} NOT NULL,
        customer {text} NOT NULL,
        event {text} NOT NULL
    ) {strict}
    """,
    "CREATE INDEX customer_audit_customer ON {schema}customer_audit (customer)",
)
_VERSION_3 = (
    """
    CREATE TABLE {schema}creation_attempt (
        {id}
        at {time} NOT NULL,
        principal {text} NOT NULL,
        environment {text} NOT NULL
    ) {strict}
    """,
    "CREATE INDEX creation_attempt_hour ON {schema}creation_attempt (principal, environment, at)",
    "CREATE INDEX creation_attempt_at ON {schema}creation_attempt (at)",
    "CREATE INDEX audit_at ON {schema}audit (at)",
    # The hourly limit goes on from what the last hour had; an hour of the newest row needs no clock.
    """
    INSERT INTO {schema}creation_attempt (at, principal, environment)
    SELECT at, principal, environment FROM {schema}audit
    WHERE event = 'claimed' AND at > (SELECT max(at) - 3600 FROM {schema}audit)
    """,
    # Only the limit used it. Servers of version 2 that still run count without an index until they end.
    "DROP INDEX {schema}audit_claims",
    "CREATE INDEX customer_audit_at ON {schema}customer_audit (at)",
    """
    CREATE TABLE {schema}audit_anchor (
        id {count} PRIMARY KEY CHECK (id = 1),
        purged {amount} NOT NULL,
        at {time} NOT NULL,
        preview_id {text} NOT NULL,
        event {text} NOT NULL
    ) {strict}
    """,
    """
    CREATE TABLE {schema}key_probe (
        id {count} PRIMARY KEY CHECK (id = 1),
        probe {text} NOT NULL
    ) {strict}
    """,
)
_VERSION_4 = (
    "ALTER TABLE {schema}preview ADD COLUMN buyer {bytes}",
    "ALTER TABLE {schema}preview ADD COLUMN ended_at {time}",
    "ALTER TABLE {schema}preview ADD COLUMN lost_before {count}",
    "ALTER TABLE {schema}preview ADD COLUMN asks {count}",
    "ALTER TABLE {schema}preview ADD COLUMN ask_at {time}",
    "CREATE INDEX preview_unknown ON {schema}preview (environment, ask_at) WHERE state = 'unknown'",
    # Of what is unknown the order goes when its time is over, and the rest stays: what is over is not all gone.
    "CREATE INDEX preview_unsettled ON {schema}preview (purge_at) WHERE state = 'unknown'",
)
_VERSION_5 = (
    """
    CREATE TABLE {schema}return_page (
        token {text} PRIMARY KEY,
        preview_id {text} NOT NULL,
        claim_id {text} NOT NULL,
        language {text},
        asked_at {time}
    ) {strict}
    """,
    "CREATE INDEX return_page_preview_id ON {schema}return_page (preview_id)",
    """
    CREATE TABLE {schema}sale_part (
        part_id {text} PRIMARY KEY,
        preview_id {text} NOT NULL,
        kind {text} NOT NULL,
        as_of {time} NOT NULL,
        content {bytes} NOT NULL
    ) {strict}
    """,
    "CREATE INDEX sale_part_preview_id ON {schema}sale_part (preview_id)",
    """
    CREATE TABLE {schema}webhook (
        webhook_id {text} PRIMARY KEY,
        received_at {time} NOT NULL,
        preview_id {text} NOT NULL,
        event {text} NOT NULL
    ) {strict}
    """,
    "CREATE INDEX webhook_preview_id ON {schema}webhook (preview_id)",
    """
    CREATE TABLE {schema}last_webhook (
        environment {text} NOT NULL,
        account {text} NOT NULL,
        received_at {time} NOT NULL,
        PRIMARY KEY (environment, account)
    ) {strict}
    """,
)
_VERSION_6 = (
    """
    CREATE TABLE {schema}ledger_key (
        id {count} PRIMARY KEY CHECK (id = 1),
        sealed {bytes} NOT NULL
    ) {strict}
    """,
    """
    CREATE TABLE {schema}preview_attempt (
        {id}
        at {time} NOT NULL,
        principal {text} NOT NULL,
        environment {text} NOT NULL
    ) {strict}
    """,
    "CREATE INDEX preview_attempt_minute ON {schema}preview_attempt (principal, environment, at)",
    "CREATE INDEX preview_attempt_at ON {schema}preview_attempt (at)",
    """
    CREATE TABLE {schema}static_token (
        token_hash {text} PRIMARY KEY,
        token_id {text} NOT NULL,
        ending {text} NOT NULL,
        name {text} NOT NULL,
        scopes {text} NOT NULL,
        created_at {time} NOT NULL,
        revoked_at {time}
    ) {strict}
    """,
    "CREATE UNIQUE INDEX static_token_id ON {schema}static_token (token_id)",
    "CREATE INDEX static_token_created_at ON {schema}static_token (created_at)",
)
_VERSION_7 = (
    "ALTER TABLE {schema}preview ADD COLUMN sold_to {text}",
    "CREATE INDEX preview_sold_to ON {schema}preview (sold_to, claimed_at) WHERE sold_to IS NOT NULL",
)
_VERSIONS = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6, _VERSION_7)

SCHEMA_VERSION = len(_VERSIONS)


def render_migrations(words: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The statements that lead to version 1, to version 2 and so on, in one database's own words."""
    return tuple(tuple(statement.format_map(words) for statement in statements) for statements in _VERSIONS)
