"""Waking whoever waits in this process for news of a sale."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager


class SaleNews:
    """Says that something was stored about a sale, and nothing of what it was: who is woken looks for themselves."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def wake(self, preview_id: str) -> None:
        """Wake all who wait for news of this sale."""
        for news in self._waiting.get(preview_id, ()):
            news.set()

    @contextmanager
    def waiting(self, preview_id: str) -> Generator[asyncio.Event]:
        """An event that is set by news while the block runs; whoever goes on waiting clears it."""
        news = asyncio.Event()
        self._waiting.setdefault(preview_id, set()).add(news)
        try:
            yield news
        finally:
            self._waiting[preview_id].discard(news)
            if not self._waiting[preview_id]:
                del self._waiting[preview_id]
