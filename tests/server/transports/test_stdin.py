"""What arrives on stdin and is no message: answered by JSON-RPC's errors, logged without its text, and no hindrance."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from processes import server_environment

MARK = b"\xef\xbb\xbf"
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}
PING = {"jsonrpc": "2.0", "id": 2, "method": "ping"}


def line(message: Any) -> bytes:
    return json.dumps(message).encode()


def whole(*between: bytes, mark: bytes = b"", end: bytes = b"\n") -> bytes:
    """A handshake, then some lines, then a ping."""
    return b"".join(mark + each + end for each in (line(HELLO), line(READY), *between, line(PING)))


async def talk(folder: Path, sent: bytes) -> tuple[list[Any], list[dict[str, Any]]]:
    """What a server answered and logged by the end of its input; the handshake's answer and the ping's are checked."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", env=server_environment(folder / "ledger.db", None),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(sent)
    answers = [{}]
    while answers[-1].get("id") != PING["id"]:  # at the end of its input a server drops what it has not answered
        answers.append(json.loads(await process.stdout.readline()))
    out, err = await process.communicate(b"")
    assert (process.returncode, out) == (0, b"")
    answers = answers[1:]
    good = {answer["id"]: answer for answer in answers if "result" in answer}
    assert good.keys() == {1, 2}
    assert "hunter2" not in json.dumps(answers) + err.decode()
    events = [json.loads(each) for each in err.splitlines()]
    told = [{"event": each["event"], "level": each["level"]} for each in events if each["event"].startswith("message.")]
    return [answer for answer in answers if "result" not in answer], told


@pytest.mark.requirement("transport.robust")
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(MARK + whole(), id="a mark"),
        pytest.param(whole(mark=MARK), id="a mark before every line"),
        pytest.param(whole(mark=MARK, end=b"\r\n"), id="marks and CRLF"),
        pytest.param(whole(end=b"\r\n"), id="CRLF"),
        pytest.param(whole(b"", b"  ", b"\r", MARK), id="blank lines"),
    ],
)
async def test_marks_line_ends_and_blank_lines_are_no_matter(tmp_path: Path, sent: bytes) -> None:
    assert await talk(tmp_path, sent) == ([], [])


NOT_JSON = [b"hunter2", b'{"hunter2":', b"[" * 100_000, b'"\\ud800"', b"\xff\xfehunter2", MARK + b"hunter2", b"{} {}"]


@pytest.mark.requirement("transport.robust")
async def test_each_line_that_is_not_json_is_answered_and_logged(tmp_path: Path) -> None:
    errors, told = await talk(tmp_path, whole(*NOT_JSON))
    assert [(error["id"], error["error"]["code"]) for error in errors] == [(None, -32700)] * len(NOT_JSON)
    assert told == [{"event": "message.not_json", "level": "WARNING"}] * len(NOT_JSON)


NO_REQUEST: list[tuple[Any, list[Any]]] = [
    ({"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": []}, [7]),
    ({"jsonrpc": "2.0", "id": "seven", "method": 5}, ["seven"]),
    ({"jsonrpc": "1.0", "id": 7, "method": "hunter2"}, [7]),
    ({"jsonrpc": "2.0", "id": 7}, [7]),
    ({"jsonrpc": "2.0", "id": True, "method": 5}, [None]),
    ({"jsonrpc": "2.0", "id": {"hunter2": 1}, "method": 5}, [None]),
    ({"jsonrpc": "2.0", "method": "notifications/progress", "params": ["hunter2"]}, [None]),
    ({"jsonrpc": "2.0", "id": 7, "result": "hunter2"}, []),
    ({"jsonrpc": "2.0", "id": 7, "error": "hunter2"}, []),
    ({"jsonrpc": "2.0", "id": None, "method": "tools/list"}, [None]),
    ({"jsonrpc": "2.0", "id": 1.5, "method": "hunter2"}, [None]),
    ({"jsonrpc": "2.0", "id": True, "method": "tools/list"}, [None]),
    ({"jsonrpc": "2.0", "id": [1], "method": "tools/list"}, [None]),
    ({"jsonrpc": "2.0", "method": "tools/list"}, [None]),
    ("hunter2", [None]),
    (None, [None]),
    ([], [None]),
    ([1, "hunter2"], [None]),
    ([PING | {"id": 8}, {"jsonrpc": "2.0", "id": 9, "result": {}}, PING | {"id": 10}], [8, 10]),
]
"""And the ids by which each is refused; a reply is not, since its id is one of ours."""


@pytest.mark.requirement("transport.robust")
async def test_what_is_json_and_no_request_is_answered_by_its_id(tmp_path: Path) -> None:
    errors, told = await talk(tmp_path, whole(*(line(message) for message, _ids in NO_REQUEST)))
    refused = [each for _message, ids in NO_REQUEST for each in ids]
    assert [(error["id"], error["error"]["code"]) for error in errors] == [(each, -32600) for each in refused]
    assert told == [{"event": "message.no_request", "level": "WARNING"}] * len(NO_REQUEST)


@pytest.mark.requirement("transport.robust")
async def test_what_comes_before_the_handshake_is_refused_too(tmp_path: Path) -> None:
    errors, told = await talk(tmp_path, b"hunter2\n[]\n" + whole())
    assert [error["error"]["code"] for error in errors] == [-32700, -32600]
    assert len(told) == 2
