"""Whether the process is alive and whether calls should be sent to it, for load balancers and orchestrators.

Asked without authorization and by any name: they ask by the address of a container, and there is no data in an answer.
"""

import asyncio
from typing import Literal

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.key_probe import has_keys

ALIVE, READY = "/healthz", "/readyz"
LOOK_SECONDS = 2.0
"""How long the ledger may take to answer."""
FRESH_SECONDS = 1.0
"""How long an answer of the ledger is given again: whoever asks faster asks no more of it."""

Reason = Literal["draining", "ledger", "configuration"]
"""Why no calls should come: the process is stopping, the ledger does not answer, or it is sealed with other keys."""


class Readiness:
    """Whether calls should be sent to this process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.is_draining = False
        self._looking: asyncio.Task[Reason | None] | None = None
        self._fresh_until = 0.0

    async def reason(self) -> Reason | None:
        """Why not; None when they should."""
        return "draining" if self.is_draining else await self._look()

    async def _look(self) -> Reason | None:
        """One look for all who ask meanwhile and shortly after."""
        now = asyncio.get_running_loop().time()
        if self._looking is None or (self._looking.done() and now >= self._fresh_until):
            self._looking = asyncio.create_task(self._look_at_ledger())
        return await asyncio.shield(self._looking)

    async def _look_at_ledger(self) -> Reason | None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return None if await has_keys(self._desk.ledger, self._desk.sealer) else "configuration"
        except (LedgerUnavailable, TimeoutError):
            return "ledger"
        finally:
            self._fresh_until = asyncio.get_running_loop().time() + FRESH_SECONDS


def with_health(app: ASGIApp, readiness: Readiness) -> ASGIApp:
    """The application, with the two probes in front of it."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_probe = scope["type"] == "http" and scope["path"] in {ALIVE, READY} and scope["method"] in {"GET", "HEAD"}
        if not is_probe:
            await app(scope, receive, send)
            return
        reason = await readiness.reason() if scope["path"] == READY else None
        response = JSONResponse({"status": reason or "ok"}, 503 if reason else 200, {"cache-control": "no-store"})
        await response(scope, receive, send)

    return answer
