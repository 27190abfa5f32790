"""Who a call is made for: the verified caller, and what they may do here."""

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Scope(StrEnum):
    """What a token may allow its bearer."""

    READ = "checkout:read"
    PREVIEW = "checkout:preview"
    CREATE = "checkout:create"
    CONFIRM = "checkout:confirm"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom previews, limits and audit rows belong to."""

    id: str
    """What the ledger, limits and logs know them by: ``local``, or a keyed hash of issuer and subject."""
    scopes: frozenset[Scope] | None
    """None without authorization, where everything is allowed."""
    issuer: str | None = field(repr=False)
    subject: str | None = field(repr=False)
    """It can be an e-mail address. For sections of the policy alone: never stored, never logged."""


STATIC_ISSUER = "token"
"""Of the principals of static tokens. No issuer of JWTs can have it: theirs are URLs."""
TOKEN_ID = re.compile(r"tok_[0-9a-f]{12}")
"""Their subjects."""


def issuers_beside(auth_issuer: str | None) -> tuple[str, ...]:
    """Whose tokens are taken where this authorization server is set; none where it is not: another process may have
    it."""
    return () if auth_issuer is None else (auth_issuer, STATIC_ISSUER)


LOCAL = Principal("local", None, None, None)
"""Whoever calls where there is no authorization."""
