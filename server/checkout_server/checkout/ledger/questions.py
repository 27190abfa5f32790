"""What a ledger promises of questions to people: that they are few, and which of them were answered."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the contract of the whole ledger holds this part
    from checkout_server.checkout.ledger.contract import Owner


class Questions(Protocol):
    """Every method raises ``LedgerUnavailable`` when the storage fails; what it did not confirm did not happen."""

    async def count_question(self, preview_id: str, *, owner: "Owner", goods: str, now: float, most: int) -> bool:
        """Count a question that is about to be sent to a person; return whether it may be sent.

        It may not when ``most`` questions of the last ``HOUR_SECONDS`` about the same goods stand without a yes, for
        this principal and environment, over all previews and everything that shares the ledger. Nothing is written
        then. Counting and deciding are one step.
        """
        ...

    async def answer_question(self, preview_id: str, *, owner: "Owner", goods: str, approved: bool) -> bool:
        """Record what a person answered about these goods; whether a question of this preview was open.

        A yes answers every open question of the preview, and they count no more; a no answers the newest.
        """
        ...

    async def withdraw_question(self, preview_id: str, *, owner: "Owner", goods: str) -> None:
        """Forget the newest open question of this preview about these goods: no person saw it."""
        ...

    async def is_being_asked(self, preview_id: str, *, owner: "Owner", goods: str, since: float) -> bool:
        """Whether a question of this preview about these goods, sent after ``since``, is open or was answered by a
        yes."""
        ...
