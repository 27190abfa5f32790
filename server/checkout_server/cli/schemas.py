"""``schemas``: writes each tool's whole definition to ``schemas/json/``, sorted, for review and comparison."""

import argparse
import json
from pathlib import Path
from typing import Any

from checkout_schemas.errors import ErrorBody
from checkout_schemas.json_schema import input_schema, output_schema
from checkout_server.privacy.logs.lines import say

COMMAND = "uv run dodo-checkout-mcp schemas"
FOLDER = Path("schemas/json")


def definitions() -> dict[str, str]:
    """File name → content, one file a tool."""
    from checkout_server.tools.served import TOOLS

    return {f"{tool.name}.json": _text(tool) for tool in TOOLS}


def _text(tool: Any) -> str:
    content = {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "annotations": tool.annotations.model_dump(by_alias=True, exclude_none=True),
        "inputSchema": input_schema(tool.request),
        "outputSchema": output_schema(tool.result, ErrorBody),
    }
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _check_against_metaschema(files: dict[str, str]) -> None:
    from jsonschema import Draft202012Validator

    for text in files.values():
        for key in ("inputSchema", "outputSchema"):
            Draft202012Validator.check_schema(json.loads(text)[key])


def run(arguments: argparse.Namespace) -> int:
    if not FOLDER.parent.joinpath("checkout_schemas").is_dir():
        say("Run this in the project's root folder: schemas/checkout_schemas is not here.")
        return 2
    files = definitions()
    _check_against_metaschema(files)
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.json"))}
    differing = sorted(name for name in files.keys() | on_disk.keys() if files.get(name) != on_disk.get(name))
    if arguments.check:
        for name in differing:
            say(f"{FOLDER / name} differs from the models; run: {COMMAND}")
        return 1 if differing else 0
    FOLDER.mkdir(exist_ok=True)
    for name in differing:
        if name in files:
            (FOLDER / name).write_text(files[name], encoding="utf-8", newline="\n")
        else:
            (FOLDER / name).unlink()
        print(f"{FOLDER / name}")
    return 0
