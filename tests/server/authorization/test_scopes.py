"""What a caller may do: listed to them, and refused otherwise, by the protocol and by the tools themselves."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.auth.middleware.auth_context import auth_context_var

from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.app import build_server, open_desk
from checkout_server.authorization.scopes import SCOPE_OF_ARGUMENT, SCOPE_OF_TOOL, missing_of_arguments
from checkout_server.authorization.verified import NOBODY, VerifiedToken
from checkout_server.checkout.principal import Scope
from checkout_server.settings import load_settings
from checkout_server.tools.served import TOOLS
from evals.upstream import running_upstream
from issuers import EVERYTHING, JOHN, Issuer, running_issuer
from orders import CONFIRMED, HOSTED, ORDER
from processes import server_environment
from served_tools import ALL, OFFERING_ALL
from shops import ERAS, http_server

LISTED = {
    "checkout:read": {"list_products", "get_checkout_session"},
    "checkout:preview": {"preview_checkout"},
    "checkout:create": {"create_checkout_session"},
    "checkout:confirm": {"list_saved_payment_methods"},
    "checkout:everything openid": set[str](),
}
"""A promise to who hands out tokens: a tool under another scope widens what a token already allows."""


@pytest.mark.requirement("authorization.scopes")
def test_every_tool_and_argument_of_the_tables_exists() -> None:
    assert SCOPE_OF_TOOL.keys() == set().union(*LISTED.values()) == {*ALL}
    fields = {tool.name: set(tool.request.model_fields) for tool in TOOLS}
    assert {tool: set(arguments) - fields[tool] for tool, arguments in SCOPE_OF_ARGUMENT.items()} == {
        "create_checkout_session": set()
    }


@asynccontextmanager
async def server_over_http(folder: Path) -> AsyncGenerator[tuple[str, Issuer, Any]]:
    (folder / "policy.toml").write_text(OFFERING_ALL)
    async with running_issuer() as issuer, running_upstream() as upstream:
        environment = server_environment(
            folder / "ledger.db", upstream.url, CHECKOUT_POLICY=str(folder / "policy.toml"), **issuer.settings
        )
        async with http_server(environment, folder / "errors") as url:
            yield url, issuer, upstream


@asynccontextmanager
async def connected(url: str, token: str, era: str, seen: list[httpx2.Response]) -> AsyncGenerator[Client]:
    async def note(response: httpx2.Response) -> None:
        if response.status_code == 403:
            await response.aread()
            seen.append(response)

    headers = {"authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, event_hooks={"response": [note]}, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http), mode=ERAS[era]) as client,
    ):
        yield client


async def refused(client: Client, seen: list[httpx2.Response], tool: str, arguments: dict[str, Any]) -> tuple[str, str]:
    """What the protocol says of a call: the description, and the scopes that a client signs in for again."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever the client raises; the answer counts
        await client.call_tool(tool, arguments)
    assert caught
    (answer,) = seen
    seen.clear()
    assert answer.json()["error"] == "insufficient_scope"
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert "resource_metadata=" in challenge
    return answer.json()["error_description"], challenge.partition('scope="')[2].partition('"')[0]


@pytest.mark.requirement("authorization.scopes")
@pytest.mark.parametrize("era", ERAS)
async def test_a_caller_is_shown_what_they_may_call_and_the_rest_is_403(tmp_path: Path, era: str) -> None:
    needs = {tool: scope for scope, listed in LISTED.items() for tool in listed}
    async with server_over_http(tmp_path) as (url, issuer, upstream):
        for scope, listed in LISTED.items():
            seen: list[httpx2.Response] = []
            async with connected(url, issuer.token(scope), era, seen) as client:
                assert {tool.name for tool in (await client.list_tools()).tools} == listed
                for tool in needs.keys() - listed:
                    arguments = ORDER if tool == "preview_checkout" else {}
                    told, sign_in_for = await refused(client, seen, tool, arguments)
                    assert told == f"This call needs the scope {needs[tool]}."
                    assert set(sign_in_for.split()) == {needs[tool], scope} & set(EVERYTHING.split())
        assert [each for each in upstream.requests if each[0] == "POST"] == []


@pytest.mark.requirement("authorization.scopes")
@pytest.mark.parametrize("era", ERAS)
async def test_an_argument_that_charges_needs_its_own_scope(tmp_path: Path, era: str) -> None:
    async with server_over_http(tmp_path) as (url, issuer, upstream):
        seen: list[httpx2.Response] = []
        scope = "checkout:preview checkout:create"
        async with connected(url, issuer.token(scope), era, seen) as client:
            listed = {tool.name: tool for tool in (await client.list_tools()).tools}
            fields = listed["create_checkout_session"].input_schema["properties"]
            assert not {"confirm", "payment_method_id"} & fields.keys()
            preview = (await client.call_tool("preview_checkout", ORDER)).structured_content or {}
            sale = {"preview_id": preview["preview_id"]}
            for asked in (CONFIRMED, {"payment_method_id": "pm_1"}):
                told, sign_in_for = await refused(client, seen, "create_checkout_session", sale | asked)
                assert told == "This call needs the scope checkout:confirm."
                assert sign_in_for == f"{scope} checkout:confirm"
            assert not [each for each in upstream.requests if each[:2] == ("POST", "/checkouts")]
            error: Any = (
                await client.call_tool("create_checkout_session", sale | {"confirm": "false"})
            ).structured_content
            assert error["error"]["code"] == "invalid_request"
            sold = await client.call_tool(
                "create_checkout_session", sale | {"confirm": False, "payment_method_id": " "}
            )
            assert not sold.is_error


