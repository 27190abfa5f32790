"""How a tool of ours plugs into the SDK: our schemas, our validation, our errors.

The SDK would publish what it derives from a function's signature, echo rejected values, and drop unknown
arguments. Its ``Tool`` and ``FuncMetadata`` are subclassed at the two seams that give full control and leave
``Resolve`` and ``Context`` parameters working.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Resolve, build_resolver_plans, resolve_arguments
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import PrivateAttr
from pydantic_core import to_json

from checkout_schemas.contract_model import RequestModel, ResultModel
from checkout_schemas.errors import ErrorBody, PricedAt
from checkout_schemas.parsing import parse
from checkout_schemas.published import definition as published_definition
from checkout_schemas.rules import Tool as RuledTool
from checkout_server.authorization.scopes import missing_of_tool
from checkout_server.calls.deadline import CallDeadline, answering_in_time
from checkout_server.calls.questions import ServerStops
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.policy.document import Policy
from checkout_server.checkout.refusals import CheckoutRefusal
from checkout_server.privacy.vocabulary.fields import ToolName
from checkout_server.tools.caller import desk_of_call, refuse_arguments, refuse_tool
from checkout_server.tools.calls import LoggedCall
from checkout_server.tools.failures import explain
from checkout_server.tools.progress import reporting_progress
from checkout_server.tools.publishing import publish_description, publish_input, withheld_fields

Handler = Callable[..., Awaitable[ResultModel]]

ANSWER_SECONDS = 600.0
"""How long a call of the older era waits for a person; in the newer one they have as long as the preview."""


class Asking(Protocol):
    """How a call asks a person: what becomes of its question."""

    async def count_returned_question(self, request: Any) -> Mapping[str, Any] | None:
        """Count a question that the call returns to its client; the parameters to go on with instead, if there are."""
        ...

    async def refuse_declined(self, request: Any, reason: str) -> CheckoutRefusal:
        """The refusal of a call whose question got no answer that counts."""
        ...

    async def refuse_not_asked(self, request: Any) -> CheckoutRefusal:
        """The refusal of a call whose client failed to ask."""
        ...

    async def refuse_cut_short(self, request: Any) -> CheckoutRefusal:
        """The refusal of a call whose question the end of the process took back."""
        ...


def _always(_policy: Policy) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDefinition:
    """All that is served of one tool."""

    name: ToolName
    title: str
    description: str
    request: type[RequestModel]
    result: type[ResultModel]
    handler: Handler
    annotations: ToolAnnotations
    rules_of: RuledTool | None = None
    asks: Callable[[Desk], Asking] | None = None
    """How it asks a person; None for a tool that asks nobody."""
    resolvers: Mapping[str, tuple[Resolve, bool]] = field(default_factory=dict[str, tuple[Resolve, bool]])
    """What fills the handler's parameters beyond ``request`` and ``desk``, from those two."""
    creates: bool = False
    """Whether it is left out when CHECKOUT_READ_ONLY is set."""
    is_offered: Callable[[Policy], bool] = _always
    """Whether the operator's policy has it offered."""


class _WholeArguments(FuncMetadata):
    """Validates a call's arguments as one model."""

    _definition: ToolDefinition = PrivateAttr()
    _is_live: bool = PrivateAttr()

    def validate_arguments(self, arguments_to_validate: dict[str, Any]) -> dict[str, Any]:
        definition = self._definition
        request = parse(definition.request, arguments_to_validate, tool=definition.rules_of, is_live=self._is_live)
        return {"request": request}


