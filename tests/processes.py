"""Server processes of the tests."""

import os
import subprocess
import sys
from pathlib import Path


def own_environment() -> dict[str, str]:
    """The tester's environment without what this server reads from it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("DODO_", "CHECKOUT_"))}


def server_environment(ledger: Path, upstream_url: str | None, **extra: str) -> dict[str, str]:
    """The environment of a server process: nothing of the tester's own settings."""
    upstream = {"DODO_PAYMENTS_API_KEY": "test_key", "DODO_PAYMENTS_BASE_URL": upstream_url} if upstream_url else {}
    return own_environment() | upstream | {"CHECKOUT_LEDGER": str(ledger)} | extra


def run(*arguments: str, folder: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command with these settings, to its end."""
    return run_with(settings, *arguments, folder=folder)


def run_with(settings: dict[str, str], *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    ledger = {"CHECKOUT_LEDGER": str(folder / "ledger.db")} if folder else {}
    return subprocess.run(
        [sys.executable, "-m", "checkout_server", *arguments],
        env=own_environment() | ledger | settings,
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
