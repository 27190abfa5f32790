"""The call that waits for a creation: how much time it leaves to it, and what it is told when it can wait no longer."""

import asyncio
from typing import TYPE_CHECKING

from checkout_server.calls.deadline import CallDeadline, handed_down
from checkout_server.checkout import refusals
from checkout_server.checkout.sessions.states import SaleState
from checkout_server.gateway.errors import OutOfTime

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from checkout_server.checkout.sale.in_flight import Creation
    from checkout_server.checkout.sale.stages import SoldSession

CLAIM_SECONDS = 2.0
"""What the claim itself may take of the call, before the request has its whole time."""


class WaitingCaller:
    """A call and the creation that it asked for, which is a task of the process and outlives it.

    Args:
        deadline: the call's; None where nobody waits.
        creation_seconds: what ``POST /checkouts`` is given.
    """

    def __init__(self, deadline: CallDeadline | None, creation_seconds: float) -> None:
        self._deadline = deadline
        self._creation_seconds = creation_seconds
        self.is_claimed = False
        """Whether the preview is claimed, by this creation or by another."""

    def handing_down(self) -> "AbstractContextManager[None]":
        """For what a creation does only while its caller waits."""
        return handed_down(self._deadline)

    def refuse_if_late(self, *, spare: float = 0.0) -> None:
        """Claim and send nothing whose answer the call could not wait for.

        Raises:
            OutOfTime: less is left than the request is given.
        """
        if self._deadline is not None and self._deadline.left() < self._creation_seconds + spare:
            raise OutOfTime("create")

    async def wait_for(self, running: "Creation") -> "SoldSession":
        """The session, as soon as it is there.

        Raises:
            CheckoutRefusal: ``outcome_unknown``: the time is up, and the creation goes on without its caller.
            OutOfTime: the time is up before anything was claimed. Nothing will be sent: there is no time for it.
            GatewayError, PreviewUsedUp, LedgerUnavailable: as the creation.
        """
        try:
            await asyncio.wait({running}, timeout=None if self._deadline is None else self._deadline.left())
        except asyncio.CancelledError:
            # The call's own end is no reason to say less than is known. Any other cancellation is its client's.
            if self._deadline is None or not self._deadline.cut.expired():
                raise
        if running.done():
            return running.result()
        raise refusals.refused_in(SaleState.IN_PROGRESS) if self.is_claimed else OutOfTime("create")
