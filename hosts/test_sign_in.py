"""Clients of other people sign in at a real authorization server, and sell."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from clients import output_of
from environments import OIDC_PROVIDER, installed
from orders import CONFIRMED, ORDER
from shops import ERAS
from sign_in import CALLBACK, SignIn, browse, client_document, signing_in

BASIC = {"checkout:read", "checkout:preview", "checkout:create"}


class Memory:
    """Where the Python client keeps what it was given."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@asynccontextmanager
async def python_client(
    sign_in: SignIn, era: str, metadata_url: str | None = None
) -> AsyncGenerator[tuple[Client, OAuthClientProvider]]:
    ended: list[str] = []

    async def open_browser(address: str) -> None:
        ended.append(await browse(address))

    async def read_callback() -> AuthorizationCodeResult:
        given = parse_qs(urlsplit(ended.pop()).query)
        return AuthorizationCodeResult(code=given["code"][0], state=given["state"][0], iss=given["iss"][0])

    described: dict[str, Any] = {"client_name": "agent", "redirect_uris": [CALLBACK]}
    provider = OAuthClientProvider(
        sign_in.url, OAuthClientMetadata(**described), Memory(), open_browser, read_callback, metadata_url
    )
    async with (
        httpx2.AsyncClient(auth=provider, trust_env=False) as http,
        Client(streamable_http_client(sign_in.url, http_client=http), mode=ERAS[era]) as client,
    ):
        yield client, provider


def scopes_of(sign_in: SignIn) -> list[set[str]]:
    return [set(each["scope"].split()) - {"offline_access"} for each in sign_in.authorizations()]


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_that_registers_itself_signs_in_sells_and_refreshes(tmp_path: Path, era: str) -> None:
    async with signing_in(tmp_path) as sign_in, python_client(sign_in, era) as (client, provider):
        assert len((await client.list_tools()).tools) == 4
        [authorization] = sign_in.authorizations()
        assert authorization["code_challenge_method"] == "S256"
        assert authorization["resource"] == sign_in.url
        assert scopes_of(sign_in) == [BASIC]
        assert "POST /reg" in sign_in.paths()

        preview = (await client.call_tool("preview_checkout", ORDER)).structured_content or {}
        signed_in_once = len(sign_in.authorizations())
        first = provider.context.current_tokens
        provider.context.token_expiry_time = 1.0  # as if its time were over
        sold = await client.call_tool("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert not sold.is_error, sold.structured_content
        second = provider.context.current_tokens
        assert first is not None
        assert second is not None
        assert first.access_token != second.access_token
        assert len(sign_in.authorizations()) == signed_in_once
        assert sign_in.paths().count("POST /token") == 2
    log = (tmp_path / "server.log").read_text()
    assert "jane" not in log
    assert second.access_token.rpartition(".")[2] not in log


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_described_by_a_document_signs_in_again_for_what_charges(tmp_path: Path, era: str) -> None:
    async with (
        signing_in(tmp_path) as sign_in,
        client_document(sign_in.authority) as document,
        python_client(sign_in, era, document) as (client, _),
    ):
        preview = (await client.call_tool("preview_checkout", ORDER)).structured_content or {}
        sale = CONFIRMED | {"preview_id": preview["preview_id"]}
        refused = (await client.call_tool("create_checkout_session", sale)).structured_content or {}
        # Signed in for it, and still a person has to approve.
        assert refused["error"]["code"] == "approval_required"
        assert [each["client_id"] for each in sign_in.authorizations()] == [document, document]
        assert scopes_of(sign_in) == [BASIC, BASIC | {"checkout:confirm"}]
        assert "POST /reg" not in sign_in.paths()


async def test_the_typescript_client_signs_in_and_sells(tmp_path: Path) -> None:
    command = OIDC_PROVIDER.command(await installed(OIDC_PROVIDER), "sign_in.mjs")
    async with signing_in(tmp_path) as sign_in:
        told = json.loads(await output_of([*command, sign_in.url, CALLBACK, json.dumps(ORDER)], tmp_path))
        assert len(told["tools"]) == 4
        assert told["sold"]["session_id"]
        assert scopes_of(sign_in)[0] == BASIC
        assert sign_in.authorizations()[0]["code_challenge_method"] == "S256"
