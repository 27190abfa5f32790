"""What adapters of other people make of the published input schemas."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkout_schemas.published import definition
from checkout_server.tools.served import TOOLS
from clients import output_of
from environments import LLAMA_INDEX, MCP_1, MCP_2, TYPESCRIPT, Environment, installed

PROGRAMS: tuple[tuple[Environment, str], ...] = (
    (MCP_2, "converters_mcp_2.py"),
    (MCP_1, "converters_crewai.py"),
    (LLAMA_INDEX, "converters_llama_index.py"),
    (TYPESCRIPT, "converters.mjs"),
)

WHOLE = "whole"
"""The outcome of a converter that keeps every field with its type, and says nothing."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What one converter made of one tool."""

    converter: str
    tool: str
    schema: Any
    error: str | None
    warnings: tuple[str, ...]

    def is_refused_as_strict(self) -> bool:
        """Whether a strict mode makes a schema that the provider's strict mode does not take.

        OpenAI takes objects that require each of their properties and no other; Anthropic such as take no other.
        """
        if not self.converter.endswith(", strict") or self.schema is None:
            return False
        objects = [node for node in _nodes(self.schema, self.schema) if node.get("properties")]
        open_ones = [node for node in objects if node.get("additionalProperties") is not False]
        optional = [node for node in objects if set(node["properties"]) != set(node.get("required", ()))]
        return bool(open_ones or (optional and "openai" in self.converter.lower()))

    def losses(self) -> list[str]:
        """Published fields that the converted schema lacks, or has with another type; as dotted paths."""
        published = dict(_fields(definition(self.tool)["inputSchema"]))
        converted = dict(_fields(self.schema)) if self.schema is not None else {}
        return [path for path, kinds in published.items() if not kinds <= converted.get(path, frozenset())]


def outcome(conversions: Sequence[Conversion]) -> str:
    """What one converter makes of all tools, in a few words; the first of these that holds for any tool."""
    lost = [path for each in conversions for path in each.losses()]
    if any(each.error for each in conversions):
        return "fails"
    if any(each.is_refused_as_strict() for each in conversions):
        return "makes no strict schema"
    if lost:
        return "loses fields inside objects" if all("." in path for path in lost) else "loses fields"
    warned = sorted({warning for each in conversions for warning in each.warnings})
    return f"warns: {'; '.join(warned)}" if warned else WHOLE


def by_converter(conversions: Sequence[Conversion]) -> dict[str, list[Conversion]]:
    """In the order in which they ran."""
    found: dict[str, list[Conversion]] = {}
    for conversion in conversions:
        found.setdefault(conversion.converter, []).append(conversion)
    return found


async def run_converters(folder: Path) -> list[Conversion]:
    """Every converter over every published tool."""
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"tools": [definition(tool.name) for tool in TOOLS]}), encoding="utf-8")
    conversions: list[Conversion] = []
    for environment, program in PROGRAMS:
        command = environment.command(await installed(environment), program)
        rows = json.loads(await output_of([*command, plan], folder, CREWAI_DISABLE_TELEMETRY="true"))
        conversions += [Conversion(**row | {"warnings": tuple(row["warnings"])}) for row in rows]
    return conversions


def _fields(schema: Any, path: str = "", root: Any = None) -> Iterator[tuple[str, frozenset[str]]]:
    """Dotted path → the types that a field allows; null beside them when it may be null."""
    root = schema if root is None else root
    branches = list(_branches(schema, root))
    kinds = frozenset(kind.lower() for branch in branches for kind in _types(branch))
    if path:
        yield path, kinds
    for branch in branches:
        for name, child in (branch.get("properties") or {}).items():
            yield from _fields(child, f"{path}.{name}" if path else name, root)
        if branch.get("items"):
            yield from _fields(branch["items"], f"{path}[]", root)


def _nodes(schema: Any, root: Any) -> Iterator[Any]:
    for branch in _branches(schema, root):
        yield branch
        below = [*(branch.get("properties") or {}).values(), *([branch["items"]] if branch.get("items") else [])]
        for child in below:
            yield from _nodes(child, root)


def _branches(schema: Any, root: Any) -> Iterator[Any]:
    """A schema, or what stands behind its reference or in its alternatives."""
    if "$ref" in schema:
        *_, name = schema["$ref"].split("/")
        schema = schema | (root.get("$defs") or root.get("definitions"))[name]
    alternatives = next((schema[key] for key in ("anyOf", "any_of", "oneOf", "allOf") if schema.get(key)), None)
    if alternatives is None:
        yield schema
    else:
        for alternative in alternatives:
            yield from _branches(alternative, root)


def _types(schema: Any) -> list[str]:
    kind = schema.get("type", "string" if "enum" in schema else [])
    return kind if isinstance(kind, list) else [kind]
