"""A module with one change, and the changes that are known to survive, each with its reason."""

import tomllib
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("survivors.toml")


class Mutant(NamedTuple):
    """A module with one change."""

    module: str
    line: int
    code: str
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}\n    - {self.was}\n    + {self.becomes}"


class Survivor(NamedTuple):
    """A change, by its words and not by its place, and why it lives on."""

    module: str
    was: str
    becomes: str
    reason: str


def known() -> list[Survivor]:
    return [Survivor(**each) for each in tomllib.loads(FILE.read_text(encoding="utf-8"))["survivor"]]


def reason_of(mutant: Mutant, survivors: list[Survivor]) -> str | None:
    words = mutant.module, mutant.was, mutant.becomes
    return next((each.reason for each in survivors if each[:3] == words), None)
