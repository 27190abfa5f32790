"""A world with a public listener, which lives in a task of its own: what opens an MCP client must close it."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from public_world import KEY, OLD_KEY, PublicWorld, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[PublicWorld]:
    opened: asyncio.Future[PublicWorld] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def live() -> None:
        async with open_world(tmp_path, keys=[KEY, OLD_KEY]) as world:
            opened.set_result(world)
            await over.wait()

    living = asyncio.create_task(live())
    await asyncio.wait({living, opened}, return_when=asyncio.FIRST_COMPLETED)
    if not opened.done():
        living.result()
    yield opened.result()
    over.set()
    await living
