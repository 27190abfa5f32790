"""The MCP server: its tools, prompts and instructions, as the SDK serves them."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

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
from pydantic import AnyUrl

from checkout_prompts.library import load_instructions
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.quote.preview import UNUSED_LIFE
from checkout_server.privacy.personal_values.arguments import texts_of
from checkout_server.privacy.personal_values.tripwire import in_flight
from checkout_server.prompts import build_prompts
from checkout_server.tools.caller import desk_of_call
from checkout_server.tools.definition import ContractTool, build_tool
from checkout_server.tools.served import offered_tools

if TYPE_CHECKING:
    from checkout_server.app.bounded_sessions import BoundedSessions

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

    def http_sessions(self, *, max_body: int) -> "BoundedSessions":
        """What answers requests over HTTP in sessions of the older era, which live in this process, and those of the
        newer one."""
        from mcp.server.transport_security import TransportSecuritySettings

        from checkout_server.app.bounded_sessions import BoundedSessions

        return BoundedSessions(
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
