"""The contract on disk: portable, small, described, and equal to the models."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from checkout_server.checkout.policy.document import Policy
from checkout_server.cli.schemas import COMMAND, definitions
from checkout_server.tools.served import TOOLS, offered_tools

ROOT = Path(__file__).parents[2]
DEFINITIONS = {name.removesuffix(".json"): json.loads(text) for name, text in definitions().items()}
MAIN = ("preview_checkout", "create_checkout_session")


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    if "items" in schema:
        yield from nodes(schema["items"], f"{path}[]")


def schemas() -> list[Any]:
    return [
        pytest.param(definition[key], id=f"{name}-{key}")
        for name, definition in DEFINITIONS.items()
        for key in ("inputSchema", "outputSchema")
    ]


SHOWN_TO_A_MODEL = ("name", "description", "inputSchema")


def tokens(*names: str, keys: tuple[str, ...] = ()) -> int:
    """o200k tokens of tool definitions as they stand in a tools/list answer, or of some of their keys."""
    import bpe_openai  # loads its vocabularies, which takes a second

    parts = [{key: DEFINITIONS[name][key] for key in keys or DEFINITIONS[name]} for name in names]
    wire = [json.dumps(part, separators=(",", ":"), ensure_ascii=False) for part in parts]
    encoding = bpe_openai.get_encoding("o200k_base")
    return sum(len(list(encoding.encode(text))) for text in wire)


@pytest.mark.requirement("schema.published")
def test_the_files_are_what_the_models_say() -> None:
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "schemas" / "json").glob("*.json")}
    assert on_disk == definitions(), f"run: {COMMAND}"


@pytest.mark.requirement("schema.portable")
@pytest.mark.parametrize("schema", schemas())
def test_a_published_schema_is_valid_and_portable(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    allowed = {"type", "description", "properties", "required", "items", "enum"}
    bounds = {"minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength"}
    for path, node in nodes(schema):
        assert node.keys() <= allowed | bounds, path
        assert isinstance(node["type"], str), path
        assert ("items" in node) == (node["type"] == "array"), path
        for bound in bounds & node.keys():
            assert str(node[bound]) in node["description"], f"{path}: {bound} is not repeated in words"
    assert schema["type"] == "object"


@pytest.mark.requirement("schema.portable")
def test_no_object_without_properties_is_published_in_an_input() -> None:
    """Adapters turn one into a string, into nothing, or fail."""
    bare = [
        f"{name}{path}"
        for name, definition in DEFINITIONS.items()
        for path, node in nodes(definition["inputSchema"])
        if node["type"] == "object" and not node.get("properties")
    ]
    assert bare == []


@pytest.mark.requirement("schema.portable")
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_says_what_when_and_what_next(tool: Any) -> None:
    assert len(tool.description) <= 1024
    assert "Use it" in tool.description
    assert any(other.name in tool.description for other in TOOLS if other is not tool)
    hints = DEFINITIONS[tool.name]["annotations"]
    assert hints.keys() == {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    assert hints["readOnlyHint"] is not tool.creates


@pytest.mark.requirement("schema.portable")
def test_a_deprecated_field_is_accepted_and_not_advertised() -> None:
    from checkout_schemas.requests.preview_checkout import PreviewCheckout

    assert "discount_code" in PreviewCheckout.model_fields
    assert "discount_code" not in DEFINITIONS["preview_checkout"]["inputSchema"]["properties"]


@pytest.mark.requirement("schema.portable")
def test_every_flag_is_published_or_named_in_the_description() -> None:
    from checkout_schemas.requests.create_checkout_session import FeatureFlags

    flags = DEFINITIONS["create_checkout_session"]["inputSchema"]["properties"]["feature_flags"]
    prefix, listed = flags["description"].removeprefix("also ").split("…: true or false, for ")
    named = [prefix + name for name in listed.split(", ")]
    assert sorted([*flags["properties"], *named]) == sorted(FeatureFlags.model_fields)


@pytest.mark.requirement("schema.no_overlap")
def test_no_field_exists_in_both_main_tools() -> None:
    preview, create = (DEFINITIONS[name]["inputSchema"]["properties"].keys() for name in MAIN)
    assert preview & create == set()


@pytest.mark.requirement("schema.tokens")
def test_the_tools_fit_their_token_budget() -> None:
    offered = [tool.name for tool in offered_tools(Policy(), read_only=False)]
    assert tokens(*MAIN) <= 1820
    assert tokens(*offered) <= 2280
    assert tokens(*MAIN, keys=SHOWN_TO_A_MODEL) <= 1330
    assert tokens(*offered, keys=SHOWN_TO_A_MODEL) <= 1540
