"""The statements as each database takes them."""

import re
from typing import Any

import pytest

from checkout_server.checkout.ledger.fragments import Step, in_batches
from checkout_server.checkout.ledger.postgres_sql import translate
from checkout_server.checkout.ledger.sql_batches import CHANGED_AT_ONCE
from ledger_filling import filling
from ledger_statements import STATEMENTS, VALUES


@pytest.mark.requirement("ledger.storage")
@pytest.mark.parametrize(
    ("statement", "text", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("SELECT x WHERE y = :y AND z < :z", "SELECT x WHERE y = $1 AND z < $2", ("y", "z")),
        ("SELECT :y, :z, :y", "SELECT $1, $2, $1", ("y", "z")),
        ("SELECT :now, :now_or_never", "SELECT $1, $2", ("now", "now_or_never")),
        ("SELECT :x::text, y::double precision", "SELECT $1::text, y::double precision", ("x",)),
        ("SELECT ':x', 'it''s :x', :y", "SELECT ':x', 'it''s :x', $1", ("y",)),
        ('SELECT ":x", "a "" :x", "rowid"', 'SELECT ":x", "a "" :x", "rowid"', ()),
        ("SELECT 'main.x', main.preview.x", "SELECT 'main.x', dodo_checkout.preview.x", ()),
        ("FROM main.audit JOIN domain.audit", "FROM dodo_checkout.audit JOIN domain.audit", ()),
        ("ORDER BY rowid, rowids", "ORDER BY id, rowids", ()),
        ("SELECT x /*pg FOR UPDATE */", "SELECT x FOR UPDATE ", ()),
        ("SELECT x /* why */ /*pg LIMIT 1 */", "SELECT x /* why */ LIMIT 1 ", ()),
    ],
)
def test_a_statement_is_put_into_the_words_of_postgresql(statement: str, text: str, names: tuple[str, ...]) -> None:
    assert translate(statement) == (text, names)


INDEX = {
    "FIND_SESSION": "preview_session_id",
    "FIND_RECENT_SALE": "preview_goods",
    "FIND_OTHER_SALES": "preview_sold_to",
    "COUNT_CLAIMS": "creation_attempt_hour",
    "COUNT_QUESTION": "question_goods",
    "APPROVE_QUESTIONS": "question_goods",
    "REFUSE_QUESTION": "question_goods",
    "WITHDRAW_QUESTION": "question_goods",
    "FIND_PENDING_QUESTION": "question_goods",
    "LAPSE_SOME": "preview_claimed",
    "PURGE": "preview_purge_at",
    "EMPTY_UNSETTLED": "preview_unsettled",
    "LIST_SALES": "audit_at",
    "LIST_UNKNOWN_SALES": "preview_unknown|preview_unsettled",
    "COUNT_UNKNOWN": "preview_unknown|preview_unsettled",
    "LIST_UNKNOWN": "preview_unknown|preview_unsettled",
    "TAKE_UNKNOWN": "preview_unknown|preview_unsettled",
    "PURGE_AUDIT": "audit_at",
    "PURGE_ATTEMPTS": "creation_attempt_at",
    "PURGE_QUESTIONS": "question_asked_at",
    "PURGE_LOOKUPS": "customer_lookup_at",
    "PURGE_LOOKUP_AUDIT": "customer_audit_at",
    "FIND_AUDIT": "audit_preview_id",
    "FINISH": "customer_customer",
    "FIND_CUSTOMER": "customer_customer",
    "COUNT_LOOKUP": "customer_lookup_hour",
    "FIND_LOOKUP_AUDIT": "customer_audit_customer",
    "FIND_SALE_OF_SESSION": "preview_session_id",
    "LIST_PARTS": "sale_part_preview_id",
    "COUNT_PREVIEW": "preview_attempt_minute",
    "FIND_PREVIEW_BEFORE_ROOM": "preview_attempt_minute",
    "FIND_CLAIM_BEFORE_ROOM": "creation_attempt_hour",
    "PURGE_PREVIEW_ATTEMPTS": "preview_attempt_at",
    "LIST_TOKENS": "static_token_created_at",
    "REVOKE_TOKEN": "static_token_id",
}
"""The index that a statement needs, or one of several, besides those of primary keys."""


def as_carried_out(statement: str | Step) -> str | Step:
    return statement if isinstance(statement, str) else in_batches(statement, CHANGED_AT_ONCE)


@pytest.mark.requirement("ledger.growth")
async def test_no_statement_reads_a_whole_table(storage: Any) -> None:
    """``EXPLAIN`` means nothing over a table that is small, or that nobody has counted."""
    await storage.open()
    for statement in filling(60_000, expired=30_000):
        await storage.run(statement)
    await storage.run("ANALYZE")
    plans = {
        (name, way): plan
        for name, statement in STATEMENTS.items()
        for way, plan in enumerate(await storage.explain(as_carried_out(statement), VALUES))
    }
    scanned = {
        name: plan
        for name, plan in plans.items()
        if storage.whole_tables(plan) - {"key_probe", "ledger_key", "last_webhook"}
    }
    assert scanned == {}
    missed = {
        (name, way): plan
        for (name, way), plan in plans.items()
        if name in INDEX and not re.search(INDEX[name], "\n".join(plan))
    }
    assert missed == {}
