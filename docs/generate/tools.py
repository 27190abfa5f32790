"""The tools and prompts, from what is served."""

from collections.abc import Iterator
from typing import Any

from checkout_prompts.library import load_prompts
from checkout_schemas.published import definition
from checkout_server.checkout.policy.document import Policy
from checkout_server.tools.served import TOOLS
from docs.generate.markdown import code, table

_HINTS = {"readOnlyHint": "read-only", "destructiveHint": "destructive", "idempotentHint": "idempotent"}


def tools() -> str:
    """The first sentence of each tool's description, with its hints."""
    rows = [(code(tool.name), f"{tool.description.partition('. ')[0].rstrip('.')}.", _hints(tool)) for tool in TOOLS]
    return table(("tool", "what it does", "hints"), rows)


def _hints(tool: Any) -> str:
    annotations = definition(tool.name)["annotations"]
    words = [word for hint, word in _HINTS.items() if annotations[hint]]
    offered = "" if tool.is_offered(Policy()) else "; only where the policy offers it"
    return ", ".join(words) + offered


def fields() -> str:
    """A section for each tool: its description, what it takes and what it answers."""
    return "\n\n".join(_section(tool.name) for tool in TOOLS)


def _section(name: str) -> str:
    published = definition(name)
    takes, answers = published["inputSchema"], published["outputSchema"]
    takes_table = table(("argument", "type", "meaning"), _rows(takes)) if takes["properties"] else "It takes nothing."
    answers_table = table(("field", "type", "meaning"), [row for row in _rows(answers) if row[0] != "`error`"])
    return "\n\n".join(
        [f"### `{name}`", published["description"], takes_table, "The result (see the codes below for `error`):",
         answers_table]
    )  # fmt: skip


def _rows(schema: dict[str, Any], before: str = "") -> Iterator[tuple[str, str, str]]:
    """Every field at its path; those inside of an object follow it. Of ``error`` nothing inside is shown."""
    for name, field in schema.get("properties", {}).items():
        path, inner, kind = f"{before}{name}", field, field["type"]
        if kind == "array":
            path, inner, kind = f"{path}[]", field["items"], f"list of {field['items']['type']}"
        required = ", required" if name in schema.get("required", []) else ""
        yield code(path), kind + required, _meaning(field)
        if path != "error":
            yield from _rows(inner, f"{path}.")


def _meaning(field: dict[str, Any]) -> str:
    words = ", ".join(map(code, field.get("enum") or field.get("items", {}).get("enum") or ()))
    return ": ".join(filter(None, [field.get("description", ""), words]))


def prompts() -> str:
    rows = [
        (
            code(prompt.name),
            prompt.description,
            ", ".join(code(each.name) + ("" if each.required else " (optional)") for each in prompt.arguments),
        )
        for prompt in load_prompts()
    ]
    return table(("prompt", "what it does", "arguments"), rows)
