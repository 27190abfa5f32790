"""A shop whose ledger was put back to before a sale."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp import Client

from backups import back_up, put_back
from checkout_server.checkout.desk import Desk
from fault_cases import call, opened, word
from faulty_upstream import FaultyUpstream, no_fault, refuse
from orders import CONFIRMED, HOSTED, ORDER

CREATE, STATUS = "create_checkout_session", "get_checkout_session"


@dataclass
class Shop:
    """A shop whose ledger was put back to before the sale of its preview."""

    upstream: FaultyUpstream
    client: Client
    desk: Desk
    preview_id: str

    async def create(self, rest: dict[str, Any] = CONFIRMED) -> dict[str, Any]:
        return await call(self.client, CREATE, preview_id=self.preview_id, **rest)

    async def status(self) -> dict[str, Any]:
        return await call(self.client, STATUS, preview_id=self.preview_id)


@asynccontextmanager
async def restored_shop(folder: Path, *, sold: bool = True, refused: bool = False) -> AsyncGenerator[Shop]:
    """The sale is confirmed; after a refused try for a hosted page, it is one of a hosted page that was paid."""
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(FaultyUpstream().running())
        async with opened(folder, upstream.url) as (client, _desk):
            preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
            if refused:
                upstream.fault = refuse(422, "INVALID_REQUEST_BODY")
                assert word(await call(client, CREATE, preview_id=preview_id, **HOSTED)) == "gateway_refused"
                upstream.fault = no_fault
            back_up(folder)
            if sold:
                rest = HOSTED if refused else CONFIRMED
                session = await call(client, CREATE, preview_id=preview_id, **rest)
                upstream.sandbox.pay(upstream.sandbox.session(session["session_id"]), "succeeded")
        put_back(folder)
        client, desk = await stack.enter_async_context(opened(folder, upstream.url))
        yield Shop(upstream, client, desk, preview_id)
