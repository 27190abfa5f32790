"""What stands in the answers of tools: all of it in words, and the rows that are known by some."""

import re
from typing import Any, cast


def in_words(answer: Any) -> str:
    """Every text of an answer, but for ids: an agent that shows the buyer all."""
    if isinstance(answer, dict):
        named = cast(dict[str, Any], answer)
        return "\n".join(in_words(each) for name, each in named.items() if not name.endswith("_id"))
    if isinstance(answer, list):
        return "\n".join(in_words(each) for each in cast(list[Any], answer))
    return str(answer)


def rows_with(value: Any, name: str) -> list[dict[str, Any]]:
    """Every object of the answers that has a field of this name, and something beside it."""
    rows: list[dict[str, Any]] = []
    if isinstance(value, dict):
        entries = cast(dict[str, Any], value)
        if isinstance(entries.get(name), str) and len(entries) > 1 and "lines" not in entries:
            rows.append(entries)
        value = list(entries.values())
    if isinstance(value, list):
        rows += [row for each in cast(list[Any], value) for row in rows_with(each, name)]
    return rows


def best_rows(rows: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """The rows that have the most of the words, if they have any."""
    most = max((_count(row, words) for row in rows), default=0)
    return [row for row in rows if most and _count(row, words) == most]


def has_all_words(row: dict[str, Any], words: str) -> bool:
    return _count(row, words) == len(_words_of(words))


def _count(row: dict[str, Any], words: str) -> int:
    """How many of the words stand in a row."""
    texts = (each for name, each in row.items() if isinstance(each, str) and not name.endswith("_id"))
    return len(_words_of(words) & _words_of(" ".join(texts)))


def _words_of(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
