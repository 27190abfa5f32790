"""The bodies of requests over HTTP: bounded, and refused without a word of what they hold."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from checkout_server.transports.bodies import MAX_BODY
from processes import server_environment
from shops import http_server

HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
ERAS = {"2025": {}, "2026": {"mcp-protocol-version": "2026-07-28"}}


@pytest.fixture
async def url(tmp_path: Path) -> AsyncGenerator[str]:
    async with http_server(server_environment(tmp_path / "ledger.db", None), tmp_path / "errors") as url:
        yield url
    assert "hunter2" not in (tmp_path / "errors").read_text()


async def sent(url: str, content: Any, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.post(url, content=content, headers=HEADERS | headers)


async def pieces(size: int) -> AsyncGenerator[bytes]:
    for _ in range(size // 65536):
        yield b" " * 65536


@pytest.mark.requirement("transport.bounds")
async def test_a_body_that_is_too_large_is_told_so(url: str) -> None:
    assert MAX_BODY == 1024 * 1024
    for content in (b" " * (MAX_BODY + 1), b" " * 5 * MAX_BODY, b" " * 17 * MAX_BODY, pieces(5 * MAX_BODY)):
        answer = await sent(url, content)
        assert answer.status_code == 413
        assert answer.json() == {
            "jsonrpc": "2.0",
            "id": None,
            "error": {"code": -32600, "message": "The request is too large: at most 1048576 bytes are read."},
        }


@pytest.mark.requirement("transport.bounds")
async def test_a_body_of_the_limit_is_read(url: str) -> None:
    assert (await sent(url, b" " * MAX_BODY)).json()["error"]["code"] == -32700
    ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hunter2"}).encode()
    assert "Method not found" in (await sent(url, ping.ljust(MAX_BODY))).text


MALFORMED: list[tuple[bytes, int, Any]] = [
    (b"hunter2", -32700, None),
    (b'{"hunter2": ', -32700, None),
    (b'{"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": ["hunter2"]}', -32600, 7),
    (b'{"jsonrpc": "2.0", "id": 7, "method": {"hunter2": 1}}', -32600, 7),
    (b'[{"jsonrpc": "2.0", "id": 7, "method": "hunter2"}]', -32600, None),
    (b'"hunter2"', -32600, None),
]


@pytest.mark.requirement("transport.robust", "error.no_echo")
@pytest.mark.parametrize("era", ERAS)
async def test_a_malformed_envelope_is_answered_without_its_values(url: str, era: str) -> None:
    for content, code, message_id in MALFORMED:
        answer = await sent(url, content, **ERAS[era])
        error = answer.json()
        assert (answer.status_code, error["error"]["code"]) == (400, code), content
        assert error["id"] == (message_id if era == "2025" else None)
        assert "hunter2" not in answer.text
