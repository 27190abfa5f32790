"""JSON Schemas in the portable profile: what every known client and model adapter accepts.

One string ``type`` on every node; no ``$ref``, ``anyOf``, null, default, title or boolean
``additionalProperties``; each published constraint repeated in the description, for the clients that drop
constraint keywords.

An output schema promises less still: no ``required``, no ``enum``, plain objects in lists, and an optional ``error``.
Hosts built on the TypeScript SDK 1.x validate the structured content of a refusal too, and throw away what does not
fit: the model then never reads why it was refused.

The reasons, client by client, are in docs/adr/0002-portable-json-schema.md.
"""

from typing import Any

from pydantic import BaseModel, Field, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import CoreSchema

UNADVERTISED: Any = Field(json_schema_extra={"x-unadvertised": True})
"""Marks a field that is accepted, or given, and not published."""


def published_as_json_text(description: str) -> WithJsonSchema:
    """The published schema of a free object, whose description says what the object holds.

    It is taken as an object too. Adapters for Gemini turn an object schema without properties into a string, or fail on
    it; every one keeps a string.
    """
    return WithJsonSchema({"type": "string", "description": f"JSON object: {description}"})


_LARGEST_PUBLISHED = 10**6
"""Bounds above it are limits of number types, not of the domain."""

_BOUNDS = (  # keyword of the lower bound, of the upper bound, unit
    ("minimum", "maximum", ""),
    ("minItems", "maxItems", " items"),
    ("minLength", "maxLength", " characters"),
)


class PortableJsonSchema(GenerateJsonSchema):
    """Generates the portable profile."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> dict[str, Any]:
        full = super().generate(schema, mode)
        # A model's docstring is for its readers in Python; the tool has a description of its own.
        full.pop("description", None)
        return _portable(full, full.get("$defs", {}), promises=mode == "validation")


def _portable(node: dict[str, Any], definitions: dict[str, Any], *, promises: bool) -> dict[str, Any]:
    """One node in the portable profile. A description beside a ``$ref`` or ``anyOf`` is the field's own.

    Args:
        promises: whether ``required``, ``enum`` and the insides of list items are published.
    """
    own = node.get("description")
    branches = [branch for branch in node.get("anyOf", ()) if branch.get("type") != "null"]
    if len(branches) == 1:
        node = branches[0]
        own = own or (None if "$ref" in node else node.get("description"))
    if "$ref" in node:
        node = definitions[node["$ref"].removeprefix("#/$defs/")]
    if "const" in node:
        node = {**node, "enum": [node["const"]]}
    if not isinstance(node.get("type"), str):
        raise TypeError("this field has no single JSON type and cannot be published")
    constraints, words = _constraints(node)
    description = f"{own} ({words})" if own and words else own or words
    result: dict[str, Any] = {"type": node["type"]}
    if description:
        result["description"] = description
    if promises and "enum" in node:
        result["enum"] = node["enum"]
    if "properties" in node:
        result["properties"] = {
            name: _portable(child, definitions, promises=promises)
            for name, child in node["properties"].items()
            if not child.get("x-unadvertised")
        }
    if promises and node.get("required"):
        result["required"] = node["required"]
    if "items" in node:
        item = _portable(node["items"], definitions, promises=promises)
        result["items"] = item if promises else {"type": item["type"]}
    return result | constraints


def _constraints(node: dict[str, Any]) -> tuple[dict[str, int], str]:
    """The constraint keywords worth publishing, and the same in words."""
    published: dict[str, int] = {}
    words: list[str] = []
    for lower, upper, unit in _BOUNDS:
        low, high = node.get(lower), node.get(upper)
        if high is not None and high <= _LARGEST_PUBLISHED:
            published |= {lower: low, upper: high} if low else {upper: high}
            words.append(f"{low}–{high}{unit}" if low is not None else f"at most {high}{unit}")
        elif low and upper != "maxLength":
            published[lower] = low
            words.append(f"at least {low}{unit}")
    return published, ", ".join(words)


def input_schema(request: type[BaseModel]) -> dict[str, Any]:
    """The published schema of a tool's arguments."""
    return request.model_json_schema(schema_generator=PortableJsonSchema, mode="validation")


def output_schema(result: type[BaseModel], error: type[BaseModel]) -> dict[str, Any]:
    """The published schema of a tool's structured content: a result, or ``{"error": …}`` when the call is refused."""
    schema, refusal = (
        model.model_json_schema(schema_generator=PortableJsonSchema, mode="serialization") for model in (result, error)
    )
    schema["properties"]["error"] = refusal
    return schema
