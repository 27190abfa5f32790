"""What stands in a client's configuration for this server, and what of it may be shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from checkout_server.clients.targets import Form

NAME = "dodo-checkout"
"""Of the entry, unless its owner chose another."""

MASK = "********"
SHOWN = frozenset({
    "DODO_PAYMENTS_ENVIRONMENT",
    "CHECKOUT_LOG_FORMAT",
    "CHECKOUT_LOG_LEVEL",
    "CHECKOUT_READ_ONLY",
})  # fmt: skip
"""Variables whose values are words of ours. Any other may be a key, or a URL or path with something private in it."""

PATHS = frozenset({"CHECKOUT_LEDGER", "CHECKOUT_POLICY"})
"""Variables whose values are paths, unless they are URLs."""

_SHOWN_WORDS = frozenset(
    "test_mode live_mode json text debug info warning error critical true false yes no on off 1 0".split()
)
_PROGRAMS = frozenset("dodo-checkout-mcp checkout_server python python3 uv uvx pipx npx run tool -m --from".split())

_MARKS = ("checkout_server", "dodo-checkout-mcp")
_PREFIXES = ("DODO_PAYMENTS_", "CHECKOUT_")


@dataclass(frozen=True, slots=True)
class Server:
    """How a client reaches this server: a command that it starts, or a URL."""

    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    url: str | None = None


def written(server: Server, form: Form, name: str) -> dict[str, Any]:
    """The entry in the client's own form."""
    first: dict[str, Any] = {"name": name} if form.named else {}
    if server.url is not None and form.url is not None:
        return first | dict(form.remote) | {form.url: server.url} | dict(form.defaults)
    program, *arguments = server.command
    together = form.args == form.command
    words = {form.command: [program, *arguments]} if together else {form.command: program, form.args: arguments}
    return first | dict(form.local) | words | {form.env: dict(server.env)} | dict(form.defaults)


def read(entry: object, form: Form) -> Server | None:
    """What an entry of a client's file says, as far as it is text; None when it is no entry."""
    if not isinstance(entry, dict):
        return None
    fields = cast(dict[str, Any], entry)
    words = [each for key in dict.fromkeys((form.command, form.args)) for each in _words(fields.get(key))]
    url = fields.get(form.url) if form.url else None
    return Server(
        tuple(word for word in words if isinstance(word, str)),
        {name: str(value) for name, value in _table(fields.get(form.env)).items()},
        url if isinstance(url, str) else None,
    )


def is_ours(entry: object, form: Form, name: str) -> bool:
    """Whether an entry starts this server, from whichever installation. A URL is ours by the entry's name."""
    server = read(entry, form)
    if server is None:
        return False
    return any(mark in word for word in server.command for mark in _MARKS) or (server.url is not None and name == NAME)


def merged(old: Mapping[str, Any] | None, new: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """The new entry; keys of the client's (a time-out, an approval) and variables of others stay from the old one."""
    if old is None:
        return dict(new)
    ours = {"name", form.command, form.args, form.env, form.url, *form.local, *form.remote}
    entry = {key: new.get(key, value) for key, value in old.items() if key in new or key not in ours}
    entry |= {key: old[key] for key in form.defaults if key in old}
    entry |= {key: value for key, value in new.items() if key not in entry}
    if form.env in new:
        others = {key: each for key, each in _table(old.get(form.env)).items() if not key.startswith(_PREFIXES)}
        entry[form.env] = {**others, **new[form.env]}
    return entry


def may_be_shared(name: str, value: str) -> bool:
    """Whether a setting may stand in a file that others read: words of ours, and paths."""
    return name in SHOWN or (name in PATHS and "://" not in value)


def has_secret(entry: Mapping[str, Any], form: Form) -> bool:
    """Whether the file that holds the entry is its owner's alone."""
    return not SHOWN.issuperset(_table(entry.get(form.env)))


def displayed(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, form: Form
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Both entries as they may be printed: what we write, with masks for values, and a word where they differ."""
    before, after = _table((old or {}).get(form.env)), _table((new or {}).get(form.env))
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    constants = [*form.local.items(), *form.remote.items(), *form.defaults.items()]
    ours = {"name", form.command, form.args, form.url or "", *(key for key, _ in constants)}
    values = [NAME, *(value for _, value in constants), *(value for key, value in (new or {}).items() if key in ours)]
    known = {str(word) for value in values for word in _words(value)}

    def shown(entry: Mapping[str, Any], changed: set[str]) -> Mapping[str, Any]:
        env = {name: _masked(name, value, name in changed) for name, value in _table(entry.get(form.env)).items()}
        words = {key: _known(value, known) for key, value in entry.items() if key in ours}
        return words | ({form.env: env} if form.env in entry else {})

    return None if old is None else shown(old, set()), None if new is None else shown(new, changed)


def _words(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _table(value: Any) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _known(value: Any, known: set[str]) -> Any:
    """What an older entry says, as far as it is ours or a plain program: a key may stand among its arguments."""
    if isinstance(value, list):
        return [_known(each, known) for each in cast(list[Any], value)]
    text = str(value)
    program = re.split(r"[/\\]", text)[-1].removesuffix(".exe") if not re.search(r"[\s=]", text) else ""
    plain = text in known or program in _PROGRAMS
    return value if plain else MASK


def _masked(name: str, value: Any, changed: bool = False) -> Any:
    if name in SHOWN and str(value).lower() in _SHOWN_WORDS:
        return value
    return f"{MASK} (changed)" if changed else MASK
