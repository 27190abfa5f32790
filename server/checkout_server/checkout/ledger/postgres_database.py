"""Connecting to the ledger's database: its schema and version, and what is wrong with it in words."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from itertools import chain
from typing import Any, NamedTuple

import asyncpg
from asyncpg.connect_utils import SessionAttribute
from asyncpg.exceptions import TargetServerAttributeNotMatched

from checkout_server.checkout.ledger import database
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.migrations import SCHEMA_VERSION, render_migrations
from checkout_server.checkout.ledger.postgres_sql import SCHEMA, WORDS

CONNECT_SECONDS = 5.0
"""How long a new connection may take."""
RELEASE_SECONDS = 1.0
"""How long a call that was given up waits until its statement is cancelled; then the connection is dropped."""
CONNECTIONS = 4
"""For what waits for nobody: reads, and steps that are not flushed."""
FLUSHING_CONNECTIONS = 2
"""For steps that wait for the disk, or for a standby that can be away."""
WAITING_CONNECTIONS = 2
"""For steps that wait for others' locks."""
IDLE_SECONDS = 15
"""How long a transaction may wait for its replica's next word before the server ends it, and gives back its locks. A
replica that was frozen, or whose machine is gone, would hold them for hours; one that works needs a round trip."""
STATEMENTS = 100
"""That a connection keeps planned: more than there are."""
_START_LOCK = 20260_1123
"""Replicas that start at once migrate one after the other."""

_MIGRATIONS = render_migrations(WORDS)
_BEFORE_THE_FIRST = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"CREATE TABLE {SCHEMA}.version (version integer NOT NULL)",
    f"INSERT INTO {SCHEMA}.version VALUES (0)",
)

