"""The statements as each database takes them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.ledger import statements
from checkout_server.checkout.ledger.postgres_sql import translate

pytestmark = pytest.mark.requirement("ledger.storage")

STATEMENTS: dict[str, str] = {
    name: value for name, value in vars(statements).items() if name[0].isupper() and isinstance(value, str)
}


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


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
async def test_both_databases_take_every_statement(storage: Any, statement: str) -> None:
    await storage.open()
    await storage.explain(statement)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("FIND", "sqlite_autoindex_preview_1"),
        ("FIND_SESSION", "preview_session_id"),
        ("FIND_RECENT_SALE", "preview_goods"),
        ("COUNT_CLAIMS", "audit_claims"),
        ("COUNT_QUESTION", "question_goods"),
        ("APPROVE_QUESTIONS", "question_goods"),
        ("REFUSE_QUESTION", "question_goods"),
        ("WITHDRAW_QUESTION", "question_goods"),
        ("FIND_PENDING_QUESTION", "question_goods"),
        ("PURGE_QUESTIONS", "question_asked_at"),
        ("LAPSE_ALL", "preview_claimed"),
        ("PURGE", "preview_purge_at"),
        ("LIST_SALES", "audit_at"),
        ("COUNT_UNKNOWN", "preview_unknown"),
        ("LIST_UNKNOWN", "preview_unknown"),
        ("FIND_UNKNOWN_TO_ASK", "preview_unknown"),
        ("FIND_AUDIT", "audit_preview_id"),
        ("ADD_CUSTOMER", "customer_customer"),
        ("FIND_CUSTOMER", "customer_customer"),
        ("COUNT_LOOKUP", "customer_lookup_hour"),
        ("PURGE_LOOKUPS", "customer_lookup_at"),
        ("FIND_LOOKUP_AUDIT", "customer_audit_customer"),
    ],
)
async def test_what_grows_is_searched_by_an_index(path: Path, name: str, index: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        statement = STATEMENTS[name]
        values = dict.fromkeys(translate(statement).names)
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert [step for step in steps if f"USING INDEX {index} " in step or f"USING COVERING INDEX {index} " in step]
    assert not [step for step in steps if step.startswith("SCAN") and "CONSTANT ROW" not in step]
