"""The ledger's SQL as PostgreSQL takes it."""

import functools
import re
from typing import NamedTuple

SCHEMA = "dodo_checkout"
"""Ours alone. Every statement names it, so that no search_path can lead elsewhere."""

WORDS = {
    "schema": f"{SCHEMA}.",
    "text": "text",
    "bytes": "bytea",
    "amount": "bigint",
    "count": "integer",
    "time": "double precision",
    "flag": "boolean",
    "id": "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,",
    "strict": "",
}
"""What the migrations leave to the database."""

_TOKEN = re.compile(
    r"""
    (?P<kept>     '(?:[^']|'')*' | "(?:[^"]|"")*" | :: )
    | /\*pg\s (?P<ours> .*? ) \*/
    | \b(?P<word> main\. | rowid\b )
    | : (?P<name> [a-z_]+ )
    """,
    re.VERBOSE,
)
_WORD = {"main.": f"{SCHEMA}.", "rowid": "id"}


class Translated(NamedTuple):
    """A statement with ``$1``, ``$2`` and so on, and which parameter each of them is."""

    text: str
    names: tuple[str, ...]


@functools.cache
def translate(statement: str) -> Translated:
    """Put one of ``statements.py`` into PostgreSQL's words. Quoted text and ``::`` casts stay as they are."""
    names: list[str] = []

    def translated(token: re.Match[str]) -> str:
        if (name := token["name"]) is not None:
            if name not in names:
                names.append(name)
            return f"${names.index(name) + 1}"
        return token["kept"] or token["ours"] or _WORD[token["word"]]

    return Translated(_TOKEN.sub(translated, statement), tuple(names))
