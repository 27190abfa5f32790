"""How statements reach a ledger's database, whichever it is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from checkout_server.checkout.ledger.fragments import Step

Values = Mapping[str, Any]
"""What a statement's parameters stand for."""
Rows = Sequence[tuple[Any, ...]]

CLOSED = "The ledger is closed, because the server is stopping; start it again."
CALL_SECONDS = 10.0
"""How long a call waits for the ledger, whatever it waits for: others' locks, a free connection, the network."""


class Database(ABC):
    """Both methods raise ``LedgerUnavailable`` when the storage fails."""

    @abstractmethod
    async def _read(self, statement: str, values: Values) -> Rows:
        """The rows that a statement selects from what is committed."""

    @abstractmethod
    async def _change(self, step: Step, values: Values, *, locks: Sequence[str] = (), flushed: bool = True) -> Rows:
        """Carry out a step in one transaction, also when the caller is cancelled; the rows that it returned.

        Args:
            step: what is done.
            values: the parameters of the step.
            locks: names that nobody else may hold at the same time.
            flushed: whether it is on the disk when this returns. Otherwise a crash of the machine may undo it.
        """
