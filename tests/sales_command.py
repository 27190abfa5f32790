"""A shop for the tests of ``sales``, and the command line of the one who runs it."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fault_cases import call, environment, opened
from faulty_upstream import FaultyUpstream, no_fault
from orders import CONFIRMED, ORDER

CREATE, STATUS = "create_checkout_session", "get_checkout_session"


@dataclass
class Shop:
    """A shop, and the command line of the one who runs it."""

    client: Any
    desk: Any
    upstream: FaultyUpstream
    folder: Path

    async def sell(self, fault: Any, rest: dict[str, Any] = CONFIRMED, quantity: int = 1) -> str:
        goods = {"product_cart": [{"product_id": "prod_premium_plan", "quantity": quantity}]}
        preview_id = (await call(self.client, "preview_checkout", **ORDER | goods))["preview_id"]
        self.upstream.fault = fault
        await call(self.client, CREATE, preview_id=preview_id, **rest)
        self.upstream.fault = no_fault
        return preview_id

    async def run(self, *arguments: str, **further: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checkout_server", *arguments,
            env=environment(self.folder, self.upstream.url, **further),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    async def status(self, preview_id: str) -> str:
        return (await call(self.client, STATUS, preview_id=preview_id))["status"]

    async def last_step(self, preview_id: str) -> tuple[str, str | None]:
        row = (await self.desk.ledger.audit(preview_id))[-1]
        return row.event, row.detail


@asynccontextmanager
async def shop(folder: Path) -> AsyncGenerator[Shop]:
    async with FaultyUpstream().running() as upstream, opened(folder, upstream.url) as (client, desk):
        yield Shop(client, desk, upstream, folder)
