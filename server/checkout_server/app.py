"""Builds the MCP server, and opens what its calls need."""

import asyncio
import functools
import hashlib
import importlib
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.connection import Connection
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp.server.mcpserver.tools import Tool
from mcp.server.request_state import RequestStateSecurity
from mcp.server.runner import serve_one
from mcp.shared.dispatcher import DispatchContext
from mcp.shared.exceptions import MCPError
from mcp.shared.transport_context import TransportContext
from mcp_types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult
from mcp_types import Prompt as MCPPrompt
from mcp_types import Tool as MCPTool
from pydantic import AnyUrl, SecretStr

from checkout_prompts.library import load_instructions
from checkout_server.checkout.account import MerchantAccount
from checkout_server.checkout.clock import LedgerClock
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Ledger, LedgerUnavailable
from checkout_server.checkout.ledger.key_probe import check_keys
from checkout_server.checkout.ledger.sqlite import SqliteLedger, default_path
from checkout_server.checkout.policy.document import load_policy
from checkout_server.checkout.principals import Principals
from checkout_server.checkout.quote.preview import UNUSED_LIFE
from checkout_server.gateway.client import Gateway
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.personal_values.arguments import texts_of
from checkout_server.privacy.personal_values.tripwire import in_flight
from checkout_server.privacy.sealing import SealBroken, Sealer, load_or_create_keys, parse_keys, spellings
from checkout_server.prompts import build_prompts
from checkout_server.settings import Settings
from checkout_server.tools.caller import desk_of_call
from checkout_server.tools.definition import ContractTool, build_tool
from checkout_server.tools.served import offered_tools

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

SERVER_NAME = "dodo-checkout"
CACHE_HINTS: Mapping[CacheableMethod, CacheHint] = {
    "tools/list": CacheHint(ttl_ms=3_600_000, scope="private"),
    "prompts/list": CacheHint(ttl_ms=3_600_000, scope="private"),
}
"""Neither list changes while the process lives. An hour, since a client may outlive it; not shared between users, since
what a server offers depends on who asks."""


class CheckoutServer(MCPServer[Any]):
    """An MCPServer that lists to each caller what they may call, answers an unknown tool, prompt or resource as the
    protocol's error, and repeats nothing of the call."""

    def __init__(self, desk: Desk, tools: Sequence[ContractTool], **options: Any) -> None:
        super().__init__(SERVER_NAME, tools=list[Tool](tools), **options)
        self._lowlevel_server.get_tool_input_schema = _no_headers_of_arguments
        self._desk = desk
        self._tools = tools

    async def list_tools(self) -> list[MCPTool]:
        desk = desk_of_call(self._desk)
        listed = {each.name: each for each in await super().list_tools()}
        return [
            listed[tool.name].model_copy(update=tool.published(desk)) for tool in self._tools if tool.is_offered(desk)
        ]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        if self._tool_manager.get_tool(name) is None:
            raise MCPError(INVALID_PARAMS, "Unknown tool. tools/list names the ones that exist.")
        with in_flight.request(texts_of(arguments)):
            return await super().call_tool(name, arguments, context)

    async def list_prompts(self) -> list[MCPPrompt]:
        self._load_prompts()
        return await super().list_prompts()

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        self._load_prompts()
        if self._prompt_manager.get_prompt(name) is None:
            raise MCPError(INVALID_PARAMS, "Unknown prompt. prompts/list names the ones that exist.")
        with in_flight.request(texts_of(arguments)):
            return await super().get_prompt(name, arguments, context)

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Any, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        try:
            return await super().read_resource(uri, context)
        except ResourceNotFoundError:  # its text and its data hold the URI
            raise MCPError(INVALID_PARAMS, "Unknown resource. resources/list names the ones that exist.") from None

    async def run_over(self, messages: Any, answers: Any) -> None:
        """Serve one client over two streams of the SDK's, until the first ends."""
        server = self._lowlevel_server
        await server.run(messages, answers, server.create_initialization_options())

    async def answer_alone(
        self, exchange: DispatchContext[TransportContext], version: str, method: str, params: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """The result of a request that belongs to no session.

        Raises:
            Exception: whatever the SDK raises for one that it refuses.
        """
        connection = Connection.from_envelope(version, None, None)
        server = self._lowlevel_server
        return await serve_one(server, exchange, method, params, connection=connection, lifespan_state={})

    def http_sessions(self, *, max_body: int) -> "StreamableHTTPSessionManager":
        """What answers requests over HTTP in sessions of the older era, which live in this process, and those of the
        newer one."""
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
        from mcp.server.transport_security import TransportSecuritySettings

        return StreamableHTTPSessionManager(
            self._lowlevel_server,
            # The SDK compares names by their beginnings, so that it is told to leave that to us.
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
            max_request_body_size=max_body,
        )

    def _load_prompts(self) -> None:
        """At the first request for one: reading YAML is a tenth of the start-up that is ours."""
        if not self._prompt_manager.list_prompts():
            for prompt in build_prompts():
                self.add_prompt(prompt)


def _no_headers_of_arguments(_tool: str) -> None:
    """No schema of ours names a header for an argument (``x-mcp-header``), so the SDK need not search them at each
    call."""


def build_server(desk: Desk, *, read_only: bool = False) -> CheckoutServer:
    """The server with its tools, prompts and instructions, over an open desk."""
    tools = [build_tool(each, desk) for each in offered_tools(desk.policy, read_only=read_only)]
    # As long as a preview is remembered: a late yes is told that the preview has expired, and not that a seal has.
    sealed = RequestStateSecurity(
        keys=desk.sealer.derived_keys("request state"), ttl=desk.policy.preview.ttl_seconds + UNUSED_LIFE
    )
    return CheckoutServer(
        desk,
        tools,
        title="Dodo Payments checkout",
        version=version("dodo-checkout-mcp"),
        instructions=load_instructions(),
        log_level="WARNING",
        request_state_security=sealed,
        cache_hints=CACHE_HINTS,
        subscriptions=False,
    )


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncGenerator[Desk]:
    """Open ledger, keys and gateway, and close them in order: creations in flight first.

    Raises:
        LedgerUnavailable: the ledger cannot be used.
        KeyUnusable: a sealing key cannot be used.
        PolicyUnusable: the policy file cannot be used.
    """
    in_flight.keep_secret(*_passwords(settings))
    policy = load_policy(settings.policy_path, settings.environment)
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
        await check_keys(ledger, sealer, generated=settings.secret_keys is None)
        principals = Principals(ledger, sealer)
        await principals.seal_again(generated=settings.secret_keys is None)
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
            principals=principals,
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
