"""A request whose token does not count is answered before it is read, in both protocol eras."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from evals.upstream import running_upstream
from issuers import AUDIENCE, EVERYTHING, JANE, JOHN, Issuer, running_issuer
from processes import server_environment
from served_tools import OFFERED
from shops import ERAS, http_server

ACCEPT = {"accept": "application/json, text/event-stream"}
MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
REQUESTS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "2026": ({"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list"}, {"_meta": MODERN}),
    "2025": ({"mcp-protocol-version": "2025-11-25"}, {}),
}
METADATA = "https://checkout.example/.well-known/oauth-protected-resource/mcp"


@asynccontextmanager
async def serving(folder: Path, issuer: Issuer, **extra: str) -> AsyncGenerator[str]:
    """The URL of a server that trusts this issuer."""
    async with running_upstream() as upstream:
        environment = server_environment(folder / "ledger.db", upstream.url, **issuer.settings, **extra)
        async with http_server(environment, folder / "errors") as url:
            yield url


async def ask(url: str, era: str, **headers: str) -> httpx2.Response:
    of_era, params = REQUESTS[era]
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params}
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.post(url, json=message, headers=ACCEPT | of_era | headers)


@pytest.mark.requirement("authorization.tokens")
async def test_every_wrong_token_is_refused_with_401_and_logged_by_a_word(tmp_path: Path) -> None:
    async with running_issuer() as issuer:
        wrong = issuer.wrong_tokens()
        async with serving(tmp_path, issuer) as url:
            answers = {
                (name, era): await ask(url, era, authorization=f"Bearer {token}")
                for era in REQUESTS
                for name, (token, _) in wrong.items()
            }
    assert {case: answer.status_code for case, answer in answers.items()} == dict.fromkeys(answers, 401)
    for answer in answers.values():
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith('Bearer error="invalid_token", error_description="The ')
        assert challenge.endswith(f'resource_metadata="{METADATA}"')
        assert answer.json()["error"] == "invalid_token"
    log = (tmp_path / "errors").read_text()
    problems = [
        line["problem"] for line in map(json.loads, log.splitlines()) if line["event"] == "authorization.refused"
    ]
    assert problems == 2 * [problem for _, problem in wrong.values()]
    for token, _ in wrong.values():
        assert token[-20:] not in log
        assert all(token[-20:] not in answer.text + str(answer.headers) for answer in answers.values())
    assert JANE not in log


@pytest.mark.requirement("authorization.tokens")
async def test_a_request_without_a_token_learns_where_to_sign_in(tmp_path: Path) -> None:
    async with running_issuer() as issuer, serving(tmp_path, issuer) as url:
        answers = [await ask(url, era) for era in REQUESTS]
        # No bearer authentication: as good as nothing (RFC 6750, 3.1).
        other_schemes = [
            await ask(url, "2026", authorization=header)
            for header in ("Basic amFuZTpzZXNhbWU=", f"Token {issuer.token()}", "Bearers sesame", "")
        ]
        bare = await ask(url, "2026", authorization="Bearer")
        in_the_url = await ask(f"{url}?access_token={issuer.token()}", "2026")
        origin = "http://{0.hostname}:{0.port}".format(urlsplit(url))
        async with httpx2.AsyncClient(trust_env=False) as client:
            told = await client.get(f"{origin}{urlsplit(METADATA).path}")
            elsewhere = await client.get(f"{origin}/elsewhere")
            page = {"origin": "http://localhost:6274", "access-control-request-method": "POST"}
            preflight = await client.options(url, headers=page)
            twice = [("authorization", f"Bearer {issuer.token()}"), ("authorization", f"Bearer {issuer.token()}")]
            both = await client.post(url, json={}, headers=twice)
            mixed = [("authorization", "Basic amFuZTpzZXNhbWU="), ("authorization", f"Bearer {issuer.token()}")]
            either = await client.post(url, json={}, headers=mixed)
    assert preflight.status_code == 200  # a browser asks it without a token
    for answer in [*answers, in_the_url, *other_schemes, elsewhere]:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == (
            f'Bearer scope="checkout:read checkout:preview checkout:create", resource_metadata="{METADATA}"'
        )
    for answer in (bare, both, either):
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token", ')
    assert told.json() == {
        "resource": AUDIENCE,
        "resource_name": "Dodo Payments checkout",
        "authorization_servers": [issuer.url],
        "scopes_supported": sorted(EVERYTHING.split()),
        "bearer_methods_supported": ["header"],
    }


@pytest.mark.requirement("authorization.tokens")
async def test_a_session_of_the_2025_era_is_nobody_elses(tmp_path: Path) -> None:
    asked = {"elicitation": {}}
    opening = {"protocolVersion": "2025-11-25", "capabilities": asked, "clientInfo": {"name": "agent", "version": "1"}}
    first = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": opening}
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    async with running_issuer() as issuer, serving(tmp_path, issuer) as url:

        async def post(message: dict[str, Any], subject: str, **headers: str) -> httpx2.Response:
            bearer = {"authorization": f"Bearer {issuer.token(sub=subject)}"}
            async with httpx2.AsyncClient(trust_env=False) as client:
                return await client.post(url, json=message, headers=ACCEPT | bearer | headers)

        session = (await post(first, JANE)).headers["mcp-session-id"]
        statuses = [(await post(listing, who, **{"mcp-session-id": session})).status_code for who in (JOHN, JANE)]
        ended = f"{session.partition('-')[0]}-{'0' * 32}"
        unknown = (await post(listing, JOHN, **{"mcp-session-id": ended})).status_code
    assert statuses == [unknown, 200]


@pytest.mark.requirement("authorization.tokens")
@pytest.mark.parametrize("era", ERAS)
async def test_a_right_token_is_served_whatever_its_issuer_makes_of_the_details(tmp_path: Path, era: str) -> None:
    async with running_issuer() as issuer, serving(tmp_path, issuer) as url:
        right = {
            "as it should be": issuer.token(),
            "several audiences": issuer.token(aud=["https://else.example", AUDIENCE]),
            "an audience with a slash": issuer.token(aud=f"{AUDIENCE}/"),
            "expired within the leeway": issuer.token(exp=issuer.claims()["iat"] - 5),
            "without the name of its key": issuer.token(kid=None),
            "scopes as a list": issuer.token("", scope=EVERYTHING.split()),
            "scopes in scp": issuer.token("", scope=None, scp=EVERYTHING.split()),
        }
        listed: dict[str, int] = {}
        for name, token in right.items():
            async with (
                httpx2.AsyncClient(headers={"authorization": f"bearer {token}"}, trust_env=False) as http,
                Client(streamable_http_client(url, http_client=http), mode=ERAS[era]) as client,
            ):
                listed[name] = len((await client.list_tools()).tools)
    assert listed == dict.fromkeys(right, len(OFFERED))
    assert issuer.fetches == 1
