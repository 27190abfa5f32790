"""``serve`` with the tools, prompts and resources of the conformance suite beside its own.

The suite calls them by name. So what it finds here is found of the transport that sells: its listener, its sessions,
its bounds, and the sealing of what a client carries back.
"""

import base64
import functools
import json
from collections.abc import Callable
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp_types import Completion, ElicitResult, InputRequiredResult

from checkout_server import app
from checkout_server.app import CheckoutServer
from checkout_server.cli import main
from checkout_server.transports import http
from suite_tools import IMAGE, TOOLS, form, resource


def simple_prompt() -> str:
    return "This is a simple prompt for testing."


def prompt_with_arguments(arg1: str, arg2: str) -> str:
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


def prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803 - the suite's name
    embedded = resource(resourceUri, "text/plain", "Embedded resource content for testing.")
    return [UserMessage(embedded), UserMessage("Please process the embedded resource above.")]


def prompt_with_image() -> list[UserMessage]:
    return [UserMessage(IMAGE), UserMessage("Please analyze the image above.")]


def input_required_result_prompt(ctx: Context[Any, Any]) -> str | InputRequiredResult:
    answer = (ctx.input_responses or {}).get("user_context")
    if not isinstance(answer, ElicitResult):
        question = form("What context should the prompt use?", context="string")
        return InputRequiredResult(input_requests={"user_context": question})
    return f"In the context of {answer.content}."


PROMPTS: tuple[Callable[..., Any], ...] = (
    simple_prompt, prompt_with_arguments, prompt_with_embedded_resource, prompt_with_image,
    input_required_result_prompt,
)  # fmt: skip


def static_text() -> str:
    return "This is the content of the static text resource."


def static_binary() -> bytes:
    return base64.b64decode(IMAGE.data)


def template(id: str) -> str:  # noqa: A002 - the suite's name
    return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


async def complete(*_: Any) -> Completion:
    return Completion(values=[], total=0, has_more=False)


def with_the_suite(server: CheckoutServer) -> CheckoutServer:
    """The server, which then lists and answers all of this too."""
    for name, tool in TOOLS.items():
        server.add_tool(tool, name=name, description="Of the suite.", structured_output=False)
    server.list_tools = functools.partial(MCPServer.list_tools, server)  # ours lists what the caller's scopes allow
    server._lowlevel_server.get_tool_input_schema = server._tool_input_schema  # one of the suite's names a header
    for prompt in PROMPTS:
        server.prompt(f"test_{prompt.__name__}", description="Of the suite.")(prompt)
    server.resource("test://static-text", mime_type="text/plain")(static_text)
    server.resource("test://static-binary", mime_type="image/png")(static_binary)
    server.resource("test://template/{id}/data", mime_type="application/json")(template)
    server.completion()(complete)
    return server


if __name__ == "__main__":
    http.build_server = lambda *desk, **options: with_the_suite(app.build_server(*desk, **options))
    main()
