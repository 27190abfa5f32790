"""What every agent is: somebody who answers a buyer turn by turn."""

from collections.abc import Callable
from typing import Protocol

from evals.task import Task, Turn
from evals.world import World


class Stopped(Exception):
    """The agent cannot go on. The text is one sentence that says why."""


class Agent(Protocol):
    """Who sells."""

    async def reply(self, turn: Turn) -> str:
        """What the buyer is told in answer to a turn.

        Raises:
            Stopped: the agent cannot go on.
        """
        ...


Hire = Callable[[Task, World], Agent]
"""An agent for a task in its world."""
