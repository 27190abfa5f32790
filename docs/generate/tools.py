"""The tools and prompts, from what is served."""

from collections.abc import Iterator
from typing import Any

from checkout_prompts.library import load_prompts
from checkout_schemas.published import definition
from checkout_server.authorization.scopes import SCOPE_OF_ARGUMENT, SCOPE_OF_TOOL
from checkout_server.checkout.policy.document import Policy
from checkout_server.checkout.principal import Scope
from checkout_server.tools.definition import ToolDefinition
from checkout_server.tools.served import TOOLS
from docs.generate.markdown import code, table
from docs.generate.results import result_rows

_HINTS = {"readOnlyHint": "read-only", "destructiveHint": "destructive", "idempotentHint": "idempotent"}


def tools() -> str:
    """The first sentence of each tool's description, with its hints."""
    rows = [(code(tool.name), f"{tool.description.partition('. ')[0].rstrip('.')}.", _hints(tool)) for tool in TOOLS]
    return table(("tool", "what it does", "hints"), rows)


def _hints(tool: ToolDefinition) -> str:
    annotations = definition(tool.name)["annotations"]
    words = [word for hint, word in _HINTS.items() if annotations[hint]]
    offered = "" if tool.is_offered(Policy()) else "; only where the policy offers it"
    return ", ".join(words) + offered


def fields() -> str:
    """A section for each tool: its description, what it takes and what it answers."""
    return "\n\n".join(map(_section, TOOLS))


def _section(tool: ToolDefinition) -> str:
    takes = table(("argument", "type", "meaning"), _rows(definition(tool.name)["inputSchema"]))
    answers = table(("field of the result", "type", "meaning"), result_rows(tool.result))
    return "\n\n".join([f"### `{tool.name}`", tool.description, takes, answers])


def _rows(schema: dict[str, Any], before: str = "") -> Iterator[tuple[str, str, str]]:
    """Every field at its path; those inside of an object follow it."""
    for name, field in schema.get("properties", {}).items():
        path, inner, kind = f"{before}{name}", field, field["type"]
        if kind == "array":
            path, inner, kind = f"{path}[]", field["items"], f"list of {field['items']['type']}"
        required = ", required" if name in schema.get("required", []) else ""
        yield code(path), kind + required, _meaning(field)
        yield from _rows(inner, f"{path}.")


def _meaning(field: dict[str, Any]) -> str:
    words = ", ".join(map(code, field.get("enum") or field.get("items", {}).get("enum") or ()))
    return ": ".join(filter(None, [field.get("description", ""), words]))


def scopes() -> str:
    """What each scope of a token allows."""
    rows = [(code(scope), ", ".join([*_tools_under(scope), *_arguments_under(scope)])) for scope in Scope]
    return table(("scope", "allows"), rows)


def _tools_under(scope: Scope) -> Iterator[str]:
    return (code(tool.name) for tool in TOOLS if SCOPE_OF_TOOL[tool.name] == scope)


def _arguments_under(scope: Scope) -> Iterator[str]:
    for tool, arguments in SCOPE_OF_ARGUMENT.items():
        if names := [code(name) for name, needed in arguments.items() if needed == scope]:
            yield f"{' and '.join(names)} of {code(tool)}"


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
