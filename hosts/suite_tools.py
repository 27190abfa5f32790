"""The tools that the conformance suite of the protocol calls by name."""

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    AudioContent,
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    EmbeddedResource,
    ImageContent,
    InputRequiredResult,
    ListRootsRequest,
    SamplingMessage,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel, Field

_PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
_WAV = base64.b64encode(b"RIFF").decode()
IMAGE = ImageContent(type="image", data=_PNG, mime_type="image/png")
Answer = CallToolResult | InputRequiredResult


def text(words: str) -> TextContent:
    return TextContent(type="text", text=words)


def told(words: str) -> CallToolResult:
    return CallToolResult(content=[text(words)])


def resource(uri: str, mime_type: str, words: str) -> EmbeddedResource:
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=words)
    return EmbeddedResource(type="resource", resource=contents)


# Content


def simple_text() -> CallToolResult:
    return told("This is a simple text response for testing.")


def image_content() -> CallToolResult:
    return CallToolResult(content=[IMAGE])


def audio_content() -> CallToolResult:
    return CallToolResult(content=[AudioContent(type="audio", data=_WAV, mime_type="audio/wav")])


def embedded_resource() -> CallToolResult:
    content = resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")
    return CallToolResult(content=[content])


def multiple_content_types() -> CallToolResult:
    mixed = resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')
    return CallToolResult(content=[text("Multiple content types test:"), IMAGE, mixed])


def error_handling() -> CallToolResult:
    raise ToolError("This tool intentionally returns an error for testing")


async def tool_with_progress(ctx: Context[Any, Any]) -> CallToolResult:
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100)
        await asyncio.sleep(0.05)
    return told("done")


# Questions of the older era, in a session


class User(BaseModel):
    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Defaults(BaseModel):
    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: Literal["active", "inactive", "pending"] = "active"
    verified: bool = True


_OPTIONS = ["option1", "option2", "option3"]
_TITLED = [{"const": f"value{n}", "title": f"{each} Option"} for n, each in enumerate(("First", "Second", "Third"), 1)]


async def elicitation(message: str, ctx: Context[Any, Any]) -> CallToolResult:
    answer = await ctx.elicit(message, User)
    return told(f"User response: {answer.action}")


async def elicitation_sep1034_defaults(ctx: Context[Any, Any]) -> CallToolResult:
    answer = await ctx.elicit("Please review", Defaults)
    return told(f"Elicitation completed: action={answer.action}")


async def elicitation_sep1330_enums(ctx: Context[Any, Any]) -> CallToolResult:
    properties: dict[str, Any] = {
        "untitledSingle": {"type": "string", "enum": _OPTIONS},
        "titledSingle": {"type": "string", "oneOf": _TITLED},
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": _OPTIONS}},
        "titledMulti": {"type": "array", "items": {"anyOf": _TITLED}},
    }
    schema = {"type": "object", "properties": properties}
    answer = await ctx.session.elicit_form("Please choose", schema, ctx.request_id)
    return told(f"Elicitation completed: action={answer.action}")


async def sample(prompt: str, ctx: Context[Any, Any]) -> CallToolResult:
    message = SamplingMessage(role="user", content=text(prompt))
    answer = await ctx.session.create_message([message], max_tokens=100, related_request_id=ctx.request_id)
    return told(f"LLM response: {answer.model_dump_json()}")


# Questions of the newer era, answered by calling again


def form(message: str, **properties: str) -> ElicitRequest:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in properties.items()},
        "required": list(properties),
    }
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sampling(words: str, max_tokens: int) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=text(words))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=max_tokens))


def asks(state: str | None = None, /, **questions: Any) -> Callable[[Context[Any, Any]], Answer]:
    """A tool that asks until all of its questions are answered."""

    def tool(ctx: Context[Any, Any]) -> Answer:
        answers = ctx.input_responses or {}
        if questions.keys() - answers.keys() or ctx.request_state != state:
            return InputRequiredResult(input_requests=questions, request_state=state)
        return told(f"state-ok {json.dumps({name: answers[name].model_dump(mode='json') for name in questions})}")

    return tool


NAME = form("What is your name?", name="string")
CONFIRM = form("Please confirm", ok="boolean")


def multi_round(ctx: Context[Any, Any]) -> Answer:
    answers = ctx.input_responses or {}
    if ctx.request_state == "two" and "step2" in answers:
        return told("done")
    if ctx.request_state == "one" and "step1" in answers:
        step = form("Step 2: What is your favorite color?", color="string")
        return InputRequiredResult(input_requests={"step2": step}, request_state="two")
    step = form("Step 1: What is your name?", name="string")
    return InputRequiredResult(input_requests={"step1": step}, request_state="one")


def capabilities(ctx: Context[Any, Any]) -> InputRequiredResult:
    able = ctx.client_capabilities
    questions: dict[str, Any] = {}
    if able is not None and able.sampling is not None:
        questions["greeting"] = sampling("Generate a greeting", 50)
    if able is not None and able.elicitation is not None:
        questions["user_name"] = NAME
    return InputRequiredResult(input_requests=questions)


def missing_capability(ctx: Context[Any, Any]) -> CallToolResult:
    able = ctx.client_capabilities
    if able is None or able.sampling is None:
        raise MCPError(
            MISSING_REQUIRED_CLIENT_CAPABILITY, "Needs sampling.", {"requiredCapabilities": {"sampling": {}}}
        )
    return told("sampled")


async def logging_tool(ctx: Context[Any, Any]) -> CallToolResult:
    await ctx.session.send_log_message("info", "for nobody")
    return told("logged")


def custom_header(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> CallToolResult:
    return told(region)


TOOLS: dict[str, Callable[..., Any]] = {
    "test_simple_text": simple_text,
    "test_image_content": image_content,
    "test_audio_content": audio_content,
    "test_embedded_resource": embedded_resource,
    "test_multiple_content_types": multiple_content_types,
    "test_error_handling": error_handling,
    "test_tool_with_progress": tool_with_progress,
    "test_elicitation": elicitation,
    "test_sampling": sample,
    "test_elicitation_sep1034_defaults": elicitation_sep1034_defaults,
    "test_elicitation_sep1330_enums": elicitation_sep1330_enums,
    "test_input_required_result_elicitation": asks(user_name=NAME),
    "test_input_required_result_sampling": asks(capital_question=sampling("What is the capital of France?", 100)),
    "test_input_required_result_list_roots": asks(client_roots=ListRootsRequest()),
    "test_input_required_result_request_state": asks("state", confirm=CONFIRM),
    "test_input_required_result_tampered_state": asks("state", confirm=CONFIRM),
    "test_input_required_result_multiple_inputs": asks(
        "state", user_name=NAME, greeting=sampling("Generate a greeting", 50), client_roots=ListRootsRequest()
    ),
    "test_input_required_result_multi_round": multi_round,
    "test_input_required_result_capabilities": capabilities,
    "test_missing_capability": missing_capability,
    "test_streaming_elicitation": asks(user_name=NAME),
    "test_logging_tool": logging_tool,
    "test_custom_header": custom_header,
}
