"""What the suggestion of a problem says to do with a call, done literally."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from evals.places import Path, look, parse_path, put, take

Calls = dict[str, dict[str, Any]]
"""The arguments of each tool's next call."""

_UNKNOWN_FIELD = {"does not exist here", "is not a field of this tool", "was ignored"}


@dataclass(frozen=True)
class Fault:
    """What one problem is about: a place in the call of a tool."""

    calls: Calls
    tool: str
    path: Path
    is_name: bool
    """Whether the field's name is wrong; otherwise its value is."""

    @property
    def value(self) -> Any:
        return look(self.calls[self.tool], self.path)

    def beside(self, name: str) -> Path:
        """The place of another field of the same object."""
        return (*self.path[:-1], name)

    def set(self, value: Any) -> bool:
        put(self.calls[self.tool], self.path, value)
        return True

    def remove(self) -> bool:
        take(self.calls[self.tool], self.path)
        return True

    def move(self, path: Path, tool: str | None = None) -> bool:
        """Put what is here somewhere else, unless something is there already; one object goes into another."""
        calls, value = self.calls.setdefault(tool or self.tool, {}), self.value
        there = look(calls, path)
        if isinstance(there, dict) and isinstance(value, dict) and not there.keys() & value.keys():
            value = there | take(self.calls[self.tool], self.path)
        elif there is not None or value is None:
            return False
        else:
            take(self.calls[self.tool], self.path)
        put(calls, path, value)
        return True

    def join(self, path: Path, between: str) -> bool:
        """Add the text here to the text at a place; of several, the first one comes first."""
        there, value = look(self.calls[self.tool], path), take(self.calls[self.tool], self.path)
        put(self.calls[self.tool], path, between.join(str(each) for each in (there, value) if each is not None))
        return True


def mend(calls: Calls, tool: str, problems: list[dict[str, Any]]) -> bool:
    """Do what every problem of a refused call suggests.

    Returns:
        Whether each of them could be mended without a thought.
    """
    suggestions: dict[str, str] = {problem["path"]: problem.get("suggestion", "") for problem in problems}
    told = [each for each in problems if each["problem"] != "was ignored" or each.get("suggestion")]
    done: list[bool] = []
    for problem in sorted(told, key=_order):
        fault = Fault(calls, tool, parse_path(problem["path"]), problem["problem"] in _UNKNOWN_FIELD)
        brought = _is_lacking(problem) and fault.value is not None  # by the repair of another problem
        done.append(brought or _mend(fault, _whole(suggestions, problem["path"])))
    return bool(done) and all(done)


def _order(problem: dict[str, Any]) -> tuple[bool, int]:
    """What is lacking comes last; what is put into or taken from a list moves what comes behind it."""
    last = parse_path(problem["path"])[-1]
    return _is_lacking(problem), -last if isinstance(last, int) else 0


def _is_lacking(problem: dict[str, Any]) -> bool:
    return problem["problem"].startswith("is required")


def _whole(suggestions: Mapping[str, str], path: str) -> str:
    """A suggestion, or the one that it refers to."""
    text = suggestions[path]
    return suggestions.get(text.removeprefix("as for "), text)


def _mend(fault: Fault, suggestion: str) -> bool:
    found = [(match.start(), repair, match) for words, repair in _REPAIRS if (match := words.search(suggestion))]
    if not found:
        return False
    _, repair, match = min(found, key=lambda each: each[0])  # the first of several that are offered
    return repair(fault, match)


def _did_you_mean(fault: Fault, match: re.Match[str]) -> bool:
    if " or " in match[1]:
        return False  # the reader cannot choose
    words = re.split(r", | and ", match[1])
    if fault.is_name:
        return fault.move(fault.beside(words[0]))
    if len(words) == 1:
        return fault.set(words[0])
    *parents, index = fault.path
    several = look(fault.calls[fault.tool], tuple(parents))
    if not isinstance(several, list) or not isinstance(index, int):
        return False
    listed = cast(list[Any], several)
    listed[index : index + 1] = [word for word in words if word not in listed]
    return True


