"""Clients that keep a connection waiting, on real sockets: each is let go, and nobody else is cut short."""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

import pytest

from checkout_server.listening.patience import Patience
from checkout_server.sandbox.listener import running_app

SHORT = Patience(request=0.2, reading=0.2, idle=60)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n"


@pytest.fixture(params=["httptools", "h11"], autouse=True)
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "h11":
        monkeypatch.setitem(sys.modules, "uvicorn.protocols.http.httptools_impl", None)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def hasty(scope: Any, receive: Any, send: Any) -> None:
    """Answers before it reads, as a refusal does."""
    await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def told_by(app: Any, parts: AsyncIterable[bytes], patience: Patience = SHORT) -> bytes:
    """All that comes back until the server closes; what is sent goes on until then."""
    async with running_app(app, patience=patience) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))

        async def send() -> None:
            async for part in parts:
                writer.write(part)
                await writer.drain()

        sending, told = asyncio.create_task(send()), bytearray()
        try:
            # In parts: what came before the connection was reset counts.
            while part := await reader.read(1024):
                told += part
            return bytes(told)
        except ConnectionError:
            return bytes(told)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            writer.close()


async def trickle(*first: bytes, endless: bytes) -> AsyncGenerator[bytes]:
    """What never ends, and never pauses for long."""
    for part in first:
        yield part
    while True:
        await asyncio.sleep(0.02)
        yield endless


@pytest.mark.requirement("transport.slow_clients")
async def test_a_head_that_trickles_is_refused() -> None:
    answer = await told_by(echo, trickle(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", endless=b"a"))
    assert answer.startswith(TOO_SLOW)
    assert answer.endswith(b"The request took too long to arrive.")


@pytest.mark.requirement("transport.slow_clients")
async def test_a_body_that_trickles_is_refused() -> None:
    chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert (await told_by(echo, trickle(chunked, endless=b"1\r\na\r\n"))).startswith(TOO_SLOW)


@pytest.mark.requirement("transport.slow_clients")
async def test_a_body_that_does_not_come_is_refused() -> None:
    async def half() -> AsyncGenerator[bytes]:
        yield POST + b"ab"

    assert (await told_by(echo, half())).startswith(TOO_SLOW)


@pytest.mark.requirement("transport.slow_clients")
async def test_a_connection_without_a_request_is_closed_without_a_word() -> None:
    async def nothing() -> AsyncGenerator[bytes]:
        return
        yield b""

    assert await told_by(echo, nothing()) == b""


@pytest.mark.requirement("transport.slow_clients")
async def test_a_further_request_that_trickles_is_refused_too() -> None:
    answer = await told_by(echo, trickle(GET, POST + b"12345", b"GET / HTTP/1.1\r\nX: ", endless=b"a"))
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.count(TOO_SLOW) == 1


@pytest.mark.requirement("transport.slow_clients")
async def test_what_trickles_in_after_its_answer_holds_nothing() -> None:
    answer = await told_by(hasty, trickle(POST.replace(b": 5", b": 50000"), endless=b"a"))
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.startswith(b"HTTP/1.1 401 ")


async def open_connection(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


@pytest.mark.requirement("transport.slow_clients")
async def test_a_connection_whose_answer_came_before_the_body_is_kept_for_the_next_request() -> None:
    async with running_app(hasty, patience=SHORT) as url:
        reader, writer = await open_connection(url)
        writer.write(POST)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 401 ")
        writer.write(b"12345")
        silent, later = await open_connection(url)
        assert await silent.read() == b""  # as long as a request may take has passed
        writer.write(GET)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 401 ")
        writer.close()
        later.close()


@pytest.mark.requirement("transport.slow_clients")
async def test_it_is_closed_when_no_further_request_comes() -> None:
    idle: Any = 0.2
    async with running_app(hasty, patience=Patience(idle=idle)) as url:
        reader, writer = await open_connection(url)
        writer.write(POST)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"12345")
        assert await reader.read() == b""
        writer.close()


@pytest.mark.requirement("transport.slow_clients")
async def test_an_answer_that_takes_longer_than_a_request_may_is_not_cut() -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(3 * SHORT.request)
        await echo(scope, receive, send)

    async def two() -> AsyncGenerator[bytes]:
        yield POST + b"12345"
        yield (POST + b"67890").replace(b"Host: a", b"Host: a\r\nConnection: close")

    answer = await told_by(slow, two())
    assert answer.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.requirement("transport.slow_clients")
async def test_a_connection_that_asks_no_more_is_closed() -> None:
    async def one() -> AsyncGenerator[bytes]:
        yield GET

    answer = await told_by(echo, one(), Patience(idle=0))
    assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.requirement("transport.slow_clients")
async def test_an_answer_that_nobody_takes_ends_its_connection() -> None:
    let_go = asyncio.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            let_go.set()

        watching = asyncio.create_task(watch())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not let_go.is_set():
            await send({"type": "http.response.body", "body": b"a" * 65536, "more_body": True})
            await asyncio.sleep(0)
        await watching

    async with running_app(endless, patience=SHORT) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1)
        writer.write(GET)
        await let_go.wait()
        writer.close()
    assert reader is not None
