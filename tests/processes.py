"""Server processes of the tests."""

import os
from pathlib import Path


def server_environment(ledger: Path, upstream_url: str | None, **extra: str) -> dict[str, str]:
    """The environment of a server process: nothing of the tester's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DODO_PAYMENTS_", "CHECKOUT_"))}
    upstream = {"DODO_PAYMENTS_API_KEY": "test_key", "DODO_PAYMENTS_BASE_URL": upstream_url} if upstream_url else {}
    return kept | upstream | {"CHECKOUT_LEDGER": str(ledger)} | extra
