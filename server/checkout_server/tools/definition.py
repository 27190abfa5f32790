"""How a tool of ours plugs into the SDK: our schemas, our validation, our errors.

The SDK would publish what it derives from a function's signature, echo rejected values, and drop unknown
arguments. Its ``Tool`` and ``FuncMetadata`` are subclassed at the two seams that give full control and leave
``Resolve`` and ``Context`` parameters working.
"""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import PrivateAttr

from checkout_schemas.contract_model import RequestModel, ResultModel
from checkout_schemas.errors import ErrorBody
from checkout_schemas.parsing import parse
from checkout_schemas.published import definition as published_definition
from checkout_schemas.rules import Tool as RuledTool
from checkout_server.checkout.desk import Desk
from checkout_server.tools.failures import explain

Handler = Callable[[Any, Desk], Awaitable[ResultModel]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDefinition:
    """All that is served of one tool."""

    name: str
    title: str
    description: str
    request: type[RequestModel]
    result: type[ResultModel]
    handler: Handler
    annotations: ToolAnnotations
    rules_of: RuledTool | None = None
    creates: bool = False
    """Whether it is left out when CHECKOUT_READ_ONLY is set."""


class _WholeArguments(FuncMetadata):
    """Validates a call's arguments as one model."""

    _definition: ToolDefinition = PrivateAttr()

    def validate_arguments(self, arguments_to_validate: dict[str, Any]) -> dict[str, Any]:
        definition = self._definition
        return {"request": parse(definition.request, arguments_to_validate, tool=definition.rules_of)}


class ContractTool(Tool):
    """A tool whose failures are structured results."""

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> CallToolResult | InputRequiredResult:
        try:
            result = await super().run(arguments, context, convert_result=False)
        except MCPError:
            raise
        except Exception as error:  # noqa: BLE001 - everything that a tool can do wrong becomes a result
            # The SDK wraps what the handler raised; the cause is what happened.
            return failed(explain(error.__cause__ if isinstance(error.__cause__, Exception) else error, self.name))
        return result if isinstance(result, InputRequiredResult) else succeeded(result)


def succeeded(result: ResultModel) -> CallToolResult:
    """Structured content, and the same as text for hosts that show the model only text."""
    return CallToolResult(
        content=[TextContent(type="text", text=result.model_dump_json(exclude_none=True))],
        structured_content=result.wire(),
    )


def failed(error: ErrorBody) -> CallToolResult:
    """The error as structured content, and the same in words."""
    lines = [f"{error.code}: {error.message}"]
    for problem in error.problems:
        lines.append(f"- {problem.path} {problem.problem}" + (f": {problem.suggestion}" if problem.suggestion else ""))
    lines.append(f"retry: {error.retry}" + (f" (error_id {error.error_id})" if error.error_id else ""))
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join(lines))],
        structured_content={"error": error.wire()},
        is_error=True,
    )


async def _handle(handler: Handler, desk: Desk, request: RequestModel) -> ResultModel:
    return await handler(request, desk)


def build_tool(definition: ToolDefinition, desk: Desk) -> ContractTool:
    """The SDK's view of a tool, bound to the desk."""
    published = published_definition(definition.name)
    metadata = _WholeArguments(arg_model=ArgModelBase, output_schema=published["outputSchema"])
    metadata._definition = definition  # pyright: ignore[reportPrivateUsage] - pydantic's way to give a private attribute
    return ContractTool(
        fn=functools.partial(_handle, definition.handler, desk),
        name=definition.name,
        title=definition.title,
        description=definition.description,
        parameters=published["inputSchema"],
        fn_metadata=metadata,
        is_async=True,
        context_kwarg=None,
        annotations=definition.annotations,
    )
