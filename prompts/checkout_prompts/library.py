"""Reads the Markdown prompts of this package. A new file is a new prompt; no code changes.

A file starts with YAML front matter: ``name``, ``title``, ``description`` and ``arguments`` (each with ``name``,
``description`` and ``required``). In the body ``{{name}}`` stands for an argument's value.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

INSTRUCTIONS = "instructions.md"
VALUE_LIMIT = 2000
"""Characters of an argument's value that are kept."""

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}")


class PromptFileError(Exception):
    """A prompt file is malformed. The text names the file and the repair."""


class ArgumentError(Exception):
    """A prompt was asked for with the wrong arguments. The text names what the prompt takes."""


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """What a prompt's body needs."""

    name: str
    description: str
    required: bool


@dataclass(frozen=True, slots=True)
class PromptFile:
    """One Markdown file."""

    name: str
    title: str
    description: str
    arguments: tuple[PromptArgument, ...]
    body: str

    def render(self, given: Mapping[str, str]) -> str:
        """The body with the arguments' values in it; a value is text, whatever it looks like.

        Raises:
            ArgumentError: a required argument is missing, or one is given that the prompt does not take.
        """
        known = {argument.name for argument in self.arguments}
        missing = [
            argument.name
            for argument in self.arguments
            if argument.required and not _plain(given.get(argument.name, "")).strip()
        ]
        if missing:
            raise ArgumentError(f"The prompt needs the argument {' and '.join(missing)}.")
        if not known.issuperset(given):
            raise ArgumentError(f"The prompt takes no other arguments than {', '.join(sorted(known)) or 'none'}.")
        # One pass: a placeholder inside a value stays as it is.
        text = _PLACEHOLDER.sub(lambda match: _plain(given.get(match[1], "")), self.body)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _plain(value: str) -> str:
    """Without control, bidi and zero-width characters, at most ``VALUE_LIMIT`` characters."""
    kept = (" " if character.isspace() else character for character in value[: VALUE_LIMIT * 2])
    return "".join(character for character in kept if unicodedata.category(character)[0] != "C")[:VALUE_LIMIT]


def load_instructions() -> str:
    """The server's instructions."""
    return files("checkout_prompts").joinpath(INSTRUCTIONS).read_text(encoding="utf-8").strip()


def load_prompts() -> list[PromptFile]:
    """Every prompt of the package, by file name.

    Raises:
        PromptFileError: a file is malformed.
    """
    folder = files("checkout_prompts")
    names = sorted(
        entry.name for entry in folder.iterdir() if entry.name.endswith(".md") and entry.name != INSTRUCTIONS
    )
    return [parse_prompt(name, folder.joinpath(name).read_text(encoding="utf-8")) for name in names]


def parse_prompt(file_name: str, text: str) -> PromptFile:
    """A prompt from the text of its file.

    Raises:
        PromptFileError: the front matter is missing, or is not what a prompt needs.
    """
    import yaml

    match = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    if match is None:
        raise PromptFileError(f"{file_name} must start with front matter between two lines of ---.")
    try:
        front: Any = yaml.load(match[1], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
        prompt = PromptFile(
            name=_text(front["name"]),
            title=_text(front["title"]),
            description=_text(front["description"]),
            arguments=tuple(
                PromptArgument(_text(each["name"]), _text(each["description"]), each.get("required", False) is True)
                for each in front.get("arguments") or ()
            ),
            body=match[2],
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        raise PromptFileError(f"{file_name} needs name, title and description, and arguments as a list.") from None
    unknown = set(_PLACEHOLDER.findall(prompt.body)) - {argument.name for argument in prompt.arguments}
    if unknown:
        raise PromptFileError(f"{file_name} uses {', '.join(sorted(unknown))} without declaring it in arguments.")
    return prompt


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value
