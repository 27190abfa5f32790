"""The statements as each database takes them."""

import re
from typing import Any

import pytest

from checkout_server.checkout.ledger import (
    fragments,
    operation_statements,
    principal_statements,
    sale_part_statements,
    statements,
    static_token_statements,
)
from checkout_server.checkout.ledger.fragments import Step
from checkout_server.checkout.ledger.postgres_sql import translate
from ledger_filling import NOW, filling

MODULES = (statements, operation_statements, principal_statements, sale_part_statements, static_token_statements)
STATEMENTS: dict[str, str | Step] = {
    name: value
    for module in MODULES
    for name, value in vars(module).items()
    if name.isupper() and name[0] != "_" and isinstance(value, (str, Step)) and name not in vars(fragments)
}
STATEMENTS |= {f"{name}.done": step.done for name, step in STATEMENTS.items() if isinstance(step, Step) and step.done}


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


VALUES: dict[str, Any] = {
    "preview_id": "old_7", "principal": "agent 2", "environment": "sandbox", "account": "acc_1", "state": "created",
    "order": b"sealed", "currency": "USD", "total": 1999, "created_at": NOW, "expires_at": NOW, "purge_at": NOW,
    "claim_id": "c1", "lease_until": NOW, "can_charge": False, "attempts": 1, "session_id": "cks_7", "outcome": None,
    "arguments": b"", "goods": "goods 7", "claimed_at": NOW, "customer": "customer 7", "from_state": "refused",
    "limited": True, "hourly_limit": 60, "unless_sold": True, "now": NOW + 60000, "hour_ago": NOW + 56400,
    "since": NOW + 59000,
    "kept_until": NOW, "audit_before": NOW + 50, "batch": 100, "detail": None, "most": 3, "approved": True,
    "key_fingerprint": "key 7", "probe": "set 1", "instead_of": None, "event": "allowed",
    "buyer": None, "nothing": b"", "any_state": False, "any_principal": True, "any_preview": True,
    "first_pause": 60.0, "longest_pause": 3600.0, "doublings": 6,
    "claimed_after": NOW, "ended_at": None, "lost_before": None, "asks": None, "ask_at": None,
    "return_token": "token 7", "return_language": None, "token": "token 7", "before": NOW, "part_id": "pay_7",
    "kind": "payment", "as_of": NOW, "content": b"sealed", "webhook_id": "msg_7",
    "paced": True, "minute_limit": 20, "minute_ago": NOW + 59940, "sealed": b"sealed",
    "token_id": "tok_7", "token_hash": "hash 7", "ending": "wxyz", "name": "bot", "scopes": "", "revoked_at": None,
}  # fmt: skip
INDEX = {
    "FIND_SESSION": "preview_session_id",
    "FIND_RECENT_SALE": "preview_goods",
    "FIND_SESSIONS_OF_GOODS": "preview_goods",
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


@pytest.mark.requirement("ledger.growth")
async def test_no_statement_reads_a_whole_table(storage: Any) -> None:
    """``EXPLAIN`` means nothing over a table that is small, or that nobody has counted."""
    await storage.open()
    for statement in filling(60_000, expired=30_000):
        await storage.run(statement)
    await storage.run("ANALYZE")
    plans = {name: await storage.explain(statement, VALUES) for name, statement in STATEMENTS.items()}
    scanned = {
        name: plan
        for name, plan in plans.items()
        if storage.whole_tables(plan) - {"key_probe", "ledger_key", "last_webhook"}
    }
    assert scanned == {}
    assert {name: plans[name] for name, index in INDEX.items() if not re.search(index, "\n".join(plans[name]))} == {}
