"""What stands in a client's configuration for this server, and what of it may be shown."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

MASK = "********"
SHOWN = frozenset({
    "DODO_PAYMENTS_ENVIRONMENT",
    "CHECKOUT_LOG_FORMAT",
    "CHECKOUT_LOG_LEVEL",
    "CHECKOUT_READ_ONLY",
})  # fmt: skip
"""Variables whose values are words of ours. Any other may be a key, or a URL or path with something private in it."""

_SHOWN_WORDS = frozenset(
    "test_mode live_mode json text debug info warning error critical true false yes no on off 1 0".split()
)
_PROGRAMS = frozenset("dodo-checkout-mcp checkout_server python python3 uv uvx pipx npx run -m".split())

_MARKS = ("checkout_server", "dodo-checkout-mcp")
_PREFIXES = ("DODO_PAYMENTS_", "CHECKOUT_")


def built(extra: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, Any]:
    """The entry that starts this installation with these settings."""
    # The environment's own interpreter, not what it links to: that one would not find this package.
    command = str(Path(sys.executable).absolute())
    return {**extra, "command": command, "args": ["-m", "checkout_server"], "env": dict(settings)}


def is_ours(entry: object) -> bool:
    """Whether an entry starts this server, from whichever installation."""
    if not isinstance(entry, dict):
        return False
    fields = cast(dict[str, Any], entry)
    args: Any = fields.get("args")
    words = [fields.get("command"), *(cast(list[Any], args) if isinstance(args, list) else [])]
    return any(mark in word for word in words if isinstance(word, str) for mark in _MARKS)


def merged(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, Any]:
    """The new entry; keys of the client's (a time-out, an approval) and variables of others stay from the old one."""
    old = old or {}
    env: Any = old.get("env")
    variables = cast(dict[str, Any], env) if isinstance(env, dict) else {}
    others = {key: value for key, value in variables.items() if not key.startswith(_PREFIXES)}
    return {**old, **new, "env": {**others, **new["env"]}}


def has_secret(entry: Mapping[str, Any]) -> bool:
    """Whether the file that holds the entry is its owner's alone."""
    return not SHOWN.issuperset(entry["env"])


def displayed(
    old: Mapping[str, Any] | None, new: Mapping[str, Any]
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
    """Both entries as they may be printed: what we write, with masks for values, and a word where they differ."""
    before = _env(old or {})
    after = _env(new)
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    shown = {**new, "env": {name: _masked(name, value, name in changed) for name, value in after.items()}}
    written = {key: shown[key] for key in ("type", "command", "args", "env") if key in shown}
    if old is None:
        return None, written
    known = {str(each) for key in written.keys() - {"env"} for each in _words(new[key])}
    was = {key: _known(old[key], known) for key in written if key in old and key != "env"}
    return {**was, "env": {name: _masked(name, value) for name, value in before.items()}}, written


def _words(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _known(value: Any, known: set[str]) -> Any:
    """What an older entry says, as far as it is ours or a plain program: a key may stand among its arguments."""
    if isinstance(value, list):
        return [_known(each, known) for each in cast(list[Any], value)]
    text = str(value)
    program = re.split(r"[/\\]", text)[-1].removesuffix(".exe") if not re.search(r"[\s=]", text) else ""
    plain = text in known or program in _PROGRAMS
    return value if plain else MASK


def _env(entry: Mapping[str, Any]) -> dict[str, Any]:
    env: Any = entry.get("env")
    return cast(dict[str, Any], env) if isinstance(env, dict) else {}


def _masked(name: str, value: Any, changed: bool = False) -> Any:
    if name in SHOWN and str(value).lower() in _SHOWN_WORDS:
        return value
    return f"{MASK} (changed)" if changed else MASK