_UNREACHABLE = "The ledger's database cannot be reached; check that it runs, the network and CHECKOUT_LEDGER."
_SLOW = "The ledger's database does not answer in time; check that it runs, its load and the network."
_READ_ONLY = "The ledger's database is read-only, as a standby is; name the primary in CHECKOUT_LEDGER."
_FULL = "The ledger's database has no connection left; raise its limit."
_SIGN_IN = "The ledger's database does not accept the user or password of CHECKOUT_LEDGER."
_NEWER = "The ledger was made by a newer version of this program; update the program, or set CHECKOUT_LEDGER."
_MAY_NOT_MIGRATE = (
    "The ledger was made by an older version, and the user of CHECKOUT_LEDGER may not migrate it; start once as the"
    f" owner of the schema {SCHEMA}, and grant the new tables."
)
_POOLED = "CHECKOUT_LEDGER leads to a pooler of connections since this server started; start the server again."
_OTHER = "The ledger's database reports an error; look into its log."

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,  # the server has become a standby
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # such as "cannot switch to state": the connection broke between two messages
    ConnectionError,
)
"""The connection is gone, or leads to where nothing can be written any more."""
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""Everything that asyncpg raises for causes other than a defect of ours."""

_SENTENCES: Mapping[type[BaseException], str] = {
    asyncpg.InvalidPasswordError: _SIGN_IN,
    asyncpg.InvalidAuthorizationSpecificationError: _SIGN_IN,
    asyncpg.InvalidCatalogNameError: "The database that CHECKOUT_LEDGER names does not exist; create it.",
    asyncpg.InsufficientPrivilegeError: (
        f"The user of CHECKOUT_LEDGER may not use the schema {SCHEMA}; grant it, or CREATE on the database."
    ),
    asyncpg.TooManyConnectionsError: _FULL,
    asyncpg.ReadOnlySQLTransactionError: _READ_ONLY,
    TargetServerAttributeNotMatched: _READ_ONLY,
    asyncpg.DiskFullError: "The disk of the ledger's database is full; free some space.",
    asyncpg.QueryCanceledError: _SLOW,
    asyncpg.LockNotAvailableError: _SLOW,
    asyncpg.OperatorInterventionError: _UNREACHABLE,
    asyncpg.CannotConnectNowError: _UNREACHABLE,
    ValueError: "CHECKOUT_LEDGER is not a PostgreSQL URL that can be understood.",
    asyncpg.PostgresError: _OTHER,
    ssl.SSLError: "The ledger's database refuses TLS as CHECKOUT_LEDGER asks for it; check sslmode and certificates.",
    TimeoutError: _SLOW,
}
"""By the nearest class of what was raised; everything else means that the connection is gone."""
_PASSING = frozenset({_UNREACHABLE, _SLOW, _READ_ONLY, _FULL})


def unavailable(error: BaseException) -> LedgerUnavailable:
    """The sentence for what asyncpg reports, without its own text, which names hosts and users."""
    nearest = next((kind for kind in type(error).__mro__ if kind in _SENTENCES), None)
    if nearest is None or isinstance(error, asyncpg.PostgresConnectionError):
        return LedgerUnavailable(_UNREACHABLE, may_pass=True)
    sentence = _SENTENCES[nearest]
    return LedgerUnavailable(sentence, may_pass=sentence in _PASSING)


class Pools(NamedTuple):
    """Connections to one database, so that whoever waits uses up none of who need not."""

    common: Any
    flushing: Any
    waiting: Any


async def open_pools(url: str) -> Pools:
    """Pools of connections to a database that holds this version's schema.

    Raises:
        LedgerUnavailable: the database cannot be used.
    """
    try:
        # A migration of a large ledger, or waiting for another replica's, takes as long as it takes.
        connection = await asyncpg.connect(url, **_options(keeps_statements=False, is_timed=False))
        try:
            await _set_up(connection)
            async with asyncio.timeout(database.CALL_SECONDS):
                keeps_statements = await _is_one_server(connection)
        finally:
            await connection.close(timeout=RELEASE_SECONDS)
    except (*FAILURES, ValueError) as error:
        raise unavailable(error) from None
    options = _options(keeps_statements=keeps_statements)
    return Pools(
        await _make_pool(url, CONNECTIONS, options),
        await _make_pool(url, FLUSHING_CONNECTIONS, options),
        await _make_pool(url, WAITING_CONNECTIONS, options),
    )


def _options(*, keeps_statements: bool, is_timed: bool = True) -> dict[str, Any]:
    return {
        "timeout": CONNECT_SECONDS,
        "command_timeout": database.CALL_SECONDS if is_timed else None,
        "statement_cache_size": STATEMENTS if keeps_statements else 0,
        "target_session_attrs": SessionAttribute.read_write,  # of several hosts, the one that is not a standby
        "server_settings": {"application_name": "dodo-checkout-mcp"},
    }


async def _make_pool(url: str, size: int, options: Mapping[str, Any]) -> Any:
    """It connects at the first use."""
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        init=_keep_plans if options["statement_cache_size"] else None,
        reset=_nothing_to_reset,
        **options,
    )


async def _is_one_server(connection: Any) -> bool:
    """Whether a connection stays with the server that it was made to.

    A pooler gives each transaction another one, which does not know what was prepared, or knows something else by its
    name. It also answers a new connection itself, and so with another process id than a server's own.
    """
    return await connection.fetchval("SELECT pg_backend_pid()") == connection.get_server_pid()


async def _keep_plans(connection: Any) -> None:
    """Have each statement planned once for this connection, where it stays with one server.

    By itself PostgreSQL plans a condition on a time anew at each execution, since it cannot know how much is newer than
    a moment; here an index leads to it whatever the moment, and planning took longer than the statement.
    """
    if not await _is_one_server(connection):
        raise LedgerUnavailable(_POOLED)
    await connection.execute("SET plan_cache_mode = force_generic_plan")


@asynccontextmanager
async def use_connection(pool: Any) -> AsyncGenerator[Any]:
    """A connection, which undoes a transaction that is left open."""
    connection = await pool.acquire()
    try:
        yield connection
    finally:
        await pool.release(connection, timeout=RELEASE_SECONDS)


async def close_pools(pools: Pools) -> None:
    """Close them. If the server does not answer, asyncpg drops its connections when the time is up."""
    with contextlib.suppress(*FAILURES):
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.gather(*(pool.close() for pool in pools))


async def _nothing_to_reset(_connection: Any) -> None:
    """Our transactions leave nothing behind, and a round trip after each of them is saved."""


async def _set_up(connection: Any) -> None:
    async with asyncio.timeout(database.CALL_SECONDS):
        if await connection.fetchval("SELECT current_setting('transaction_read_only')") == "on":
            raise LedgerUnavailable(_READ_ONLY, may_pass=True)
        version = await _find_version(connection)
    try:
        if version < SCHEMA_VERSION:
            version = await _migrate(connection)
    except asyncpg.InsufficientPrivilegeError:
        if version == 0:
            raise
        raise LedgerUnavailable(_MAY_NOT_MIGRATE) from None
    if version > SCHEMA_VERSION:
        raise LedgerUnavailable(_NEWER)


async def _migrate(connection: Any) -> int:
    """Bring the schema to this version, unless another replica has done so; the version that it then has."""
    async with connection.transaction():
        await connection.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _START_LOCK)
        version = await _find_version(connection)
        if version >= SCHEMA_VERSION:
            return version
        for statement in chain(() if version else _BEFORE_THE_FIRST, *_MIGRATIONS[version:]):
            await connection.execute(statement)
        await connection.execute(f"UPDATE {SCHEMA}.version SET version = $1", SCHEMA_VERSION)
    return SCHEMA_VERSION


async def _find_version(connection: Any) -> int:
    """The version of the schema, 0 if there is none."""
    # By the catalogue's rows, which are as new as the statement; to_regclass remembers across an advisory lock.
    exists = "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'version')"
    if not await connection.fetchval(exists, SCHEMA):
        return 0
    return await connection.fetchval(f"SELECT coalesce(max(version), 0) FROM {SCHEMA}.version")
