"""The messages between client and server, printed as they pass."""

import json
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Any, Literal, Self

from mcp.shared.message import SessionMessage


@asynccontextmanager
async def recorded(transport: AbstractAsyncContextManager[tuple[Any, Any]]) -> AsyncGenerator[tuple[Any, Any]]:
    """A transport of the SDK's whose messages are printed, one JSON object a line."""
    async with transport as (answers, requests):
        yield _Received(answers), _Sent(requests)


def _print(sender: Literal["client", "server"], item: object) -> None:
    if isinstance(item, SessionMessage):
        message = item.message.model_dump(mode="json", by_alias=True, exclude_unset=True)
        print(json.dumps({"from": sender, "message": message}, ensure_ascii=False), flush=True)


class _Stream:
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await self._stream.__aexit__(kind, error, traceback)


class _Received(_Stream):
    @property
    def last_context(self) -> Any:
        """Of whoever sent the last message; the SDK restores it."""
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        item = await self._stream.receive()
        _print("server", item)
        return item

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        item = await self._stream.__anext__()
        _print("server", item)
        return item


class _Sent(_Stream):
    async def send(self, item: SessionMessage, /) -> None:
        _print("client", item)
        await self._stream.send(item)