class ContractTool(Tool):
    """A tool whose failures are structured results."""

    _definition: ToolDefinition = PrivateAttr()
    _desk: Desk = PrivateAttr()

    @property
    def definition(self) -> ToolDefinition:
        return self._definition

    def is_offered(self, desk: Desk) -> bool:
        """Whether the caller of this desk may use it at all."""
        allowed = missing_of_tool(self.definition.name, desk.principal.scopes) is None
        return allowed and self.definition.is_offered(desk.policy)

    def published(self, desk: Desk) -> dict[str, Any]:
        """The parts of its contract that depend on who asks."""
        withheld = withheld_fields(desk.policy, desk.principal.scopes)
        return {
            "description": publish_description(self.definition.description, withheld),
            "input_schema": publish_input(published_definition(self.definition.name)["inputSchema"], withheld),
        }

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> CallToolResult | InputRequiredResult:
        desk, name = desk_of_call(self._desk), self.definition.name
        call = LoggedCall(name, arguments, principal=desk.principal.id)
        try:
            refuse_tool(name, desk)
            validated = self.fn_metadata.validate_arguments(arguments)
            call.request = validated["request"]
            refuse_arguments(name, validated["request"], desk)
            validated["desk"] = desk
            async with reporting_progress(context), answering_in_time() as deadline:
                resolved = await self._resolve(validated, context, deadline)
                if isinstance(resolved, InputRequiredResult):
                    call.code = "input_required"
                    return resolved
                result: ResultModel = await self.fn(**validated, **resolved)
            call.succeeded(result)
            return succeeded(result)
        except Exception as error:  # noqa: BLE001 - everything that a tool can do wrong becomes a result
            body = explain(error, name, call.request)
            call.failed(body, error)
            return failed(body)
        finally:
            call.log()

    async def _resolve(
        self, validated: dict[str, Any], context: Context[Any, Any], deadline: CallDeadline
    ) -> dict[str, Any] | InputRequiredResult:
        """Fill the parameters that need a look at the ledger or a person; or ask the client to ask."""
        if self.definition.asks is None:
            return {}
        request, asking = validated["request"], self.definition.asks(validated["desk"])
        try:
            # On the old era the person is asked while this waits; nothing is claimed before they answered.
            async with validated["desk"].questions.answered_within(ANSWER_SECONDS, deadline):
                resolved = await resolve_arguments(self.resolved_params, self.resolver_plans, validated, context)
        except ServerStops:
            raise await asking.refuse_cut_short(request) from None
        except TimeoutError:
            raise await asking.refuse_declined(request, "Nobody answered in time.") from None
        except ToolError:
            raise await asking.refuse_declined(request, "The client's answer was not one of the choices.") from None
        except MCPError:  # with the client's own text, which is not repeated
            raise await asking.refuse_not_asked(request) from None
        if isinstance(resolved, InputRequiredResult):
            instead = await asking.count_returned_question(request)
            return resolved if instead is None else dict(instead)
        return resolved


def succeeded(result: ResultModel) -> CallToolResult:
    """Structured content, and the same as text for hosts that show the model only text."""
    content = result.wire()
    return CallToolResult(
        content=[TextContent(type="text", text=to_json(content).decode())], structured_content=content
    )


def _shown(price: PricedAt) -> str:
    shown = price.display
    renewals = f" and {shown['recurring']} at renewals" if "recurring" in shown else ""
    return f"{shown['total']} now" + (f", later {shown['later']}" if "later" in shown else renewals)


def failed(error: ErrorBody) -> CallToolResult:
    """The error as structured content, and the same in words."""
    lines = [f"{error.code}: {error.message}"]
    for problem in error.problems:
        lines.append(f"- {problem.path} {problem.problem}" + (f": {problem.suggestion}" if problem.suggestion else ""))
    if (change := error.price_change) is not None:
        lines.append(f"- was {_shown(change.old)}, is {_shown(change.new)}; fresh preview_id {change.preview_id}")
    lines.append(f"retry: {error.retry}" + (f" (error_id {error.error_id})" if error.error_id else ""))
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join(lines))],
        structured_content={"error": error.wire()},
        is_error=True,
    )


def build_tool(definition: ToolDefinition, desk: Desk) -> ContractTool:
    """The SDK's view of a tool, bound to the desk."""
    published = published_definition(definition.name)
    metadata = _WholeArguments(arg_model=ArgModelBase, output_schema=published["outputSchema"])
    metadata._definition = definition  # pyright: ignore[reportPrivateUsage] - pydantic's way to give a private attribute
    metadata._is_live = desk.environment == "live_mode"  # pyright: ignore[reportPrivateUsage] - as above
    tool = ContractTool(
        fn=definition.handler,
        name=definition.name,
        title=definition.title,
        description=definition.description,
        parameters=published["inputSchema"],
        fn_metadata=metadata,
        is_async=True,
        context_kwarg=None,
        resolved_params=dict(definition.resolvers),
        resolver_plans=build_resolver_plans(definition.resolvers, {"request", "desk"}),
        annotations=definition.annotations,
    )
    tool._definition = definition  # pyright: ignore[reportPrivateUsage] - as above
    tool._desk = desk  # pyright: ignore[reportPrivateUsage] - as above
    return tool
