"""The picture of the server's rooms: the layers that import-linter holds, as Mermaid draws them."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

from checkout_server import __file__ as package

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
        for each in Path(package).parent.iterdir()
        if each.stem not in layered and not each.name.startswith("_") and each.suffix in {"", ".py"}
    )
    arrows = [f"  {above} --> {below}" for upper, lower in pairwise(layers) for above in upper for below in lower]
    return "\n".join(["```mermaid", "graph TD", *arrows, *(f"  {room}" for room in beside), "```"])
