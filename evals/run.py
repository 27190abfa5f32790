"""Runs tasks, and says what came out of each."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.agent import Hire, Stopped
from evals.checker import Outcome, list_failures
from evals.task import Task
from evals.tokens import count_tokens, shown_of
from evals.world import Transport, World, open_world


@dataclass(frozen=True)
class Result:
    """One run of a task."""

    task: Task
    failures: list[str]
    calls: int
    tokens: int

    @property
    def passed(self) -> bool:
        return not self.failures


async def run_task(task: Task, hire: Hire, transport: Transport = "memory") -> Result:
    """Play all turns of a task in a world of its own, and check its ends."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_world(task.world, Path(folder), transport) as world:
            agent = hire(task, world)
            told: list[str] = []
            failures: list[str] = []
            try:
                for turn in task.turns:
                    if turn.pays is not None:
                        world.pay(turn.pays)
                    told.append(await agent.reply(turn))
            except Stopped as stop:
                failures.append(f"turn {len(told) + 1}: {stop}")
            outcome = _outcome(world, told)
            return Result(task, failures + list_failures(task, outcome), outcome.calls, outcome.tokens)


def _outcome(world: World, told: list[str]) -> Outcome:
    answers: list[Any] = [answer for _, _, answer in world.calls]
    sessions = world.upstream.sandbox.sessions.values()
    return Outcome(
        created=world.upstream.created,
        quoted=world.upstream.bodies("POST", "/checkouts/preview"),
        pages=[session.short or session.id for session in sessions],
        told=told,
        questions=len(world.person.questions) if world.person is not None else 0,
        refusals=sum("error" in answer for answer in answers),
        calls=len(answers),
        tokens=count_tokens(shown_of(world.tools.values())) + sum(count_tokens(answer) for answer in answers),
    )
