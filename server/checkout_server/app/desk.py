"""Opens what the calls of a server need, and closes it in order."""

import asyncio
import functools
import hashlib
import importlib
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from checkout_server.checkout.account import MerchantAccount
from checkout_server.checkout.clock import LedgerClock
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Ledger, LedgerUnavailable
from checkout_server.checkout.ledger.key_probe import check_keys
from checkout_server.checkout.ledger.ledger_key import LedgerKey
from checkout_server.checkout.ledger.sqlite import SqliteLedger, default_path
from checkout_server.checkout.policy.document import load_policy
from checkout_server.checkout.principal import issuers_beside
from checkout_server.gateway.client import Gateway
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.personal_values.tripwire import in_flight
from checkout_server.privacy.sealing import SealBroken, Sealer, load_or_create_keys, parse_keys, spellings
from checkout_server.settings import Settings


@asynccontextmanager
async def open_desk(settings: Settings, *, serves: bool = True) -> AsyncGenerator[Desk]:
    """Open ledger, keys and gateway, and close them in order: creations in flight first.

    Args:
        settings: of the process.
        serves: whether it is a server; otherwise the ledger stays sealed with the keys that its servers have.

    Raises:
        LedgerUnavailable: the ledger cannot be used.
        KeyUnusable: a sealing key cannot be used.
        PolicyUnusable: the policy file cannot be used.
    """
    in_flight.keep_secret(*_passwords(settings))
    policy = load_policy(settings.policy_path, settings.environment, issuers=issuers_beside(settings.auth_issuer))
    path = settings.ledger_path or default_path()
    async with AsyncExitStack() as stack:
        ledger = await _open_ledger(settings.ledger_url, path)
        stack.push_async_callback(ledger.close)
        keys = (
            parse_keys(settings.secret_keys.get_secret_value())
            if settings.secret_keys is not None
            else load_or_create_keys(path.with_name(path.name + ".keys"))
        )
        in_flight.keep_secret(*(form for key in keys for form in spellings(key)))
        sealer = Sealer(keys)
        await check_keys(ledger, sealer, generated=settings.secret_keys is None, serves=serves)
        ledger_key = LedgerKey(ledger, sealer)
        if serves:
            await ledger_key.seal_again(generated=settings.secret_keys is None)
        # Left after the gateway, whose creations in flight are drained before.
        sandbox = await stack.enter_async_context(AsyncExitStack())
        kept = path.with_name(path.name + ".sandbox") if settings.ledger_url is None else None
        gateway = _gateway(settings, functools.partial(_start_sandbox, sandbox, kept, sealer))
        stack.push_async_callback(gateway.aclose)
        if settings.api_key is None and kept is not None and kept.exists():
            await stack.enter_async_context(_reopening_pages(gateway))
        clock = LedgerClock()
        await clock.read(ledger)
        desk = Desk(
            environment=settings.environment,
            gateway=gateway,
            ledger=ledger,
            sealer=sealer,
            account=_account(settings),
            ledger_key=ledger_key,
            common_policy=policy,
            clock=clock,
            public_url=settings.public_url,
        )
        stack.push_async_callback(desk.creations.drain)
        stack.push_async_callback(desk.upkeep.stop)
        stack.callback(desk.watches.stop)
        desk.purge_when_due()
        yield desk


def _account(settings: Settings) -> MerchantAccount:
    """By a digest of the API key, so that the ledger never holds it. No key of ours goes into the digest: it stays the
    same when those are rotated, and an API key is too random to be guessed from it."""
    if settings.api_key is None:
        return MerchantAccount(None)
    key = settings.api_key.get_secret_value().encode()
    return MerchantAccount(hashlib.sha256(b"checkout api key " + key).hexdigest())


def _passwords(settings: Settings) -> Iterator[str]:
    """The API key, the keys of webhooks, and the passwords of the ledger's URL, before its host or in its query."""
    if settings.api_key is not None:
        yield settings.api_key.get_secret_value()
    yield from settings.webhook_keys
    if settings.ledger_url is not None:
        with suppress(ValueError):
            url = urlsplit(settings.ledger_url.get_secret_value())
            yield unquote(url.password or "")
            query = parse_qs(url.query)
            yield from (word for name in ("password", "sslpassword") for word in query.get(name, []))


async def _open_ledger(url: SecretStr | None, path: Path) -> Ledger:
    if url is None:
        return await SqliteLedger.open(path)
    try:
        from checkout_server.checkout.ledger.postgres import PostgresLedger
    except ModuleNotFoundError:
        raise LedgerUnavailable(
            "CHECKOUT_LEDGER is a PostgreSQL URL, which needs the extra: install dodo-checkout-mcp[postgres]."
        ) from None
    return await PostgresLedger.open(url.get_secret_value())


def _gateway(settings: Settings, start_sandbox: Callable[[], Awaitable[str]]) -> Gateway:
    if settings.api_key is None:
        return Gateway(base_url=start_sandbox, api_key=SecretStr("sandbox"), trust_env=False)
    return Gateway(base_url=settings.base_url, api_key=settings.api_key)


async def _start_sandbox(stack: AsyncExitStack, kept: Path | None, sealer: Sealer) -> str:
    """Start the embedded sandbox, at the first call that needs it; its sessions are kept in a file if there is one.

    It listens on a real port, so that a person can open its hosted page.
    """
    from checkout_server.sandbox.embedded import running_kept_sandbox
    from checkout_server.sandbox.kept import SandboxFile, Seal
    from checkout_server.sandbox.listener import running_sandbox

    if kept is not None:
        seal = Seal(
            lambda content, context: sealer.seal(content, context=f"sandbox {context}"),
            lambda sealed, context: _opened(sealer, sealed, f"sandbox {context}"),
        )
        with suppress(OSError, sqlite3.Error):
            return await stack.enter_async_context(running_kept_sandbox(SandboxFile(kept, seal)))
    emit("sandbox.in_memory")
    return await stack.enter_async_context(running_sandbox())


def _opened(sealer: Sealer, sealed: bytes, context: str) -> bytes | None:
    with suppress(SealBroken):
        return sealer.open(sealed, context=context)
    return None


@asynccontextmanager
async def _reopening_pages(gateway: Gateway) -> AsyncGenerator[None]:
    """Serve the pages that were left open before a restart, whether or not a call comes."""

    async def reopen() -> None:
        await asyncio.to_thread(
            importlib.import_module, "checkout_server.sandbox.embedded"
        )  # a call may come meanwhile
        await gateway.connect()

    reopening = asyncio.create_task(reopen())
    try:
        yield
    finally:
        reopening.cancel()
        await asyncio.wait({reopening})
