"""Every statement of a ledger, and values for all of their parameters."""

from typing import Any

from checkout_server.checkout.ledger import (
    fragments,
    key_statements,
    operation_statements,
    principal_statements,
    sale_part_statements,
    statements,
    static_token_statements,
)
from checkout_server.checkout.ledger.fragments import Step
from ledger_filling import NOW

MODULES = (
    statements,
    key_statements,
    operation_statements,
    principal_statements,
    sale_part_statements,
    static_token_statements,
)
STATEMENTS: dict[str, str | Step] = {
    name: value
    for module in MODULES
    for name, value in vars(module).items()
    if name.isupper() and name[0] != "_" and isinstance(value, (str, Step)) and name not in vars(fragments)
}
STATEMENTS |= {f"{name}.done": step.done for name, step in STATEMENTS.items() if isinstance(step, Step) and step.done}

VALUES: dict[str, Any] = {
    "preview_id": "old_7", "principal": "agent 2", "environment": "sandbox", "account": "acc_1", "state": "created",
    "order": b"sealed", "currency": "USD", "total": 1999, "created_at": NOW, "expires_at": NOW, "purge_at": NOW,
    "claim_id": "c1", "lease_until": NOW, "can_charge": False, "attempts": 1, "session_id": "cks_7", "outcome": None,
    "arguments": b"", "goods": "goods 7", "sold_to": "buyer 7", "claimed_at": NOW, "customer": "customer 7",
    "from_state": "refused",
    "limited": True, "hourly_limit": 60, "unless_sold": True, "now": NOW + 60000, "hour_ago": NOW + 56400,
    "since": NOW + 59000, "after_at": NOW + 59000, "after_id": "old_7",
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
