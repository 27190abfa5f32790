"""Requests that are no requests."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

import pytest

from checkout_server.listening.parser import MAX_FRAMING_BYTES
from checkout_server.sandbox.listener import running_app

ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "a target": (b"GET /", b"a"),
    "a header": (b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", b"a"),
    "headers": (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X-Many: a\r\n"),
    "a trailer": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Long: ", b"a"),
    "the sizes of chunks": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"1;ext=abcdef\r\na\r\n",
    ),
}


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the length of the request's body."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def answer_to(url: str, parts: AsyncIterable[bytes]) -> bytes:
    """All that comes back for what is sent; it is sent no further once the connection ends."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    answer = asyncio.create_task(reader.read())
    try:
        async for part in parts:
            if answer.done():
                break
            writer.write(part)
            await writer.drain()
        return await answer
    except ConnectionError:  # the refusal can be lost when what was on its way meets a closed connection
        return b""
    finally:
        answer.cancel()
        writer.close()


@pytest.mark.requirement("transport.bounded_head")
@pytest.mark.parametrize("case", ENDLESS)
async def test_a_request_of_which_something_never_ends_is_refused(case: str) -> None:
    start, more = ENDLESS[case]
    sent = 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal sent
        yield start
        while sent < 64 * MAX_FRAMING_BYTES:
            part = more * (16 * 1024 // len(more))
            sent += len(part)
            yield part
            await asyncio.sleep(0)

    async with running_app(echo) as url:
        answer = await answer_to(url, endless())
    assert answer.startswith(b"HTTP/1.1 400 ") or not answer
    assert sent < 64 * MAX_FRAMING_BYTES


@pytest.mark.requirement("transport.bounded_head")
async def test_a_long_body_and_many_requests_on_a_connection_are_no_head() -> None:
    body = b"a" * (4 * MAX_FRAMING_BYTES)
    request = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def requests() -> AsyncGenerator[bytes]:
        for _ in range(3):
            yield request
        yield request.replace(b"Host: a", b"Host: a\r\nConnection: close")

    async with running_app(echo) as url:
        answer = await answer_to(url, requests())
    assert answer.count(b"HTTP/1.1 200 OK") == 4
    assert answer.count(str(len(body)).encode()) == 4


@pytest.mark.requirement("transport.bounded_head")
async def test_the_heads_of_one_connection_do_not_add_up() -> None:
    header = b"X-Long: " + b"a" * (MAX_FRAMING_BYTES // 4) + b"\r\n"
    request = b"GET / HTTP/1.1\r\nHost: a\r\n" + header + b"\r\n"

    async def requests() -> AsyncGenerator[bytes]:
        for _ in range(8):
            yield request
        yield request.replace(b"Host: a", b"Host: a\r\nConnection: close")

    async with running_app(echo) as url:
        answer = await answer_to(url, requests())
    assert answer.count(b"HTTP/1.1 200 OK") == 9
