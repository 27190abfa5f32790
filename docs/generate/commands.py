"""The command line, from the parsers that read it."""

import argparse
from collections.abc import Callable, Iterator
from typing import Any, cast

from checkout_server.cli.commands import COMMANDS
from docs.generate.markdown import code, table


def commands() -> str:
    """A section for each command."""
    return "\n\n".join(_section(name, *row[1:]) for name, row in COMMANDS.items())


def _section(name: str, summary: str, add_arguments: Callable[[argparse.ArgumentParser], None]) -> str:
    parser = argparse.ArgumentParser(prog=name, add_help=False)
    add_arguments(parser)
    lines = [f"### `{name}`", f"{summary[0].upper()}{summary[1:]}."]
    if rows := list(_rows(parser, "")):
        lines.append(table(("argument", "meaning"), rows))
    return "\n\n".join(lines)


def _rows(parser: argparse.ArgumentParser, before: str) -> Iterator[tuple[str, str]]:
    """Each argument, then those of the commands inside of this one."""
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage] - argparse has no public way to list them
        if isinstance(action, argparse._SubParsersAction):  # pyright: ignore[reportPrivateUsage] - the same
            choices = cast(dict[str, argparse.ArgumentParser], cast(Any, action).choices)
            for name, inner in choices.items():
                summaries = {each.dest: each.help for each in action._choices_actions}  # pyright: ignore[reportPrivateUsage] - the same
                yield code(f"{before}{name}"), summaries.get(name) or ""
                yield from (row for row in _rows(inner, f"{before}{name} ") if not row[0].endswith("-h, --help`"))
        elif action.help is not argparse.SUPPRESS:
            yield code(before + _spelling(action)), _meaning(action)


def _spelling(action: argparse.Action) -> str:
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if not action.option_strings:
        return f"[{value}]" if action.nargs in {"?", "*"} else value
    names = ", ".join(action.option_strings)
    return names if action.nargs == 0 else f"{names} {value}"


def _meaning(action: argparse.Action) -> str:
    choices = ", ".join(map(code, map(str, action.choices))) if action.choices else ""
    return ": ".join(filter(None, [action.help, choices]))
