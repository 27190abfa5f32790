"""The sandbox on a real socket: what reached it is recorded, and its answers can be changed on their way."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.catalogue import CUSTOMERS
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox


@dataclass
class Upstream:
    """The sandbox on a real socket, with a record of what reached it."""

    url: str = ""
    sandbox: Sandbox = field(default_factory=Sandbox)
    requests: list[tuple[str, str, Any]] = field(default_factory=list[tuple[str, str, Any]])
    """Method, path and JSON body; without ``GET /brands``, which asks whose account it is at any time."""
    rewrites: dict[str, Callable[[Any], Any]] = field(default_factory=dict[str, Callable[[Any], Any]])
    """Path → what becomes of its JSON answers."""
    statuses: dict[str, int] = field(default_factory=dict[str, int])
    """Path → the status that its answers have instead of their own; what ``POST /checkouts`` refuses it does not do."""
    gates: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict[str, Callable[[], Awaitable[None]]])
    """Path → what its answers wait for, when all is done."""

    def forget(self) -> None:
        """Be as new: nothing has reached it, nothing was sold, and it answers as the sandbox does."""
        for each in (self.requests, self.rewrites, self.statuses, self.gates):
            each.clear()
        for each in (self.sandbox.sessions, self.sandbox.shorts, self.sandbox.payments):
            each.clear()
        self.sandbox.customers = dict(CUSTOMERS)

    def bodies(self, method: str, path: str) -> list[Any]:
        return [body for its_method, its_path, body in self.requests if (its_method, its_path) == (method, path)]

    @property
    def created(self) -> list[Any]:
        return self.bodies("POST", "/checkouts")


@asynccontextmanager
async def running_upstream() -> AsyncGenerator[Upstream]:
    """The sandbox behind a recorder."""
    upstream = Upstream()
    app = create_app(upstream.sandbox)

    async def recorder(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await app(scope, receive, send)
        chunks: list[bytes] = []
        while True:
            message = await receive()
            chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        body = b"".join(chunks)
        if scope["path"] != "/brands":
            is_form = (b"content-type", b"application/x-www-form-urlencoded") in scope["headers"]  # of the page
            read = json.loads(body) if body and not is_form else None
            upstream.requests.append((scope["method"], scope["path"], read))
        replay = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def received() -> Any:
            return next(replay, None) or await receive()

        status = upstream.statuses.get(scope["path"], 0)
        if (scope["method"], scope["path"]) == ("POST", "/checkouts") and 400 <= status < 500:
            rewrite = upstream.rewrites.get(scope["path"], dict[str, Any])
            return await JSONResponse(rewrite({}), status)(scope, receive, send)

        start: dict[str, Any] = {}

        async def rewritten(message: Any) -> None:
            """Our sandbox answers in one piece."""
            if message["type"] == "http.response.start":
                start.update(message | {"status": upstream.statuses.get(scope["path"], message["status"])})
                return
            answer = message["body"]
            if scope["path"] in upstream.gates:
                await upstream.gates[scope["path"]]()
            if scope["path"] in upstream.rewrites:
                answer = json.dumps(upstream.rewrites[scope["path"]](json.loads(answer))).encode()
            kept = [header for header in start["headers"] if header[0] != b"content-length"]
            await send(start | {"headers": [*kept, (b"content-length", str(len(answer)).encode())]})
            await send(message | {"body": answer})

        await app(scope, received, rewritten)

    async with running_app(recorder) as upstream.url:
        yield upstream
