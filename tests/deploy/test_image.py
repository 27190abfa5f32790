"""The image: its steps are run in a plain folder, and what they made sells without writing beside its ledger."""

import fnmatch
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from mcp import Client

from deployed import ROOT, image_list, instructions, text_of
from documented import in_the_source_tree
from processes import own_environment
from served import running_serve

pytestmark = [pytest.mark.thorough, in_the_source_tree]

UV = shutil.which("uv")
CART = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}


def sent_to_the_builder(folder: Path) -> None:
    """What ``.dockerignore`` leaves of the repository's first level; it names nothing below that to keep."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert lines[1] == "*"
    for name in kept:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)


def build_stage() -> list[tuple[str, str]]:
    """From ``FROM python AS build`` to the next ``FROM``."""
    words = instructions()
    start = words.index(("FROM", "python AS build")) + 1
    end = next(place for place, (keyword, _) in enumerate(words[start:], start) if keyword == "FROM")
    return words[start:end]


def built(folder: Path) -> Path:
    """The folder that the steps of the build stage installed into."""
    context, source, app = folder / "context", folder / "src", folder / "app"
    context.mkdir()
    source.mkdir()
    sent_to_the_builder(context)
    environment: dict[str, str] = own_environment() | {"UV_PYTHON": sys.executable}
    environment.pop("VIRTUAL_ENV", None)
    for keyword, rest in build_stage():
        match keyword:
            case "ENV":
                pairs = (pair.split("=") for pair in rest.split())
                environment |= {name: value.replace("/app", str(app)) for name, value in pairs}
            case "COPY" if not rest.startswith("--from="):
                *names, target = rest.split()
                for name in names:
                    copy(context / name, source / target)
            case "RUN":
                done = subprocess.run(
                    ["/bin/sh", "-c", rest], cwd=source, env=environment, capture_output=True, text=True, check=False
                )  # fmt: skip
                assert done.returncode == 0, done.stderr
            case _:
                assert (keyword, rest) in {("WORKDIR", "/src")} or rest.startswith("--from=ghcr.io/astral-sh/uv:")
    return app


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def everything_in(folder: Path) -> Mapping[str, float]:
    return {str(path): path.lstat().st_mtime for path in folder.rglob("*")}


@pytest.mark.requirement("deploy.image")
@pytest.mark.skipif(UV is None, reason="no uv: the image is built with it")
@pytest.mark.timeout(300)
async def test_the_steps_make_a_compiled_server_without_development_tools_that_writes_nothing_of_its_own(
    tmp_path: Path,
) -> None:
    app = built(tmp_path)
    packages = next(app.glob("lib/python*/site-packages"))
    for name in ("asyncpg", "prometheus_client", "opentelemetry/sdk", "checkout_server", "checkout_schemas/json"):
        assert (packages / name).is_dir(), name
    for name in ("pytest", "ruff", "playwright", "dodopayments"):
        assert not (packages / name).exists(), name
    sources = [path for path in (packages / "checkout_server").rglob("*.py") if path.stat().st_size]
    assert sources
    for path in sources:
        assert any((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc")), path.name
    before = everything_in(app)
    home, data = tmp_path / "home", tmp_path / "data"
    home.mkdir()
    data.mkdir()
    path = {"PATH": f"{app / 'bin'}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    environment = own_environment() | path | {"HOME": str(home), "XDG_DATA_HOME": str(data)}
    program = [str(app / "bin" / image_list("ENTRYPOINT")[0])]
    async with running_serve(environment, "--metrics-port", "0", program=program) as server:
        async with Client(server.urls["mcp"]) as client:
            preview = (await client.call_tool("preview_checkout", CART)).structured_content or {}
            result = await client.call_tool("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert not result.is_error
        healthy = health_check(server.urls["mcp"], environment)
    assert healthy == 0
    assert health_check(server.urls["mcp"], environment) != 0  # it has ended
    assert everything_in(app) == before
    assert everything_in(home) == {}
    assert everything_in(data) != {}


def health_check(url: str, environment: Mapping[str, str]) -> int:
    """The exit status of the image's health check, asked of another port."""
    check = next(words for keyword, words in instructions() if keyword == "HEALTHCHECK")
    command = check.partition("CMD ")[2].replace("http://127.0.0.1:8000", url.removesuffix("/mcp"))
    return subprocess.run(json.loads(command), env=dict(environment), capture_output=True, check=False).returncode


@pytest.mark.requirement("deploy.image")
def test_the_image_runs_as_nobody_special_and_serves() -> None:
    final = instructions()[
        len(instructions()) - 1 - [keyword for keyword, _ in reversed(instructions())].index("FROM") :
    ]
    assert ("USER", "10001:10001") in final
    assert image_list("ENTRYPOINT") == ["dodo-checkout-mcp"]
    assert image_list("CMD")[0] == "serve"


@pytest.mark.requirement("deploy.image")
@pytest.mark.parametrize("name", [".env", "ledger.db", "ledger.db.keys", "deploy/.env", ".git", "tests"])
def test_nothing_that_can_hold_a_key_is_sent_to_the_builder(name: str) -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert lines[1] == "*"
    assert not any(fnmatch.fnmatch(name, each) or name.startswith(f"{each}/") for each in kept)


@pytest.mark.requirement("deploy.image")
def test_every_base_image_has_a_version() -> None:
    images = [line.split()[1] for line in text_of("Dockerfile").splitlines() if line.startswith("FROM ")]
    assert [image for image in images if ":" not in image and image != "python"] == []
