"""Who asks: the one whose previews, limits and audit rows a call is about."""

from dataclasses import dataclass, field
from enum import StrEnum


class Scope(StrEnum):
    """What a caller may do."""

    READ = "checkout:read"
    PREVIEW = "checkout:preview"
    CREATE = "checkout:create"
    CONFIRM = "checkout:confirm"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a call is made for."""

    id: str
    """What ledger, limits and logs know them by: ``local`` without authorization, else a keyed hash."""
    scopes: frozenset[Scope] | None
    """None without authorization: everything is allowed."""
    issuer: str | None = field(repr=False)
    """Only for sections of the policy; never stored or logged, nor is the subject."""
    subject: str | None = field(repr=False)


LOCAL = Principal("local", None, None, None)
