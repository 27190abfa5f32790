"""A model that serves a buyer with the tools, as a plain host would run it."""

import json
from typing import Any, cast

from evals.agent import Stopped
from evals.model_api import Message, ModelApi, Returned, Said, ToolCall
from evals.task import Task, Turn, known_by_words
from evals.world import World

MOST_CALLS = 20
"""In one turn."""

_ROLE = (
    "You serve one buyer of a shop in a chat, with the tools that you have. What you write is read by the buyer. "
    "Ask before you sell what they have not agreed to. Your task: {goal}"
)


class ModelAgent:
    """Serves one buyer."""

    def __init__(self, task: Task, world: World, api: ModelApi) -> None:
        self._world, self._api = world, api
        self._system = f"{_ROLE.format(goal=task.goal)}\n\n{world.instructions}"
        self._messages: list[Message] = []

    async def reply(self, turn: Turn) -> str:
        """Everything that the model writes in answer to a turn.

        Raises:
            Stopped: the model's API does not serve, or the model calls on and on.
        """
        self._messages.append(Said(words_of(turn)))
        written: list[str] = []
        for _ in range(MOST_CALLS):
            reply = await self._api.complete(self._system, list(self._world.tools.values()), self._messages)
            self._messages.append(reply)
            written.append(reply.text)
            if not reply.calls:
                return "\n".join(written)
            for call in reply.calls:
                self._messages.append(await self._run(call))
        raise Stopped("no end of calls")

    async def _run(self, call: ToolCall) -> Returned:
        if call.name not in self._world.tools:
            answer: dict[str, Any] = {"error": {"message": "There is no tool of this name."}}
        elif call.arguments is None:
            answer = {"error": {"message": "The arguments are no JSON object."}}
        else:
            answer = await self._world.call(call.name, call.arguments)
            return self._returned(call, answer)
        self._world.calls.append((call.name, call.arguments or {}, answer))
        return self._returned(call, answer)

    def _returned(self, call: ToolCall, answer: dict[str, Any]) -> Returned:
        return Returned(call, json.dumps(answer, ensure_ascii=False, separators=(",", ":")), "error" in answer)


def words_of(turn: Turn) -> str:
    """What the buyer says, and what their host hands over with it."""
    known = "\n".join(f"{name}: {_plain(value)}" for name, value in turn.facts.items())
    return f"{turn.says}\n\n{known}" if known else turn.says


def _plain(value: Any) -> str:
    value = _without_marks(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _without_marks(value: Any) -> Any:
    """Facts that are known by their words, as those words."""
    if (words := known_by_words(value)) is not None:
        return words
    if isinstance(value, dict):
        return {name: _without_marks(each) for name, each in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_without_marks(each) for each in cast(list[Any], value)]
    return value
