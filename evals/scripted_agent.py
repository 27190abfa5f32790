"""An agent that follows schemas, descriptions, errors and next steps literally. It knows no task and no tool's ways.

Facts go to the field that has their name in a published schema; what has none is sent as it is, and the answer says
where it belongs. Where the words lead to nobody but a person, the agent tells the buyer what it was told, and waits.
"""

import re
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from evals.agent import Stopped
from evals.answers import best_rows, has_all_words, in_words, rows_with
from evals.places import home_of, in_form, look, parse_path, places_of_words, put, schema_at, take
from evals.reading import LATER, Step, read, takes_a_mind, wait_in
from evals.repairs import Calls, mend
from evals.task import Turn, Wish
from evals.world import Tool, World

MOST_CALLS = 30
"""In one turn."""
PATIENCE = 3
"""How often the agent gets the same answer before it believes that it goes on."""

OPENINGS: Mapping[Wish, str] = {
    "find": "Lists what can be sold",
    "saved_methods": "Lists what an existing customer has saved",
    "quote": "Quotes an order",
    "buy": "Creates the checkout session",
    "look_up": "Tells whether a session was paid",
}
"""How the description of the tool begins that serves a wish."""


class ScriptedAgent:
    """Serves one buyer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._calls: Calls = {}
        self._ids: dict[str, str] = {}
        self._answers: list[dict[str, Any]] = []
        self._agreed: str | None = None
        """The total that the buyer knows of."""
        self._pending: str | None = None
        """The tool to call once the buyer has spoken."""

    async def reply(self, turn: Turn) -> str:
        """What the buyer is told in answer to a turn.

        Raises:
            Stopped: the tools' words lead nowhere.
        """
        self._take_facts(turn)
        self._said: list[str] = []
        tool = self._first_tool(turn.wants)
        seen: Counter[str] = Counter()
        for _ in range(MOST_CALLS):
            if tool is None:
                return "\n".join(self._said)
            tool = await self._call(tool, turn.wants, seen)
        raise Stopped("no end of calls")

    # What is known

    def _take_facts(self, turn: Turn) -> None:
        before = deepcopy(self._calls.get(self._serving("quote").name))
        for name in turn.drops:
            for tool in self._world.tools.values():
                if (home := home_of(tool.schema, name)) is not None:
                    take(self._calls.get(tool.name, {}), home)
        for name, value in turn.facts.items():
            self._place(name, value, turn.wants)
        if self._calls.get(self._serving("quote").name) != before:
            self._forget_preview()

    def _place(self, name: str, value: Any, wish: Wish) -> None:
        """Into every call that has a field of this name, and that this buyer may come to."""
        wanted = [self._serving("quote"), self._serving("buy")]
        if wish not in {"quote", "buy", "nothing"}:
            wanted.insert(0, self._serving(wish))
        homes = {tool.name: home for tool in wanted if (home := home_of(tool.schema, name)) is not None}
        if not homes:
            self._arguments(wanted[0].name)[name] = value
        for tool, home in homes.items():
            put(self._arguments(tool), home, in_form(value, schema_at(self._world.tools[tool].schema, home)))

    def _arguments(self, tool: str) -> dict[str, Any]:
        return self._calls.setdefault(tool, {})

    def _serving(self, wish: Wish) -> Tool:
        opening = OPENINGS[wish]
        found = [tool for tool in self._world.tools.values() if tool.description.startswith(opening)]
        if not found:
            raise Stopped(f"no tool says that it {opening[0].lower()}{opening[1:]}")
        return found[0]

    def _forget_preview(self) -> None:
        """Of an order that is another one now."""
        self._ids.clear()
        self._pending = self._agreed = None

    # What to call

    def _first_tool(self, wish: Wish) -> str | None:
        if wish == "nothing":
            return None
        pending, self._pending = self._pending, None
        if wish == "buy" and pending is not None:
            return pending
        if wish == "buy" and "session_id" in self._ids:
            self._forget_preview()  # another one of the same
        return self._serving(wish).name

    async def _call(self, tool: str, wish: Wish, seen: Counter[str]) -> str | None:
        """Call a tool, or first the one that it needs something from; the tool to call next."""
        if source := self._missing_source(tool):
            return source
        if not self._world.tools[tool].is_read_only and wish != "buy":
            return None
        if not await self._know_words(tool):
            return None
        answer = await self._world.call(tool, self._with_ids(tool))
        self._answers.append(answer)
        error: dict[str, Any] | None = answer.get("error")
        if error is None:
            return self._after_result(tool, answer, wish)
        seen[f"{tool} {error}"] += 1
        self._said.append(in_words(error))
        return self._after_error(tool, error, gives_up=seen[f"{tool} {error}"] >= PATIENCE)

    def _missing_source(self, tool: str) -> str | None:
        """The tool that gives a required id which is not known yet."""
        schema = self._world.tools[tool].schema
        for name in schema.get("required", []):
            if name in self._ids or name in self._arguments(tool):
                continue
            if source := self._source_of(schema["properties"][name].get("description", "")):
                return source
        return None

    def _source_of(self, description: str) -> str | None:
        named = re.search(r"\bfrom (\w+)", description)
        return named[1] if named is not None and named[1] in self._world.tools else None

    def _with_ids(self, tool: str) -> dict[str, Any]:
        """The arguments of a call, with the ids that answers gave."""
        fields = self._world.tools[tool].schema["properties"]
        ids = {name: value for name, value in self._ids.items() if name in fields}
        if "one of the two ids" in self._world.tools[tool].description and len(ids) > 1:
            del ids["preview_id"]
        return ids | self._arguments(tool)

    async def _know_words(self, tool: str) -> bool:
        """Find the id of everything that is known by its words; False where the buyer has to say more."""
        for path, words in places_of_words(self._arguments(tool)):
            name = str(path[-1])
            best = best_rows(rows_with(self._answers, name), words)
            if not best or not has_all_words(best[0], words):
                self._answers.append(await self._search(tool, name, words))
                best = best_rows(rows_with(self._answers, name), words)
            if len({row[name] for row in best}) != 1:
                self._said.append("Which one? " + in_words(best) if best else "Nothing of that name was found.")
                return False
            put(self._arguments(tool), path, best[0][name])
        return True

    async def _search(self, tool: str, name: str, words: str) -> dict[str, Any]:
        """Ask the tool that the schema or a description names for what is known by words."""
        path = home_of(self._world.tools[tool].schema, name) or (name,)
        source = self._source_of(schema_at(self._world.tools[tool].schema, path).get("description", ""))
        if source is None:
            tools = self._world.tools.values()
            source = next((each.name for each in tools if f"with {name}" in each.description), None)
        if source is None:
            raise Stopped(f"nothing says where {name} comes from")
        fields = self._world.tools[source].schema["properties"]
        searching = [each for each in fields if fields[each].get("description", "").startswith("words of")]
        arguments = dict.fromkeys(searching[:1], words) | self._arguments(source)
        needed = self._world.tools[source].schema.get("required", [])
        homes = {each: home_of(self._world.tools[tool].schema, each) or (each,) for each in needed}
        known = {each: look(self._arguments(tool), home) for each, home in homes.items()}
        return await self._world.call(source, known | arguments)

    # What is answered

    def _after_result(self, tool: str, answer: dict[str, Any], wish: Wish) -> str | None:
        self._said.append(in_words(answer))
        if tool == self._serving("quote").name:
            self._forget_session()
        for name in ("preview_id", "session_id"):
            if name in answer:
                self._ids[name] = answer[name]
        if tool == self._serving("quote").name and not self._may_go_on(answer, wish):
            return None
        if tool == self._serving(wish).name and ("next_step" not in answer or rows_with(answer, "product_id")):
            return None  # what was asked for
        return self._follow(read(answer.get("next_step") or self._world.tools[tool].description))

    def _forget_session(self) -> None:
        self._ids.pop("session_id", None)

    def _may_go_on(self, quote: dict[str, Any], wish: Wish) -> bool:
        """Whether the buyer wants to buy at this price: the one that they knew, or any."""
        total = quote["display"]["total"]
        known, self._agreed = self._agreed, total
        return wish == "buy" and known in {None, total}

    def _follow(self, steps: list[Step]) -> str | None:
        """The next tool that the words name, now; what waits for the buyer or for long is for another turn."""
        for step in steps:
            if step.when in {"day", "again"} or step.kind == "page":
                continue
            if step.kind != "tool":
                return None
            if step.when == "buyer":
                self._pending = step.tool
                return None
            if step.wait is not None and step.wait >= LATER:
                return None
            self._world.wait(step.wait or 0)
            for name in step.without:
                self._arguments(step.tool).pop(name, None)
            if step.page is not None:
                self._arguments(step.tool)["page"] = step.page
            return step.tool
        return None

    def _after_error(self, tool: str, error: dict[str, Any], *, gives_up: bool) -> str | None:
        steps = read(error["message"])
        match error["retry"]:
            case "fix_and_retry":
                return self._mend(tool, error)
            case "new_preview":
                if change := error.get("price_change"):
                    self._forget_preview()
                    self._ids["preview_id"] = change["preview_id"]
                    self._agreed = change["new"]["display"]["total"]
                    return self._follow(steps)
                return self._quote_again(steps, error["problems"])
            case "retry_later":
                wait = wait_in(error["message"]) or 60.0
                if gives_up or wait >= LATER:
                    return None
                named = next((step.tool for step in steps if step.kind == "tool"), tool)
                self._world.wait(wait)
                return named
            case "do_not_retry":
                following = self._follow(steps)
                return None if following == tool else following
            case _:
                return None

    def _quote_again(self, steps: list[Step], problems: list[dict[str, Any]]) -> str | None:
        """Mend the order, as far as it is to blame; the tool to call then. The buyer knows a total already."""
        quoting = self._serving("quote")
        of_order = [each for each in problems if str(parse_path(each["path"])[0]) in quoting.schema["properties"]]
        if of_order and not mend(self._calls, quoting.name, of_order):
            return None
        agreed = self._agreed
        self._forget_preview()
        self._agreed = agreed
        return self._follow(steps) or quoting.name

    def _mend(self, tool: str, error: dict[str, Any]) -> str | None:
        before = deepcopy(self._calls)
        if takes_a_mind(error["message"]) or not mend(self._calls, tool, error["problems"]):
            return None
        if self._calls == before:
            raise Stopped("a repair changes nothing")
        quoting = self._serving("quote").name
        if tool != quoting and self._calls.get(quoting) != before.get(quoting):
            self._forget_preview()
        return tool
