"""An agent that does literally what it reads, and knows nothing of any state of a sale.

It sells an order, and reads what a model reads: the tools' descriptions, ``next_step``, ``retry``, ``message``,
``problems`` and ids. Where the words lead nowhere, or round in a circle, it fails.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from evals.reading import Step, read, takes_a_mind, wait_in
from evals.repairs import mend

CREATE, STATUS, PREVIEW = "create_checkout_session", "get_checkout_session", "preview_checkout"
MOST_CALLS = 300
PATIENCE = 3
"""How often the agent gets the same answer before it believes that "it goes on"."""
DAY = 24 * 3600.0


class DeadEnd(AssertionError):
    """What was read leads nowhere."""


class World(Protocol):
    """What is around the agent."""

    now: float

    @property
    def buyer_wants(self) -> bool:
        """Whether the buyer still wants to buy when they are asked."""
        ...

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]: ...

    async def describe(self, tool: str) -> str: ...

    async def wait(self, seconds: float) -> None: ...

    async def open_page(self, url: str) -> None:
        """Give the buyer the page, who pays there or does not."""
        ...


@dataclass
class Ending:
    """How it came out: nothing is left to do, or a person has to go on."""

    kind: Literal["end", "person"]
    calls: list[str]


@dataclass
class LiteralAgent:
    """Sells ``order`` with the arguments ``rest``."""

    world: World
    order: dict[str, Any]
    rest: dict[str, Any]
    preview_id: str | None = None
    session_id: str | None = None
    calls: list[str] = field(default_factory=list[str])
    _seen: Counter[str] = field(default_factory=Counter[str])
    _first_seen: dict[str, float] = field(default_factory=dict[str, float])
    _done: set[tuple[str, float]] = field(default_factory=set[tuple[str, float]])

    async def run(self, tool: str) -> Ending:
        """Begin with a call of this tool, and follow what is answered.

        Raises:
            DeadEnd: what was answered leads nowhere.
        """
        following: str | Ending = tool
        while isinstance(following, str):
            following = await self._follow(following)
        return following

    async def _follow(self, tool: str) -> "str | Ending":
        arguments = self._arguments(tool)
        answer = await self.world.call(tool, arguments)
        error: dict[str, Any] | None = answer.get("error")
        text = error["message"] if error else answer.get("next_step") or await self.world.describe(tool)
        words = f"{error['code']} {error['retry']}" if error else answer.get("status", "")
        words += " replayed" if answer.get("replayed") else ""
        kind = f"{tool}({', '.join(arguments)}) → {words}: {text}"
        self.calls.append(kind)
        if (kind, self.world.now) in self._done:
            raise self._dead_end("a circle: the same again, and no time has passed")
        if len(self.calls) > MOST_CALLS:
            raise self._dead_end("no end of it")
        self._done.add((kind, self.world.now))
        self._seen[kind] += 1
        self._first_seen.setdefault(kind, self.world.now)
        steps = read(text)
        for step in steps:
            if step.when in {"day", "again"} and self._has_lasted(kind, step):
                return self._ended(step)
        steps = [step for step in steps if step.when not in {"day", "again"}]
        if error is not None:
            return await self._after_error(tool, error, steps)
        self._note_ids(answer)
        return await self._go(steps, answer)

    def _has_lasted(self, kind: str, step: Step) -> bool:
        if step.when == "again":
            return self._seen[kind] >= PATIENCE
        return self.world.now - self._first_seen[kind] > DAY

    def _note_ids(self, answer: dict[str, Any]) -> None:
        if (preview_id := answer.get("preview_id")) not in {None, self.preview_id}:
            self.preview_id, self.session_id = preview_id, None
        self.session_id = answer.get("session_id") or self.session_id

    async def _go(self, steps: list[Step], answer: dict[str, Any]) -> "str | Ending":
        """Do what is said, up to the next call."""
        for step in steps:
            if step.when == "buyer" and not self.world.buyer_wants:
                return Ending("end", self.calls)
            if step.kind == "page":
                if "checkout_url" not in answer:
                    raise self._dead_end("a page is offered, and there is none")
                await self.world.open_page(answer["checkout_url"])
            elif step.kind == "tool":
                return await self._call_next(step, default_wait=0.0, times=self._seen[self.calls[-1]])
            else:
                return self._ended(step)
        raise self._dead_end("nothing is said to do")

    def _ended(self, step: Step) -> Ending:
        return Ending("person" if step.kind == "person" else "end", self.calls)

    async def _call_next(self, step: Step, *, default_wait: float, times: int = 1) -> str:
        """Wait as it was said, and longer each time that the same is said again."""
        await self.world.wait(times * (default_wait if step.wait is None else step.wait))
        known = {"with session_id": self.session_id, "preview_id": self.preview_id}
        if step.tool in {CREATE, STATUS} and step.by is not None and known[step.by] is None:
            raise self._dead_end(f"{step.tool} is to be called by an id that is not known")
        return step.tool

    async def _after_error(self, tool: str, error: dict[str, Any], steps: list[Step]) -> "str | Ending":
        match error["retry"]:
            case "fix_and_retry" | "new_preview":
                return await self._mend(tool, error, steps)
            case "ask_human":
                return Ending("person", self.calls)
            case "retry_later":
                wait = wait_in(error["message"])
                tools = [step for step in steps if step.kind == "tool"]
                again = tools[0] if tools else Step("tool", tool, None, wait, None)
                return await self._call_next(again, default_wait=60.0)
            case "do_not_retry":
                if steps and (steps[0].kind, steps[0].tool) == ("tool", tool):
                    raise self._dead_end("the call is not to be repeated, and is named to be called")
                return await self._go(steps, error)
            case other:
                raise self._dead_end(f"no known retry word: {other}")

    async def _mend(self, tool: str, error: dict[str, Any], steps: list[Step]) -> "str | Ending":
        fixes = error["retry"] == "fix_and_retry"
        if change := error.get("price_change"):
            self.preview_id, self.session_id = change["preview_id"], None
            return await self._go(steps, error)
        told = [each for each in error["problems"] if "suggestion" in each]
        takes_mind = takes_a_mind(error["message"])
        if fixes and (len(told) < len(error["problems"]) or not (told or takes_mind)):
            raise self._dead_end("something is to be mended, and nothing says what")
        of_order = [each for each in told if each["path"].partition("[")[0].partition(".")[0] in self.order]
        if fixes and tool == CREATE and of_order:
            raise self._dead_end("the order is to be mended in a call that does not take it")
        if takes_mind or not all(self._mend_problem(each) for each in told):
            return Ending("person", self.calls)
        if fixes:
            return tool
        if any(step.when == "buyer" for step in steps) and not self.world.buyer_wants:
            return Ending("end", self.calls)
        self.session_id = self.preview_id = None
        await self.world.wait(wait_in(error["message"]) or 0.0)
        return PREVIEW

    def _mend_problem(self, problem: dict[str, Any]) -> bool:
        """Do what a problem suggests, if that needs no thought."""
        of_order = problem["path"].partition("[")[0].partition(".")[0] in self.order
        return mend({PREVIEW: self.order, CREATE: self.rest}, PREVIEW if of_order else CREATE, [problem])

    def _arguments(self, tool: str) -> dict[str, Any]:
        match tool:
            case "preview_checkout":
                return self.order
            case "create_checkout_session":
                if self.preview_id is None:
                    raise self._dead_end("create_checkout_session needs a preview_id, and none is known")
                return {"preview_id": self.preview_id, **self.rest}
            case "get_checkout_session":
                found = {"session_id": self.session_id} if self.session_id else {"preview_id": self.preview_id}
                if None in found.values():
                    raise self._dead_end("get_checkout_session needs an id, and none is known")
                return found
            case _:
                raise self._dead_end(f"{tool} does not bring the sale on")

    def _dead_end(self, why: str) -> DeadEnd:
        return DeadEnd("\n".join([why, *self.calls[-12:]]))
