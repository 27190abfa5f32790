"""The clients themselves read what ``install`` writes, and reach the server by it."""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from checkout_server.clients import configuration, entry
from checkout_server.clients.targets import TARGETS
from client_programs import PROGRAMS, ClientProgram, listed_servers, run_install, trust
from environments import environment_variables
from shops import http_server

ROOT = Path(__file__).parents[1]
SECRET_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE"  # noqa: S105 - made up

pytestmark = pytest.mark.timeout(300)
each_program = pytest.mark.parametrize(
    "program",
    [pytest.param(each, id=each.client, marks=pytest.mark.xdist_group(each.client)) for each in PROGRAMS],
)
on_linux_x64 = pytest.mark.skipif(
    not (sys.platform == "linux" and platform.machine() == "x86_64"),
    reason="the locked packages are programs for Linux on x86-64",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that the clients take for a project."""
    (tmp_path / "project" / ".git").mkdir(parents=True)
    return tmp_path / "project"


@pytest.mark.requirement("cli.install")
@on_linux_x64
@each_program
async def test_a_client_lists_the_entry_connects_and_forgets_it(
    program: ClientProgram, home: Path, project: Path
) -> None:
    settings = {"CHECKOUT_LEDGER": str(home / "ledger.db")}
    await run_install(home, project, "install", program.client, **settings)
    assert await listed_servers(program, home, project) == {"dodo-checkout": program.connects}
    await run_install(home, project, "uninstall", program.client)
    assert await listed_servers(program, home, project) == {}


@pytest.mark.requirement("cli.install")
@on_linux_x64
@each_program
async def test_a_client_reaches_a_running_server_by_its_entry(
    program: ClientProgram, home: Path, project: Path
) -> None:
    environment = environment_variables() | {"CHECKOUT_LEDGER": str(home / "ledger.db")}
    async with http_server(environment, home / "server.log") as url:
        await run_install(home, project, "install", program.client, "--http", url)
        assert await listed_servers(program, home, project) == {"dodo-checkout": program.connects}


@pytest.mark.requirement("cli.install")
@on_linux_x64
@each_program
async def test_a_project_names_its_secrets_and_the_client_fills_them_in(
    program: ClientProgram, home: Path, project: Path
) -> None:
    """The server would not start with the name of the variable in place of its key."""
    settings = {"CHECKOUT_LEDGER": str(home / "ledger.db"), "CHECKOUT_SECRET_KEYS": SECRET_KEY}
    if TARGETS[program.client].form.reference is None:
        del settings["CHECKOUT_SECRET_KEYS"]
    words = ("install", program.client, "--scope", "project", "--name", "in-project")
    await run_install(home, project, *words, **settings)
    trust(program, home, project)
    listed = await listed_servers(program, home, project, CHECKOUT_SECRET_KEYS=SECRET_KEY)
    agreed = program.client != "claude-code"  # which lists it as pending until a person agrees
    assert listed == {"in-project": program.connects and agreed}


@pytest.mark.requirement("cli.install_lasts")
async def test_the_entry_of_uvx_starts_after_its_cache_was_pruned(tmp_path: Path, home: Path) -> None:
    uv = shutil.which("uv")
    assert uv is not None
    environment = environment_variables() | {"UV_CACHE_DIR": str(tmp_path / "cache"), "HOME": str(home)}

    def run(*words: str) -> None:
        subprocess.run([uv, *words], cwd=ROOT, env=environment, check=True, capture_output=True)

    run("build", "--quiet", "--wheel", "--out-dir", str(tmp_path))
    [wheel] = tmp_path.glob("*.whl")  # noqa: ASYNC240 - of a folder of two files
    run("tool", "run", "--from", str(wheel), "dodo-checkout-mcp", "install", "cursor", "--yes")
    run("cache", "prune")
    cursor = TARGETS["cursor"]
    [ours] = configuration.our_entries(home / ".cursor" / "mcp.json", cursor).values()
    server = entry.read(ours, cursor.form)
    assert server is not None
    command, *arguments = server.command
    assert "archive-v0" not in " ".join(server.command)
    variables = environment | {"CHECKOUT_LEDGER": str(tmp_path / "ledger.db")}
    async with Client(stdio_client(StdioServerParameters(command=command, args=arguments, env=variables))) as client:
        assert "preview_checkout" in [tool.name for tool in (await client.list_tools()).tools]
