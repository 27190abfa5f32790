"""Asking pyright what it thinks of a piece of code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOTS = [str(Path(__file__).parents[1] / root) for root in ("server", "schemas", "prompts")]


def wrong_lines(code: str, folder: Path) -> list[int]:
    """The lines of some code in which pyright, strict, finds an error; counted from 0."""
    (folder / "code.py").write_text(code)
    settings = folder / "pyrightconfig.json"
    settings.write_text(json.dumps({"include": ["code.py"], "extraPaths": ROOTS, "strict": ["code.py"]}))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", settings],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "No module named pyright" in done.stderr:
        pytest.skip("no pyright: uv sync --group lint")
    found = json.loads(done.stdout)["generalDiagnostics"]
    return sorted({each["range"]["start"]["line"] for each in found if each["severity"] == "error"})