USED: dict[str, tuple[list[Any], list[Any]]] = {
    "confirm": (
        [True],
        [False, None, "", " ", "true", "True", "false", "null", 1, 1.0, 0, [True], {"confirm": True}, "[true]"],
    ),
    "payment_method_id": (
        ["pm_1", " pm_1", "null", "None", "\u200b", 7, ["pm_1"], '["pm_1"]'],
        [None, "", " ", "\t\n", [], {}, {"id": None}],
    ),
}
"""Values of an argument that charges: those that need its scope, and those that never charge."""


def charges(argument: str, value: Any) -> bool:
    """Whether the tool reads a value of an argument as one that charges."""
    try:
        request = parse(CreateCheckoutSession, {"preview_id": "prv_1", argument: value})
    except InvalidArguments:
        return False
    return bool(getattr(request, argument))


@pytest.mark.requirement("authorization.scopes")
@pytest.mark.parametrize("argument", USED)
def test_an_argument_needs_its_scope_where_the_tool_could_charge_by_it_and_nowhere_else(argument: str) -> None:
    def needs(value: Any) -> bool:
        return argument in missing_of_arguments("create_checkout_session", {argument: value}, {Scope.CREATE})

    used, unused = USED[argument]
    assert ([value for value in used if not needs(value)], [value for value in unused if needs(value)]) == ([], [])
    assert [value for value in unused if charges(argument, value)] == []
    assert USED.keys() == SCOPE_OF_ARGUMENT["create_checkout_session"].keys()


@asynccontextmanager
async def server_in_memory(folder: Path) -> AsyncGenerator[tuple[Callable[..., Any], Any]]:
    """Calls of a server that asks for tokens, past everything that stands before its tools."""
    async with running_upstream() as upstream:
        settings = load_settings(
            DODO_PAYMENTS_API_KEY="test_key",
            DODO_PAYMENTS_BASE_URL=upstream.url,
            CHECKOUT_LEDGER=str(folder / "ledger.db"),
        )
        async with open_desk(settings) as desk:
            await desk.ledger_key.load()
            server = build_server(desk.serving(NOBODY))

            async def call(scopes: str | None, tool: str, arguments: dict[str, Any], subject: str = JOHN) -> Any:
                held = frozenset(map(Scope, (scopes or "").split()))
                token = VerifiedToken("https://issuer.example", subject, held)
                reset = auth_context_var.set(None if scopes is None else token.as_user())
                try:
                    result: Any = await server.call_tool(tool, arguments)
                    return result.structured_content
                finally:
                    auth_context_var.reset(reset)

            yield call, upstream


@pytest.mark.requirement("authorization.scopes")
async def test_the_tools_refuse_it_themselves(tmp_path: Path) -> None:
    async with server_in_memory(tmp_path) as (call, upstream):
        for scopes in (None, "", "checkout:read checkout:create checkout:confirm"):
            error = (await call(scopes, "preview_checkout", ORDER))["error"]
            assert (error["code"], error["retry"]) == ("not_authorized", "ask_human")
            assert "checkout:preview" in error["message"]
        assert upstream.requests == []
        preview = await call("checkout:preview", "preview_checkout", ORDER)
        sale = {"preview_id": preview["preview_id"]}
        for asked in ({"confirm": True, "payment_method_id": "pm_abc123"}, {"confirm": True}):
            error = (await call("checkout:create", "create_checkout_session", sale | HOSTED | asked))["error"]
            assert (error["code"], error["retry"]) == ("not_authorized", "fix_and_retry")
            assert [problem["path"] for problem in error["problems"]] == list(asked)
        assert not [each for each in upstream.requests if each[:2] == ("POST", "/checkouts")]
        assert (await call("checkout:create", "create_checkout_session", sale))["session_id"]


@pytest.mark.requirement("authorization.scopes")
async def test_a_preview_belongs_to_the_subject_of_the_token(tmp_path: Path) -> None:
    async with server_in_memory(tmp_path) as (call, _):
        preview = await call(EVERYTHING, "preview_checkout", ORDER)
        sale = {"preview_id": preview["preview_id"]}
        error = (await call(EVERYTHING, "create_checkout_session", sale, subject="somebody else"))["error"]
        assert error["code"] == "preview_not_found"
        assert (await call(EVERYTHING, "create_checkout_session", sale))["session_id"]
