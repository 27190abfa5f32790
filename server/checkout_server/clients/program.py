"""The command that starts this installation, today and after a cache was pruned."""

import json
import os
import shutil
import sys
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

PACKAGE = "dodo-checkout-mcp"
_EXTRAS = {"postgres": "asyncpg", "otel": "opentelemetry"}
"""Extra → a package that it brings."""


def lasting_command() -> tuple[str, ...]:
    """An environment in a cache, as ``uvx`` and ``pipx run`` make them, is named by what it was made from."""
    prefix = Path(sys.prefix)
    if any((folder / "CACHEDIR.TAG").exists() for folder in prefix.parents):  # an environment of uv has one itself
        uv = os.environ.get("UV") or shutil.which("uv") or "uv"
        return (uv, "tool", "run", "--from", _requirement(), PACKAGE)
    if (prefix / "pipx_metadata.json").exists() and prefix.parent.name != "venvs":
        return (shutil.which("pipx") or "pipx", "run", "--spec", _requirement(), PACKAGE)
    # The environment's own interpreter, not what it links to: that one would not find this package.
    return (str(Path(sys.executable).absolute()), "-m", "checkout_server")


def _requirement() -> str:
    """This package with its extras: the version, or the place from which it was installed (PEP 610)."""
    installed = distribution(PACKAGE)
    extras = ",".join(extra for extra, package in _EXTRAS.items() if find_spec(package))
    name = f"{PACKAGE}[{extras}]" if extras else PACKAGE
    origin = json.loads(installed.read_text("direct_url.json") or "{}")
    if not origin:
        return f"{name}=={installed.version}"
    url = _without_credentials(origin["url"])
    revision = origin.get("vcs_info")
    return f"{name} @ {revision['vcs']}+{url}@{revision['commit_id']}" if revision else f"{name} @ {url}"


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=host).geturl() if user != "git" else url
