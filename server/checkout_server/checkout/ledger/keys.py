"""What a ledger promises of keys: its own, and what tells whether its servers share theirs."""

from typing import Protocol


class KeyRecords(Protocol):
    """Every method raises ``LedgerUnavailable`` when the storage fails; what it did not confirm did not happen."""

    async def find_ledger_key(self) -> bytes | None:
        """The ledger's own key, sealed by the caller; None before anybody needed it."""
        ...

    async def store_ledger_key(self, sealed: bytes, *, instead_of: bytes | None) -> bool:
        """Store the sealed key in place of the one that was found; whether that one was still there."""
        ...

    async def find_key_probe(self) -> str | None:
        """What tells whether this process has the keys of the others; None before the first of them."""
        ...

    async def store_key_probe(self, probe: str, *, instead_of: str | None) -> bool:
        """Store a probe in place of the one that was found; whether that one was still there."""
        ...
