"""What a client signs in with goes nowhere: not to the payment API, not into a log, not into the ledger."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from checkout_server.authorization.static_tokens import make_token
from checkout_server.privacy.personal_values.tripwire import Registry
from faulty_upstream import FaultyUpstream
from issuers import JANE, Issuer, running_issuer
from orders import ORDER
from processes import server_environment
from shops import ERAS, http_server


@pytest.mark.requirement("authorization.stays")
@pytest.mark.parametrize("era", ERAS)
async def test_no_part_of_a_token_leaves_the_server(tmp_path: Path, era: str) -> None:
    async with running_issuer() as issuer, FaultyUpstream().running() as upstream:
        token = issuer.token()
        environment = server_environment(
            tmp_path / "ledger.db", upstream.url, CHECKOUT_LOG_LEVEL="DEBUG", **issuer.settings
        )
        async with (
            http_server(environment, tmp_path / "errors") as url,
            httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, trust_env=False) as http,
            Client(streamable_http_client(url, http_client=http), mode=ERAS[era]) as client,
        ):
            preview = (await client.call_tool("preview_checkout", ORDER)).structured_content or {}
            sold = await client.call_tool("create_checkout_session", {"preview_id": preview["preview_id"]})
            assert not sold.is_error, sold.structured_content
    assert {each.headers["authorization"] for each in upstream.requests} == {"Bearer test_key"}
    sent = str([(str(each.url), each.headers.raw, each.content) for each in upstream.requests])
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        stored = "\n".join(connection.iterdump())
    log = (tmp_path / "errors").read_text()
    for part in (*token.split("."), JANE, "jane"):
        assert part not in sent
        assert part not in log
        assert part not in stored
    assert "tool.finished" in log


@pytest.mark.requirement("privacy.tripwire")
def test_a_line_of_somebody_else_with_a_token_in_it_is_withheld() -> None:
    registry = Registry()
    static, _ = make_token("bot", [], now=0.0)
    for token in (Issuer(url="https://id.example").token(), static):
        assert registry.holds(f"GET /mcp authorization: Bearer {token} took 0.4 s")
        assert registry.holds(repr({"token": token[:60]}))
    assert not registry.holds("GET /mcp took 0.4 s")
