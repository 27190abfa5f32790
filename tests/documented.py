"""What stands in the documents: fenced blocks, with the marked region that they lie in."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from docs.generate.documents import ROOT, documents

in_the_source_tree = pytest.mark.skipif(
    not (ROOT / "server").is_dir(), reason="names files of the source tree; this one has the built package instead"
)
_REGION = re.compile(r"<!-- (?P<name>[a-z-]+)(?:: (?P<word>\w+).*|:begin) -->")
_END = re.compile(r"<!-- (?:end|[a-z]+:end) -->")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block."""

    document: str
    """Its path in the repository."""
    line: int
    heading: str
    """The nearest one above."""
    language: str
    text: str
    region: str | None
    """What is around it: ``generated``, or nothing."""

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def _regions(text: str) -> dict[int, str]:
    """Line → what its region is; a table that a benchmark writes is generated too."""
    found: dict[int, str] = {}
    word: str | None = None
    for number, line in enumerate(text.split("\n")):
        if match := _REGION.match(line):
            word = match["name"] if match["word"] not in {None, "generated"} else "generated"
        elif _END.match(line):
            word = None
        elif word is not None:
            found[number] = word
    return found


@cache
def tokens_of(path: Path) -> list[Any]:
    return list(MarkdownIt().parse(path.read_text(encoding="utf-8")))


def fences_of(path: Path) -> list[Fence]:
    regions = _regions(path.read_text(encoding="utf-8"))
    found: list[Fence] = []
    heading, headings = "", {token.map[0] for token in tokens_of(path) if token.type == "heading_open"}
    for token in tokens_of(path):
        if token.type == "inline" and token.map[0] in headings:
            heading = token.content
        elif token.type in {"fence", "code_block"}:
            line = token.map[0]
            found.append(
                Fence(
                    path.relative_to(ROOT).as_posix(), line + 1, heading, token.info.strip(), token.content,
                    regions.get(line),
                )
            )  # fmt: skip
    return found


def fences(*languages: str) -> list[Fence]:
    """Those of every document that nothing generates, in these languages."""
    all_of_them = [fence for path in documents() for fence in fences_of(path)]
    return [each for each in all_of_them if each.region != "generated" and each.language in languages]
