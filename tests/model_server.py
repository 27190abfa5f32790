"""A model's API on loopback, in both wire formats, whose model does what a script says."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from checkout_server.sandbox.listener import running_app


class Answer(NamedTuple):
    """What the model says, and calls: the names of tools and their arguments."""

    text: str = ""
    calls: tuple[tuple[str, Any], ...] = ()


Script = Callable[[list[str]], Answer]
"""What the model answers to what its calls have returned since the buyer spoke."""


@dataclass
class ModelServer:
    """Records every request."""

    script: Script
    url: str = ""
    status: int = 200
    requests: list[tuple[dict[str, str], Any]] = field(default_factory=list[tuple[dict[str, str], Any]])
    """Headers and JSON body."""

    async def complete(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append((dict(request.headers), body))
        if self.status != 200:
            return JSONResponse({"error": f"no entry with {dict(request.headers)}"}, self.status)
        is_openai = request.url.path.endswith("/chat/completions")
        read, write = (_openai_returned, _openai) if is_openai else (_anthropic_returned, _anthropic)
        return JSONResponse(write(self.script(read(body["messages"]))))


@asynccontextmanager
async def running_model(script: Script) -> AsyncGenerator[ModelServer]:
    """The API on a free port."""
    server = ModelServer(script)
    paths = ("/v1/chat/completions", "/v1/messages")
    async with running_app(Starlette(routes=[Route(path, server.complete, methods=["POST"]) for path in paths])) as url:
        server.url = url
        yield server


def _openai_returned(messages: list[Any]) -> list[str]:
    spoken = max(index for index, message in enumerate(messages) if message["role"] == "user")
    return [message["content"] for message in messages[spoken:] if message["role"] == "tool"]


def _openai(answer: Answer) -> Any:
    calls = [
        {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": _text(arguments)}}
        for index, (name, arguments) in enumerate(answer.calls)
    ]
    message = {"role": "assistant", "content": answer.text or None} | ({"tool_calls": calls} if calls else {})
    return {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}]}


def _text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def _anthropic_returned(messages: list[Any]) -> list[str]:
    spoken = max(
        index
        for index, message in enumerate(messages)
        if message["role"] == "user" and any(block["type"] == "text" for block in message["content"])
    )
    blocks = [block for message in messages[spoken:] if message["role"] == "user" for block in message["content"]]
    return [block["content"] for block in blocks if block["type"] == "tool_result"]


def _anthropic(answer: Answer) -> Any:
    text = [{"type": "text", "text": answer.text}] if answer.text else []
    calls = [
        {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": arguments}
        for index, (name, arguments) in enumerate(answer.calls)
    ]
    return {"role": "assistant", "content": [*text, *calls], "stop_reason": "tool_use" if calls else "end_turn"}
