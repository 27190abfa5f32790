"""The messages that arrive on stdin, in front of the SDK, which drops what it cannot read without a word."""

from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self, cast

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, jsonrpc_message_adapter
from pydantic import ValidationError

from checkout_server.transports.envelopes import is_request_without_id, refuse_text, refuse_value

_MARK = "\ufeff"
"""A byte order mark, which shells on Windows put before the first line, and some programs before every line."""


class _Messages(Protocol):
    async def receive(self) -> SessionMessage | Exception: ...
    async def aclose(self) -> None: ...


class _Answers(Protocol):
    async def send(self, item: SessionMessage, /) -> None: ...


class StdinMessages:
    """The SDK's stream of messages, from which what is none is taken out and refused."""

    def __init__(self, messages: _Messages, answers: _Answers) -> None:
        self._messages = messages
        self._answers = answers

    @property
    def last_context(self) -> Any:
        """Of whoever sent the last message; the SDK restores it."""
        return getattr(self._messages, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        while True:
            received = await self._messages.receive()
            message = received if isinstance(received, SessionMessage) else await self._read_again(received)
            if message is not None and is_request_without_id(message.message):
                await self._answer(refuse_value(None, "stdio"))
            elif message is not None:
                return message

    async def _read_again(self, unread: Exception) -> SessionMessage | None:
        """The message behind a byte order mark; None for what is none, which is refused, and for a blank line."""
        text, value = _of(unread)
        if text is not None and text.startswith(_MARK):
            try:
                return SessionMessage(jsonrpc_message_adapter.validate_json(text.lstrip(_MARK), by_name=False))
            except ValidationError as error:
                text, value = _of(error)
        if text is None or text.strip():
            await self._answer(refuse_text("stdio") if text is not None else refuse_value(value, "stdio"))
        return None

    async def _answer(self, refusals: list[JSONRPCError]) -> None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):  # nobody reads any more
            for refusal in refusals:
                await self._answers.send(SessionMessage(refusal))

    async def aclose(self) -> None:
        await self._messages.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _frames: TracebackType | None
    ) -> None:
        await self.aclose()


def _of(unread: Exception) -> tuple[str | None, object]:
    """The text of a line that is not JSON, or else its value, as the error of its validation holds them."""
    details = cast(list[Any], unread.errors(include_url=False)) if isinstance(unread, ValidationError) else []
    for detail in details:
        if detail["type"] == "json_invalid":
            return str(detail["input"]), None
        # A field of the message that is missing, or the message itself that is no object.
        if detail["type"] == "missing" or len(detail["loc"]) == 1:
            return None, detail["input"]
    return (None, None) if details else ("?", None)
