"""Sessions of the older era: as many as a principal and a process may have, and every request beyond is answered."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from checkout_server.app import bounded_sessions
from checkout_server.app.bounded_sessions import MOST_OF_A_PRINCIPAL
from checkout_server.authorization.answers import Answers
from checkout_server.authorization.guard import Authorization, authorized
from checkout_server.authorization.verified import VerifiedToken
from checkout_server.transports.bodies import MAX_BODY, BoundedBodies
from checkout_server.transports.sessions import mcp_app
from shops import _memory

ACCEPT = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}
OPENING = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {"elicitation": {}},
        "clientInfo": {"name": "a", "version": "1"},
    },
}


async def verify(token: str) -> VerifiedToken:
    """A token is a subject and a program."""
    subject, _, program = token.partition("@")
    return VerifiedToken("https://issuer.example", subject, frozenset(), program)


@asynccontextmanager
async def serving(folder: Path, *, with_tokens: bool = True) -> AsyncGenerator[httpx2.AsyncClient]:
    async with _memory(folder / "ledger.db", "http://127.0.0.1:9", folder / "errors") as (server, _desk):
        app = mcp_app(server, max_body=MAX_BODY)
        guard = Authorization(verify, Answers()) if with_tokens else None
        transport = httpx2.ASGITransport(authorized(BoundedBodies(app), guard))
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=ACCEPT) as http,
        ):
            yield http


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def open_session(http: httpx2.AsyncClient, who: str = "jane") -> str | None:
    """The id of a new session, if there is one; the request is answered either way."""
    answer = await http.post("/mcp", json=OPENING, headers=bearer(who))
    data = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith(("data: ", "{"))]
    assert (answer.status_code, json.loads(data[-1])["result"]["serverInfo"]["name"]) == (200, "dodo-checkout")
    return answer.headers.get("mcp-session-id")


@pytest.mark.requirement("transport.sessions")
async def test_a_principal_has_twenty_sessions_through_all_programs_and_takes_none_from_others(tmp_path: Path) -> None:
    async with serving(tmp_path) as http:
        opened = [await open_session(http, f"jane@{number}") for number in range(22)]
        assert [session is not None for session in opened] == [True] * MOST_OF_A_PRINCIPAL + [False] * 2
        assert await open_session(http, "john") is not None


@pytest.mark.requirement("transport.sessions")
async def test_a_process_holds_so_many_sessions_and_answers_further_clients_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_sessions, "MOST_OF_A_PROCESS", 2)
    async with serving(tmp_path) as http:
        assert [await open_session(http, who) is not None for who in ("jane", "john", "joan")] == [True, True, False]


@pytest.mark.requirement("transport.sessions")
async def test_without_tokens_only_the_process_has_a_bound(tmp_path: Path) -> None:
    async with serving(tmp_path, with_tokens=False) as http:
        assert None not in [await open_session(http) for _ in range(MOST_OF_A_PRINCIPAL + 1)]


@pytest.mark.requirement("transport.robust")
@pytest.mark.parametrize("message_id", [None, 1.5, True, [1]])
@pytest.mark.parametrize("message", [{"method": "tools/list"}, OPENING])
async def test_a_request_whose_id_is_none_is_refused_in_a_session_and_without_one(
    tmp_path: Path, message: dict[str, object], message_id: object
) -> None:
    """As over stdio."""
    async with serving(tmp_path) as http:
        session = bearer("jane") | {"mcp-session-id": str(await open_session(http))}
        answers = [
            await http.post("/mcp", json={"jsonrpc": "2.0"} | message | {"id": message_id}, headers=headers)
            for headers in (session, bearer("jane"))
        ]
    assert [(answer.status_code, answer.json()["id"], answer.json()["error"]["code"]) for answer in answers] == [
        (400, None, -32600)
    ] * 2


@pytest.mark.requirement("transport.sessions")
@pytest.mark.parametrize("ending", ["deleted", "idle"])
async def test_a_session_that_ended_makes_room(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_sessions, "MOST_OF_A_PRINCIPAL", 1)
    if ending == "idle":
        monkeypatch.setattr(bounded_sessions, "IDLE_SECONDS", 0.1)
    async with serving(tmp_path) as http:
        first = await open_session(http)
        if ending == "deleted":
            assert await open_session(http) is None
            assert (
                await http.delete("/mcp", headers=bearer("jane") | {"mcp-session-id": str(first)})
            ).status_code == 200
        while (next_one := await open_session(http)) is None:
            pass
        assert next_one != first
