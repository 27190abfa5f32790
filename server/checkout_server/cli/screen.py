"""What commands print for a person: coloured and fitted to a terminal, plain lines anywhere else."""

import os
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, Protocol

MOST_COLUMNS = 100
_GAP = 2
"""Columns between two columns of a table."""

Style = Literal["heading", "name", "good", "bad", "person", "quiet"]
_COLOURS: dict[Style, str] = {
    "heading": "bold",
    "name": "cyan",
    "good": "green",
    "bad": "bold red",
    "person": "magenta",
    "quiet": "dim",
}


class Styled(NamedTuple):
    """A part of a line that stands out on a terminal."""

    text: str
    style: Style


Piece = str | Styled


class Screen(Protocol):
    """Where a command prints."""

    is_terminal: bool

    def write(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        """One paragraph, its pieces one after another. Continued lines are indented by ``hang`` more."""
        ...

    def table(self, rows: Iterable[Sequence[Piece]], *, right: frozenset[int] = frozenset(), indent: int = 0) -> None:
        """Rows in aligned columns, those of ``right`` flush right."""
        ...


def open_screen() -> Screen:
    """stdout, as a terminal or as plain text."""
    if sys.stdout.isatty():
        return _Terminal()
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:  # an encoding that lacks a character stops no report
        reconfigure(errors="backslashreplace")
    return _Plain()


class _Nowhere:
    is_terminal = False

    def write(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        return

    def table(self, rows: Iterable[Sequence[Piece]], *, right: frozenset[int] = frozenset(), indent: int = 0) -> None:
        return


NOWHERE: Screen = _Nowhere()
"""For a command that prints something else."""


class _Plain:
    is_terminal = False

    def write(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        text = "".join(map(_text, pieces))
        first, others = " " * indent, " " * (indent + hang)
        print(textwrap.fill(text, MOST_COLUMNS, initial_indent=first, subsequent_indent=others), flush=True)

    def table(self, rows: Iterable[Sequence[Piece]], *, right: frozenset[int] = frozenset(), indent: int = 0) -> None:
        """Unlike a paragraph, a row stays on one line: programs read them."""
        cells = [[_text(each) for each in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for row in cells:
            aligned = (
                each.rjust(width) if place in right else each.ljust(width)
                for place, (each, width) in enumerate(zip(row, widths, strict=True))
            )
            print(" " * indent + (" " * _GAP).join(aligned).rstrip(), flush=True)


class _Terminal:
    """By ``rich``, which is imported here alone. Without colours where NO_COLOR or the terminal asks for none."""

    is_terminal = True

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(
            highlight=False, markup=False, emoji=False, color_system=None if os.environ.get("NO_COLOR") else "auto"
        )
        self._console.width = min(self._console.width, MOST_COLUMNS)

    def write(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        from rich.text import Text

        text = Text.assemble(*map(_rich, pieces))
        for place, line in enumerate(text.wrap(self._console, self._console.width - indent - hang) or [text]):
            line.rstrip()
            margin = Text(" " * (indent + (hang if place else 0)))
            self._console.print(margin + line, no_wrap=True, overflow="ignore", crop=False)

    def table(self, rows: Iterable[Sequence[Piece]], *, right: frozenset[int] = frozenset(), indent: int = 0) -> None:
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, _GAP, 0, 0))
        for place, row in enumerate(rows):
            if not place:
                for column in range(len(row)):
                    table.add_column(justify="right" if column in right else "left", overflow="fold")
            table.add_row(*(Text.assemble(_rich(each)) for each in row))
        self._console.print(Padding(table, (0, 0, 0, indent), expand=False))


def _text(piece: Piece) -> str:
    return piece.text if isinstance(piece, Styled) else piece


def _rich(piece: Piece) -> tuple[str, str]:
    return (piece.text, _COLOURS[piece.style]) if isinstance(piece, Styled) else (piece, "")
