"""The two wire formats in which models are called: OpenAI's chat completions and Anthropic's messages."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2

from evals.agent import Stopped
from evals.world import Tool

ATTEMPTS = 4
"""Of one request: hosted models refuse for a while, and a run is long."""
MOST_TOKENS = 4096
"""Of one answer, where the API wants a limit."""


@dataclass(frozen=True)
class Said:
    """What the buyer said."""

    text: str


@dataclass(frozen=True)
class ToolCall:
    """A call that the model asks for."""

    id: str
    name: str
    arguments: dict[str, Any] | None
    """None where the model wrote something else than a JSON object."""


@dataclass(frozen=True)
class Reply:
    """What the model said, and the calls that it asks for."""

    text: str
    calls: tuple[ToolCall, ...]


@dataclass(frozen=True)
class Returned:
    """What came of a call."""

    call: ToolCall
    text: str
    is_error: bool


Message = Said | Reply | Returned


@dataclass(frozen=True)
class ModelApi(ABC):
    """A model behind an API. The key goes into a header and nowhere else."""

    http: httpx2.AsyncClient
    url: str
    model: str
    key: str = field(repr=False)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    @abstractmethod
    async def complete(self, system: str, tools: Sequence[Tool], messages: Sequence[Message]) -> Reply:
        """The model's next message.

        Raises:
            Stopped: the API refused, failed or did not answer.
        """

    async def _post(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> Any:
        status = 0
        for attempt in range(ATTEMPTS):
            if attempt:
                await self.sleep(2.0**attempt)
            try:
                answer = await self.http.post(self.url.rstrip("/") + path, headers=headers, json=body)
            except (httpx2.HTTPError, httpx2.InvalidURL):
                status = 0  # its own text may hold a header
                continue
            status = answer.status_code
            if status == 200:
                return self._json(answer)
            if status != 429 and status < 500:
                break
        raise Stopped(f"the model's API answered {status}" if status else "the model's API did not answer")

    def _json(self, answer: httpx2.Response) -> Any:
        try:
            return answer.json()
        except ValueError:
            raise Stopped("the model's API answered something else than JSON") from None


class OpenAI(ModelApi):
    """Chat completions, as many servers speak them; the URL ends before ``/chat/completions``."""

    async def complete(self, system: str, tools: Sequence[Tool], messages: Sequence[Message]) -> Reply:
        offered = [
            {"type": "function", "function": {"name": t.name, "description": t.description, "parameters": t.schema}}
            for t in tools
        ]
        written = [{"role": "system", "content": system}, *(self._message(each) for each in messages)]
        body = {"model": self.model, "messages": written, "tools": offered}
        answer = await self._post("/chat/completions", {"authorization": f"Bearer {self.key}"}, body)
        try:
            message = answer["choices"][0]["message"]
            calls = tuple(
                ToolCall(call["id"], call["function"]["name"], _object(call["function"]["arguments"]))
                for call in message.get("tool_calls") or ()
            )
            return Reply(message.get("content") or "", calls)
        except (KeyError, IndexError, TypeError, AttributeError):
            raise Stopped("the model's API answered something else than a chat completion") from None

    def _message(self, message: Message) -> dict[str, Any]:
        match message:
            case Said(text):
                return {"role": "user", "content": text}
            case Returned(call, text):
                return {"role": "tool", "tool_call_id": call.id, "content": text}
            case Reply(text, calls):
                asked = [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": {"name": call.name, "arguments": json.dumps(call.arguments or {})},
                    }
                    for call in calls
                ]
                return {"role": "assistant", "content": text} | ({"tool_calls": asked} if asked else {})


class Anthropic(ModelApi):
    """Messages; the URL ends before ``/v1/messages``."""

    async def complete(self, system: str, tools: Sequence[Tool], messages: Sequence[Message]) -> Reply:
        offered = [{"name": t.name, "description": t.description, "input_schema": t.schema} for t in tools]
        body = {"model": self.model, "max_tokens": MOST_TOKENS, "system": system, "tools": offered}
        headers = {"x-api-key": self.key, "anthropic-version": "2023-06-01"}
        answer = await self._post("/v1/messages", headers, body | {"messages": self._messages(messages)})
        try:
            blocks: list[Any] = answer["content"]
            text = "\n".join(block["text"] for block in blocks if block["type"] == "text")
            calls = tuple(
                ToolCall(block["id"], block["name"], _object(block["input"]))
                for block in blocks
                if block["type"] == "tool_use"
            )
            return Reply(text, calls)
        except (KeyError, TypeError):
            raise Stopped("the model's API answered something else than a message") from None

    def _messages(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """What several calls returned goes into one message, and no text into an empty block."""
        written: list[dict[str, Any]] = []
        for message in messages:
            role = "assistant" if isinstance(message, Reply) else "user"
            blocks = self._blocks(message)
            if isinstance(message, Returned) and written[-1]["role"] == "user":
                written[-1]["content"] += blocks
            elif blocks:
                written.append({"role": role, "content": blocks})
        return written

    def _blocks(self, message: Message) -> list[dict[str, Any]]:
        match message:
            case Said(text):
                return [{"type": "text", "text": text}]
            case Returned(call, text, is_error):
                return [{"type": "tool_result", "tool_use_id": call.id, "content": text, "is_error": is_error}]
            case Reply(text, calls):
                said = [{"type": "text", "text": text}] if text.strip() else []
                return [
                    *said,
                    *({"type": "tool_use", "id": c.id, "name": c.name, "input": c.arguments or {}} for c in calls),
                ]


APIS: dict[str, type[ModelApi]] = {"openai": OpenAI, "anthropic": Anthropic}
"""By the word for ``--api``."""


def _object(arguments: Any) -> dict[str, Any] | None:
    """A call's arguments, which some APIs give as text."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except ValueError:
            return None
    return cast(dict[str, Any], arguments) if isinstance(arguments, dict) else None
