"""PostgreSQL for the tests of the ledger and of what stands on it."""

from collections.abc import Iterator
from typing import Any

import pytest

import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL that no test stops."""
    with started("shared") as server:
        yield server


@pytest.fixture
async def empty_url(postgres_server: Any) -> str:
    return await postgres.empty_database(postgres_server)


@pytest.fixture
def own_server() -> Iterator[Any]:
    """A PostgreSQL that the test may stop."""
    with started(f"own-{postgres.WORKER}") as server:
        yield server


def started(name: str) -> Any:
    if lacking := postgres.lacking():
        pytest.skip(lacking)
    return postgres.start(name)
