"""Runs this project on a machine that has Python and nothing else: ``python3 run.py demo``, ``python3 run.py tests``.

It makes ``.venv``, installs what ``requirements/`` locks, by hash, and hands over: ``tests`` to pytest and anything
else to ``dodo-checkout-mcp``. The syntax is that of old Pythons, so that they say in a sentence that they are too old.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)
IN_PARALLEL = ["-n", "4", "--dist", "worksteal"]


def main(words: list[str]) -> int:
    """The exit code of what was run."""
    if not words:
        sys.exit("python3 run.py demo | tests [PYTEST'S OPTIONS] | any command of dodo-checkout-mcp")
    tests = words[0] == "tests"
    if not PYTHON.exists():
        make_environment()
    install("tests.txt" if tests else "server.txt")
    # The tests run where they are; a command keeps the folder, to which the paths in its arguments are relative.
    command = ["-m", "pytest", *(words[1:] or IN_PARALLEL)] if tests else ["-m", "checkout_server", *words]
    run_as = {} if tests else {"DODO_CHECKOUT_MCP_RUN_AS": "python3 run.py"}  # for what it says to run next
    environment = {**os.environ, **run_as}
    return subprocess.run([PYTHON, *command], cwd=HERE if tests else None, env=environment, check=False).returncode


def make_environment() -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if sys.version_info < OLDEST:
        sys.exit(f"This needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {version}.")
    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        sys.exit(f"This Python has no venv. On Debian and Ubuntu: apt install python{version}-venv")
    tell("Making .venv")
    subprocess.run([sys.executable, "-m", "venv", VENV], check=True)


def install(requirements: str) -> None:
    """What is there already stays, and then no network is needed."""
    if not runs("import pip"):  # uv makes environments without it
        subprocess.run([PYTHON, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    package = "import importlib.metadata; importlib.metadata.version('dodo-checkout-mcp')"
    if not runs(f"{package}; import pytest" if requirements == "tests.txt" else package):
        tell(f"Installing what requirements/{requirements} locks")
    # Python compiles what it uses; the rest, compiled, would take a third of the room.
    pip("--no-compile", "--require-hashes", "--requirement", HERE / "requirements" / requirements)
    if not runs(package):
        pip("--no-deps", "--editable", HERE)


def runs(statement: str) -> bool:
    return subprocess.run([PYTHON, "-c", statement], stderr=subprocess.DEVNULL, check=False).returncode == 0


def pip(*words: str | Path) -> None:
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words]
    if subprocess.run(command, check=False).returncode:
        sys.exit("pip could not install; what it said stands above.")


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
