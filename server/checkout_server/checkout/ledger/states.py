"""The life of a preview: which step leads from which state to which. Every ledger's conditions come from this table.

A preview is stored as ``quoted``. The call that wants to create its session *claims* it, sends the request, and
*finishes* the claim with what the answer proves: ``created`` (there is a session), ``refused`` (there is certainly
none), or ``unknown`` (the answer was lost). A claim that nobody finishes, because its process died, *lapses* to
``unknown`` when its lease ends.

A ledger that lost its last writes may take a preview that was sold for ``quoted`` or ``refused``; once its payment is
found, it is *restored* to ``created``.

``created`` is final: no step leads away from it. The answer to an ``unknown`` claim may still be found, so the same
claim can finish again. ``refused`` and ``unknown`` can be claimed again for a second attempt, but only if neither the
last request nor the next one charges by itself: a lost session that waits for a buyer on a page whose address nobody
holds harms nobody, while a lost charge that is repeated is paid twice. ``unknown`` is claimed once more only: two lost
pages are enough.
"""

from enum import StrEnum
from typing import NamedTuple

from checkout_server.checkout.ledger.contract import State


class Action(StrEnum):
    """What moves a preview from one state to another."""

    CLAIM = "claim"
    FINISH = "finish"
    LAPSE = "lapse"
    RESTORE = "restore"


class Step(NamedTuple):
    """One row of the table. What is not in the table is not possible."""

    action: Action
    before: State
    after: State
    may_charge: bool = True
    """Whether it may be taken although the last claim or the new one is for a request that charges by itself."""


STEPS = (
    Step(Action.CLAIM, State.QUOTED, State.CLAIMED),
    Step(Action.CLAIM, State.REFUSED, State.CLAIMED, may_charge=False),
    Step(Action.CLAIM, State.UNKNOWN, State.CLAIMED, may_charge=False),
    Step(Action.FINISH, State.CLAIMED, State.CREATED),
    Step(Action.FINISH, State.CLAIMED, State.REFUSED),
    Step(Action.FINISH, State.CLAIMED, State.UNKNOWN),
    Step(Action.FINISH, State.UNKNOWN, State.CREATED),
    Step(Action.FINISH, State.UNKNOWN, State.REFUSED),
    Step(Action.FINISH, State.UNKNOWN, State.UNKNOWN),
    Step(Action.LAPSE, State.CLAIMED, State.UNKNOWN),
    Step(Action.RESTORE, State.QUOTED, State.CREATED),
    Step(Action.RESTORE, State.REFUSED, State.CREATED),
)

MAY_HAVE_SOLD = (State.CLAIMED, State.CREATED, State.UNKNOWN)
"""In these a session exists, may exist, or is about to."""
PURGED = (State.QUOTED, State.CREATED, State.REFUSED, State.UNKNOWN)
"""These are deleted when their time is over. A claim is not: it lapses first, and is kept as ``unknown``."""
