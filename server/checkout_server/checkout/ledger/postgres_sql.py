"""The ledger's SQL as PostgreSQL takes it."""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from checkout_server.checkout.ledger.fragments import Step

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


_UNFLUSHED = ", set_config('synchronous_commit', 'off', true)"
"""Of the transaction in which it is selected."""


@functools.cache
def as_one_statement(step: Step, *, flushed: bool) -> str:
    """A step with its consequences, still to be translated: one statement, and so one round trip."""
    names = ("step", *(f"consequence_{number}" for number, _ in enumerate(step.consequences)))
    parts = ", ".join(f"{name} AS ({text})" for name, text in zip(names, (step.text, *step.consequences), strict=True))
    return f"WITH {parts} SELECT step.*{'' if flushed else _UNFLUSHED} FROM step"


def begin(locks: Sequence[str], *, idle_seconds: int) -> str:
    """Begin a transaction that holds locks until it ends, as one message without parameters.

    The next statement sees what the holders before have committed. The server ends the transaction, and with it the
    locks, when nothing more comes for ``idle_seconds``.
    """
    idle = f"SET LOCAL idle_in_transaction_session_timeout = '{idle_seconds}s'; "
    return f"BEGIN ISOLATION LEVEL READ COMMITTED; {idle}" + "; ".join(
        # Hexadecimal digits, whatever the name holds, need no quoting.
        f"SELECT pg_advisory_xact_lock(hashtextextended(convert_from(decode('{name.encode().hex()}', 'hex'), 'UTF8'),"
        " 20261))"
        for name in locks
    )
