"""uvicorn as a part of this program."""

import contextlib
from collections.abc import Generator

import uvicorn


class EmbeddedServer(uvicorn.Server):
    """uvicorn without its own signal handlers: calls in flight are recorded before the process ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
