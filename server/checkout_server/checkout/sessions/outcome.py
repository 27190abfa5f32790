"""How a creation ended, as the ledger keeps it sealed."""

from typing import Annotated

from pydantic import ConfigDict, Field

from checkout_schemas.personal import DiscreetModel
from checkout_server.privacy.sealing import Sealer


class Outcome(DiscreetModel):
    """The part of a creation's outcome that a repeated call returns again."""

    model_config = ConfigDict(extra="ignore")

    session_id: str
    checkout_url: Annotated[str | None, Field(repr=False)]
    payment_id: str | None
    expires_at: float
    """Epoch seconds at which the session ends."""
    warnings: list[str]
    sold: str | None = None
    """Written only by earlier versions: the digest of the request body that made the session."""

    def seal(self, sealer: Sealer, preview_id: str) -> bytes:
        return sealer.seal(self.model_dump_json(exclude={"sold"}).encode(), context=_context(preview_id))

    @classmethod
    def open(cls, sealer: Sealer, sealed: bytes, preview_id: str) -> "Outcome":
        """Open a sealed outcome.

        Raises:
            SealBroken: it was sealed with a key that is gone.
        """
        return cls.model_validate_json(sealer.open(sealed, context=_context(preview_id)))


def _context(preview_id: str) -> str:
    return f"outcome:{preview_id}"
