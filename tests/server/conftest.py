"""A server in memory over an upstream, and a PostgreSQL for the tests that need one."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import postgres


@pytest.fixture
def sell(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[tuple[Any, Any]]]:
    """Opens a client of a server in memory over an upstream, and the server's desk."""

    @asynccontextmanager
    async def selling(url: str, *, policy: str = "") -> AsyncGenerator[tuple[Any, Any]]:
        from mcp import Client

        from checkout_server.app import build_server, open_desk
        from checkout_server.settings import load_settings

        (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
        settings = load_settings(
            DODO_PAYMENTS_API_KEY="test_key",
            DODO_PAYMENTS_BASE_URL=url,
            CHECKOUT_LEDGER=str(tmp_path / "ledger.db"),
            CHECKOUT_POLICY=str(tmp_path / "policy.toml"),
        )
        async with open_desk(settings) as desk, Client(build_server(desk)) as client:
            yield client, desk

    return selling


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL that no test stops."""
    with postgres.start_or_skip("shared") as server:
        yield server


@pytest.fixture
async def empty_url(postgres_server: Any) -> str:
    return await postgres.empty_database(postgres_server)
