"""``run.py`` says what a machine lacks, and installs what uv.lock locks."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import postgres
from checkout_server.cli.program import RUN_AS

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([\w.-]+)==([^ \\]+)", re.MULTILINE)
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
DIRECT = next(package for package in LOCK if package["name"] == "dodo-checkout-mcp")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script on a machine on which nothing was installed yet."""
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PYTHON", tmp_path / "python")
    return module


@pytest.mark.requirement("run.locked")
@pytest.mark.parametrize(
    ("file", "direct"),
    [("server.txt", DIRECT["dependencies"]), ("tests.txt", DIRECT["dependencies"] + DIRECT["dev-dependencies"]["dev"])],
)
def test_the_requirements_are_those_of_the_lock_file(file: str, direct: list[dict[str, Any]]) -> None:
    pinned = dict(PIN.findall((ROOT / "requirements" / file).read_text(encoding="utf-8")))
    locked = {package["name"]: package["version"] for package in LOCK if package["name"] in pinned}
    assert pinned == locked, "run: .ci/lock-requirements"
    assert {each["name"] for each in direct} - pinned.keys() == set(), "run: .ci/lock-requirements"
    assert (file == "tests.txt") == ("pytest" in pinned)


@pytest.mark.requirement("run.fresh")
def test_a_python_without_venv_is_told_which_package_has_it(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with pytest.raises(SystemExit, match=f"On Debian and Ubuntu: apt install python{version}-venv$"):
        run.main(["demo"])


@pytest.mark.requirement("run.fresh")
def test_a_python_that_is_too_old_is_told_so(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"^This needs Python 3\.11 or newer; this is 3\.9\.$"):
        run.main(["demo"])


@pytest.mark.requirement("tests.not_run")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no root")
def test_root_without_useradd_is_told_how_to_run_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwall", list)
    monkeypatch.setattr(shutil, "which", lambda _name, path: None)
    assert "run the tests as another user" in (postgres.lacking() or "")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert postgres.lacking() is None


@pytest.mark.requirement("run.fresh")
def test_the_program_knows_how_it_is_run_in_a_clone(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, str]] = []
    monkeypatch.setattr(run, "install", lambda _requirements: None)
    monkeypatch.setattr(run, "make_environment", lambda: None)

    def remember(_command: list[Any], *, env: dict[str, str], **_rest: Any) -> subprocess.CompletedProcess[bytes]:
        started.append(env)
        return subprocess.CompletedProcess([], 0)

    monkeypatch.setattr(run.subprocess, "run", remember)
    run.main(["demo"])
    assert started[0][RUN_AS] == "python3 run.py"
