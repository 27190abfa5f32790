"""The server's rooms: a list by their own words, and the layers that import-linter holds, as Mermaid draws them."""

import ast
import re
import tomllib
from itertools import pairwise
from pathlib import Path

from checkout_server import __file__ as package
from docs.generate.markdown import code, table

SERVER = Path(package).parent
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
_LAYERS = "layers of the server"


def rooms() -> str:
    contracts = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    [layers] = [
        [re.sub("checkout_server.", "", layer).split(" | ") for layer in contract["layers"]]
        for contract in contracts
        if contract["name"] == _LAYERS
    ]
    layered = {room for layer in layers for room in layer}
    beside = sorted(
        each.stem
        for each in SERVER.iterdir()
        if each.stem not in layered and not each.name.startswith("_") and each.suffix in {"", ".py"}
    )
    arrows = [f"  {above} --> {below}" for upper, lower in pairwise(layers) for above in upper for below in lower]
    return "\n".join(["```mermaid", "graph TD", *arrows, *(f"  {room}" for room in beside), "```"])


def room_list() -> str:
    """Each package of the server, those inside of another after it."""
    inits = sorted(SERVER.rglob("*/__init__.py"), key=lambda path: path.parent.parts)
    return table(("room", "what it is"), [(code(f"{_name(init)}/"), _words_of(init)) for init in inits])


def _name(init: Path) -> str:
    return init.parent.relative_to(SERVER).as_posix()


def _words_of(init: Path) -> str:
    """The first paragraph of a package's docstring."""
    words = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    return " ".join(words.partition("\n\n")[0].split()).replace("``", "`")
