"""Requests end: by an answer that begins in time, and open streams when the server stops."""

import asyncio

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from checkout_server.transports.envelopes import dumped, refuse_late

BEGIN_SECONDS = 60.0
"""Until an answer begins. A call ends by its own deadline before that, and says more (see ADR 23)."""
RETRY_SECONDS = 5


class BeginningInTime:
    """Answers 503 for an application that has not begun to."""

    def __init__(self, app: ASGIApp, seconds: float = BEGIN_SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        deadline = asyncio.timeout(self._seconds)

        async def sent(message: Message) -> None:
            if not deadline.expired():
                deadline.reschedule(None)
                await send(message)

        try:
            async with deadline:
                await self._app(scope, receive, sent)
        except TimeoutError:
            if not deadline.expired():
                raise
            late = Response(
                dumped(refuse_late()),
                status_code=503,
                media_type="application/json",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
            await late(scope, receive, send)


class EndingStreams:
    """Ends streams that a client only listens to, once the server stops; calls go on."""

    def __init__(self, app: ASGIApp, stopping: asyncio.Event) -> None:
        self._app = app
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        is_open = False

        async def sent(message: Message) -> None:
            nonlocal is_open
            is_open = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(_run(self._app, scope, receive, sent))
            stopping = tasks.create_task(self._stopping.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            serving.cancel()
            stopping.cancel()
        if is_open:
            await send({"type": "http.response.body", "body": b""})


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)
