"""PostgreSQL for the tests of the ledger that break it."""

from collections.abc import Iterator
from typing import Any

import pytest

import postgres


@pytest.fixture
def own_server() -> Iterator[Any]:
    """A PostgreSQL that the test may stop."""
    with postgres.start_or_skip(f"own-{postgres.WORKER}") as server:
        yield server