def _it_is(fault: Fault, match: re.Match[str]) -> bool:
    """Another place, of this tool or of another; of two, the likelier is named first."""
    return fault.move(parse_path(match["path"]), match["tool"])


def _minor_units(fault: Fault, match: re.Match[str]) -> bool:
    number = re.search(r"\d+(\.\d+)?", str(fault.value).replace(",", ""))
    if number is None:
        return False
    units = Decimal(number[0]) * Decimal(match["minor"]) / Decimal(match["major"])
    return units == int(units) and fault.set(int(units))


def _boolean(fault: Fault, _match: re.Match[str]) -> bool:
    meant = {"true": True, "yes": True, "false": False, "no": False}.get(str(fault.value).strip().lower())
    return meant is not None and fault.set(meant)


def _whole_number(fault: Fault, _match: re.Match[str]) -> bool:
    number = re.fullmatch(r"\D*(\d+)\D*", str(fault.value))
    return number is not None and fault.set(int(number[1]))


def _leave_out(fault: Fault, match: re.Match[str]) -> bool:
    if match["out"] == "it":
        return fault.remove()
    for name in match["out"].split(" and "):
        for call in (fault.calls[fault.tool], *fault.calls.values()):  # it may be said of the call that was refused
            if name in call:
                take(call, (name,))
                break
    return True


def _set(fault: Fault, match: re.Match[str]) -> bool:
    put(fault.calls[fault.tool], (match["name"],), True)
    return True


def _alone(fault: Fault, match: re.Match[str]) -> bool:
    value = look(fault.value, (match[1],))
    return value is not None and fault.set({match[1]: value})


def _put_into_list(fault: Fault, match: re.Match[str]) -> bool:
    """Before the others of the list, if it is not one of them."""
    value, there = take(fault.calls[fault.tool], fault.path), fault.beside(match[1])
    listed = cast(list[Any], look(fault.calls[fault.tool], there) or [])
    put(fault.calls[fault.tool], there, listed if value in listed else [value, *listed])
    return True


def _join(fault: Fault, match: re.Match[str]) -> bool:
    """To a field of the same object, or to one that is named by its whole path."""
    return fault.join(parse_path(match[1]) if "." in match[1] else fault.beside(match[1]), ", ")


def _use_at_most(fault: Fault, match: re.Match[str]) -> bool:
    return isinstance(fault.value, int) and fault.set(int(match[1]))


_REPAIRS: list[tuple[re.Pattern[str], Callable[[Fault, re.Match[str]], bool]]] = [
    (re.compile(r"did you mean (.+)\?"), _did_you_mean),
    (re.compile(r"give it to (\w+)"), lambda fault, match: fault.move(fault.path, match[1])),
    (re.compile(r"it is (?P<path>[\w.\[\]]+)(?: or [\w.\[\]]+)?(?: of (?P<tool>\w+))?"), _it_is),
    (re.compile(r"the field is (\w+)"), lambda fault, match: fault.move((match[1],))),
    (re.compile(r"join it to ([\w.]+), with a comma"), _join),
    (re.compile(r"put the whole name into ([\w.]+)"), lambda fault, match: fault.join(parse_path(match[1]), " ")),
    (re.compile(r"in minor units: [A-Z]{3} (?P<major>[\d.]+) is (?P<minor>\d+)"), _minor_units),
    (re.compile(r"send a JSON boolean"), _boolean),
    (re.compile(r"such as 1 or 2"), _whole_number),
    (re.compile(r"\b(?:send|give) (\w+) alone"), _alone),
    (re.compile(r"put every code into (\w+)"), _put_into_list),
    (re.compile(r"put it in quotes|send it as a string"), lambda fault, match: fault.set(str(fault.value))),
    (re.compile(r"give each code once"), lambda fault, match: fault.remove()),
    (re.compile(r"\buse at most (\d+)$"), _use_at_most),
    (re.compile(r"\bset it to true"), lambda fault, _match: fault.set(True)),
    (re.compile(r"\bset (?!it\b)(?P<name>\w+)"), _set),
    (re.compile(r"\b(?:leave|remove) (?P<out>it|\w+(?: and \w+)?)\b"), _leave_out),
]
"""What a suggestion can say. Where it says several things, the first is done."""
