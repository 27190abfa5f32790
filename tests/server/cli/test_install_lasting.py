"""What ``install`` writes still starts the server when the cache from which it ran is gone."""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from checkout_server.clients import program

VERSION = version("dodo-checkout-mcp")


class Distribution:
    """This package as an installer records it."""

    version = VERSION

    def __init__(self, origin: Any) -> None:
        self.origin = origin

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self.origin is None else json.dumps(self.origin)


def lasting_command(
    prefix: Path, monkeypatch: pytest.MonkeyPatch, origin: Any = None, extras: tuple[str, ...] = ()
) -> tuple[str, ...]:
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(program, "distribution", lambda _name: Distribution(origin))
    monkeypatch.setattr(program, "find_spec", lambda name: name if name in extras else None)
    monkeypatch.setattr(program.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setenv("UV", "/opt/uv")
    return program.lasting_command()


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    """An environment as ``uvx`` makes it, in a cache that is tagged as one."""
    (tmp_path / "CACHEDIR.TAG").touch()
    environment = tmp_path / "archive-v0" / "abc"
    environment.mkdir(parents=True)
    return environment


@pytest.mark.requirement("cli.install_lasts")
def test_from_uvx_the_entry_names_the_version(cached: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = ("/opt/uv", "tool", "run", "--from", f"dodo-checkout-mcp=={VERSION}", "dodo-checkout-mcp")
    assert lasting_command(cached, monkeypatch) == expected
    monkeypatch.delenv("UV")
    assert program.lasting_command()[0] == "/usr/bin/uv"


@pytest.mark.requirement("cli.install_lasts")
@pytest.mark.parametrize(
    ("origin", "extras", "requirement"),
    [
        (None, ("asyncpg",), f"dodo-checkout-mcp[postgres]=={VERSION}"),
        (
            {"url": "https://u:hunter2@h/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            ("asyncpg", "opentelemetry"),
            "dodo-checkout-mcp[postgres,otel] @ git+https://h/r.git@abc",
        ),
        (
            {"url": "ssh://git@h/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            (),
            "dodo-checkout-mcp @ git+ssh://git@h/r.git@abc",
        ),
        ({"url": "file:///x/y.whl", "archive_info": {}}, (), "dodo-checkout-mcp @ file:///x/y.whl"),
    ],
)
def test_from_elsewhere_it_names_that_place_without_credentials(
    origin: Any, extras: tuple[str, ...], requirement: str, cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lasting_command(cached, monkeypatch, origin, extras)[4] == requirement


@pytest.mark.requirement("cli.install_lasts")
def test_from_pipx_run_the_entry_names_the_version_and_from_pipx_install_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, installed = tmp_path / "pipx" / "0123456789abcde", tmp_path / "pipx" / "venvs" / "dodo-checkout-mcp"
    for environment in (run, installed):
        environment.mkdir(parents=True)
        (environment / "pipx_metadata.json").touch()
    expected = ("/usr/bin/pipx", "run", "--spec", f"dodo-checkout-mcp=={VERSION}", "dodo-checkout-mcp")
    assert lasting_command(run, monkeypatch) == expected
    assert lasting_command(installed, monkeypatch) == (sys.executable, "-m", "checkout_server")


@pytest.mark.requirement("cli.install_lasts")
def test_an_environment_that_uv_made_for_a_project_is_named_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "CACHEDIR.TAG").touch()  # so that backups leave it out
    assert lasting_command(tmp_path / ".venv", monkeypatch) == (sys.executable, "-m", "checkout_server")
