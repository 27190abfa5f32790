"""What the call that runs now is doing, for those who wait for it."""

import contextvars
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from checkout_server.privacy.vocabulary.fields import Operation

Step = Operation | Literal["working", "waiting_for_person", "waiting_for_creation", "waiting_for_payment"]


@dataclass(slots=True)
class CallStage:
    """The step at which a call is. What a call starts shares it, also a task of the process."""

    step: Step = "working"
    attempt: int = 1


_stage: contextvars.ContextVar[CallStage | None] = contextvars.ContextVar("call_stage", default=None)


@contextmanager
def noting_stage() -> Generator[CallStage]:
    """Run the block as a call whose step is noted."""
    stage = CallStage()
    before = _stage.set(stage)
    try:
        yield stage
    finally:
        _stage.reset(before)


def note_step(step: Step, attempt: int = 1) -> None:
    """From now on the call does this."""
    stage = _stage.get()
    if stage is not None:
        stage.step, stage.attempt = step, attempt
