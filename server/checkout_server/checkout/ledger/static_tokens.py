"""What a ledger promises of static bearer tokens: who holds one, and that a revoked one is not found again."""

from dataclasses import dataclass, field
from typing import Protocol

MOST_LISTED = 1_000
"""Tokens that those who run a ledger are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticToken:
    """One token, without the token."""

    token_id: str
    token_hash: str = field(repr=False)
    """Its SHA-256, as hex digits."""
    ending: str = field(repr=False)
    """Its last four characters, for who compares."""
    name: str
    """Whose it is, in the operator's words."""
    scopes: str
    """Separated by blanks."""
    created_at: float
    """Epoch seconds, as is ``revoked_at``."""
    revoked_at: float | None = None


class StaticTokens(Protocol):
    """Every method raises ``LedgerUnavailable`` when the storage fails; what it did not confirm did not happen."""

    async def store_token(self, token: StaticToken) -> None:
        """Store a new token."""
        ...

    async def find_token(self, token_hash: str) -> StaticToken | None:
        """The token that has this hash, unless it was revoked."""
        ...

    async def list_tokens(self, *, most: int) -> list[StaticToken]:
        """The newest tokens, newest first, revoked ones too."""
        ...

    async def has_tokens(self) -> bool:
        """Whether there ever was one."""
        ...

    async def revoke_token(self, token_id: str, *, now: float) -> bool:
        """Revoke a token; whether there was one that counted until now."""
        ...
