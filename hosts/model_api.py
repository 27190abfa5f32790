"""A model API on loopback whose model calls one tool, and then says that it is done.

It speaks as much of Gemini's API and of OpenAI's chat completions as two whole hosts need, and records what the host
gives the model back.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from checkout_server.sandbox.listener import running_app


@dataclass
class ScriptedModel:
    """Calls a tool by the end of its name: hosts put the server's name before it."""

    tool: str
    arguments: Mapping[str, Any]
    url: str = ""
    handed: list[Any] = field(default_factory=list[Any])
    """What the host gave back for the call, as it stands in the model's next request."""

    def called_name(self, offered: list[str]) -> str | None:
        return next((name for name in offered if name.endswith(self.tool)), None)


@asynccontextmanager
async def scripted_model(tool: str, arguments: Mapping[str, Any]) -> AsyncGenerator[ScriptedModel]:
    """The model's API on a free port."""
    model = ScriptedModel(tool, arguments)

    async def gemini(request: Request) -> Response:
        if request.path_params["action"] not in {"generateContent", "streamGenerateContent"}:
            return JSONResponse({"totalTokens": 1})
        answer = _gemini_answer(model, await request.json())
        if request.path_params["action"] == "generateContent":
            return JSONResponse(answer)
        return _events([answer])

    async def openai(request: Request) -> Response:
        return _events(_openai_chunks(model, await request.json()), end="data: [DONE]\n\n")

    routes = [
        Route("/v1beta/models/{name}:{action}", gemini, methods=["POST"]),
        Route("/v1/chat/completions", openai, methods=["POST"]),
    ]
    async with running_app(Starlette(routes=routes)) as model.url:
        yield model


def _events(answers: list[Any], end: str = "") -> Response:
    text = "".join(f"data: {json.dumps(answer)}\n\n" for answer in answers)
    return Response(text + end, media_type="text/event-stream")


def _gemini_answer(model: ScriptedModel, body: Any) -> Any:
    """One answer of Gemini's ``generateContent``: a function call when the tool is offered and was not called yet."""
    returned = [
        part["functionResponse"]["response"]
        for content in body["contents"]
        for part in content["parts"]
        if "functionResponse" in part
    ]
    model.handed += returned
    offered = [
        declared["name"] for tools in body.get("tools", ()) for declared in tools.get("functionDeclarations", ())
    ]
    name = None if returned else model.called_name(offered)
    part: Any = {"functionCall": {"name": name, "args": model.arguments}} if name else {"text": "done"}
    return {
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
    }


def _openai_chunks(model: ScriptedModel, body: Any) -> list[Any]:
    """The chunks of one streamed chat completion of OpenAI's."""
    returned = [message["content"] for message in body["messages"] if message["role"] == "tool"]
    model.handed += returned
    name = None if returned else model.called_name([tool["function"]["name"] for tool in body.get("tools", ())])
    called = {"name": name, "arguments": json.dumps(model.arguments)}
    call = {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": called}]}
    delta: Any = {"role": "assistant"} | (call if name else {"content": "done"})
    common = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}
    return [
        common | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        common | {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls" if name else "stop"}]},
    ]
