"""A process of ``serve`` with all of its listeners."""

import asyncio
import re
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_URL = re.compile(r"(?P<url>http://\S+:[0-9]+(/(?P<path>mcp|metrics))?)( serves webhooks.*)?")


@dataclass
class Served:
    """Where each listener is: ``mcp``, ``public``, ``metrics``."""

    process: asyncio.subprocess.Process
    urls: dict[str, str]
    lines: list[str] = field(default_factory=list[str])
    """Of the log."""


@asynccontextmanager
async def running_serve(
    environment: Mapping[str, str], *options: str, program: Sequence[str] = (sys.executable, "-m", "checkout_server")
) -> AsyncGenerator[Served]:
    """A server on free ports, ready when it says so; ended with its calls recorded."""
    process = await asyncio.create_subprocess_exec(
        *program, "serve", "--port", "0", *options,
        env=dict(environment), stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    served = Served(process, {})
    for _ in range(1 + ("--public-port" in options) + ("--metrics-port" in options)):
        line = (await process.stderr.readline()).decode().strip()
        match = _URL.fullmatch(line)
        assert match, line
        served.urls[match["path"] or "public"] = match["url"]

    async def drain() -> None:
        async for each in process.stderr or ():
            served.lines.append(each.decode().strip())

    draining = asyncio.create_task(drain())
    try:
        yield served
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await draining
