"""uvicorn as a part of this program."""

import asyncio
import contextlib
from collections.abc import Generator
from typing import Any, Literal

import uvicorn

from checkout_server.listening.parser import request_parser
from checkout_server.listening.patience import Patience


def embedded_config(
    app: Any, *, grace_seconds: int, lifespan: Literal["auto", "off"] = "auto", patience: Patience | None = None
) -> uvicorn.Config:
    """How an ASGI application is served: without logs of its own, which would hold what clients sent.

    Args:
        app: the application.
        grace_seconds: how long open calls and streams may go on once it is told to stop.
        lifespan: whether the application is told that it starts and ends.
        patience: with clients that are slow.
    """
    patience = patience or Patience()
    return uvicorn.Config(
        app,
        http=request_parser(patience),
        ws="none",
        timeout_keep_alive=patience.idle,
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # uvicorn takes them from 127.0.0.1, or from whom its own variable names
        timeout_graceful_shutdown=grace_seconds,
    )


class EmbeddedServer(uvicorn.Server):
    """uvicorn without its own signal handlers: calls in flight are recorded before the process ends."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def stop(self) -> None:
        """Let ``serve`` end, after its time of grace."""
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        """As uvicorn's, but awake at once when it is told to stop, and not ten times a second until then."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=1)
