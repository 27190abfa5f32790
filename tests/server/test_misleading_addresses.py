"""No setting, no command, no listener and no answer of the API takes a misleading address for what it looks like."""

from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from pydantic import TypeAdapter, ValidationError
from starlette.responses import PlainTextResponse

from checkout_server.cli import install, sandbox
from checkout_server.gateway.fields import PageUrl
from checkout_server.sandbox.own_hosts import OnlyLoopbackHosts
from checkout_server.settings import SettingsError, load_settings
from checkout_server.settings.api_urls import reaches_live_api
from checkout_server.transports.own_names import only_for_own_names
from misleading_addresses import LOOKALIKES, USERINFO

WITHOUT_TLS = [f"http://{host}:8080" for host in LOOKALIKES]
WITH_SOMEBODY = [f"{scheme}://{rest}" for scheme in ("https", "http") for rest in USERINFO]
KEY = {"DODO_PAYMENTS_API_KEY": "test_key"}
ID = "https://id.example"
SIGN_IN = {"CHECKOUT_AUTH_ISSUER": ID, "CHECKOUT_AUTH_JWKS_URL": ID, "CHECKOUT_AUTH_AUDIENCE": f"{ID}/mcp"}


def refusal_of(name: str, value: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(**{name: value})
    return str(refused.value)


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("name", ["CHECKOUT_PUBLIC_URL", *SIGN_IN])
def test_an_address_of_ours_or_of_a_sign_in_has_tls_or_is_this_machine_and_names_nobody(name: str) -> None:
    for url in [*WITHOUT_TLS, *WITH_SOMEBODY]:
        assert refusal_of(name, url).startswith(f"{name} must be "), url
    ours = {name: "http://localhost:8080"} if name == "CHECKOUT_PUBLIC_URL" else SIGN_IN | {name: "http://[::1]:8080"}
    assert load_settings(**ours)


@pytest.mark.requirement("cli.settings", "cli.live_host")
def test_a_base_url_names_nobody_so_that_no_key_goes_elsewhere() -> None:
    for url in WITH_SOMEBODY:
        assert refusal_of("DODO_PAYMENTS_BASE_URL", url).startswith("DODO_PAYMENTS_BASE_URL must be an absolute"), url
    for userinfo in (
        "test.dodopayments.com@live.dodopayments.com",
        "live.dodopayments.com@evil.example",
        "@live.dodopayments.com",
    ):
        assert refusal_of("DODO_PAYMENTS_BASE_URL", f"https://{userinfo}/").startswith("DODO_PAYMENTS_BASE_URL must be")
    for host in ("live.dodopayments.com.evil.example", "evillive.dodopayments.com", "live.dodopayments.com.localhost"):
        assert not reaches_live_api(f"https://{host}/")
        assert load_settings(**KEY, DODO_PAYMENTS_BASE_URL=f"https://{host}/").environment == "test_mode"


@pytest.mark.requirement("transport.names")
def test_names_and_origins_are_set_without_anything_before_or_behind_them() -> None:
    for odd in (
        "user@mcp.example.com",
        "mcp.example.com/mcp",
        "https://mcp.example.com",
        "*.example.com",
        "mcp.example.com:",
    ):
        assert refusal_of("CHECKOUT_ALLOWED_HOSTS", odd).startswith("CHECKOUT_ALLOWED_HOSTS must be"), odd
    for odd in (
        "https://user@app.example.com", "https://app.example.com@evil.example", "https://app.example.com/x",
        "https://*.example.com", "app.example.com", "https://app.example.com?x", "null",
    ):  # fmt: skip
        assert refusal_of("CHECKOUT_ALLOWED_ORIGINS", odd).startswith("CHECKOUT_ALLOWED_ORIGINS must be"), odd


@asynccontextmanager
async def asked(app: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8000") as client:
        yield client


NAMES = ["mcp.example.com", "internal:8443"]
NOT_OUR_NAMES = [
    *(host.strip("/") for host in USERINFO if "%" not in host),
    *(f"{host}{port}" for host in LOOKALIKES for port in ("", ":8000", ":80")),
    "evilmcp.example.com", "mcp.example.com.", "mcp.example.com@evil.example", "evil.example@mcp.example.com",
    "mcp.example.com:443@evil.example", "mcp-example.com", "mcpxexample.com", "internal:8443@evil.example", "internal",
    "evilinternal:8443", "mcp.example.com, evil.example", "mcp.example.com evil.example", "mcp.example.com/",
]  # fmt: skip


@pytest.mark.requirement("transport.names", "transport.loopback")
async def test_a_server_answers_to_no_name_that_only_contains_one_of_its_own() -> None:
    async with asked(only_for_own_names(PlainTextResponse("sold"), "127.0.0.1", 8000, hosts=NAMES)) as client:
        for host in NOT_OUR_NAMES:
            assert (await client.get("/mcp", headers={"host": host})).status_code == 421, host
        for host in ("127.0.0.1:8000", "localhost:8000", "mcp.example.com:1", "internal:8443"):
            assert (await client.get("/mcp", headers={"host": host})).status_code == 200, host


@pytest.mark.requirement("transport.names", "transport.loopback")
async def test_a_server_answers_to_no_page_whose_origin_only_contains_a_listed_one() -> None:
    origins = {"https://app.example.com"}
    app = only_for_own_names(PlainTextResponse("sold"), "127.0.0.1", 8000, origins=origins)
    async with asked(app) as client:
        for origin in [
            *WITHOUT_TLS,
            *(url.removesuffix("/") for url in WITH_SOMEBODY),
            *(f"https://{host}" for host in LOOKALIKES),
            "https://evilapp.example.com", "https://app.example.com.", "https://app.example.com@evil.example",
            "https://evil.example@app.example.com", "https://appxexample.com", "https://app.example.com:443",
            "https://app.example.com, https://evil.example", "https://app.example.com/", "file://", "app.example.com",
        ]:  # fmt: skip
            answer = await client.get("/mcp", headers={"origin": origin})
            assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (403, None), origin
        assert (await client.get("/mcp", headers={"origin": "https://app.example.com"})).status_code == 200


@pytest.mark.requirement("sandbox.own_pages")
async def test_the_sandbox_answers_to_no_name_that_only_looks_like_this_machine() -> None:
    async with asked(OnlyLoopbackHosts(PlainTextResponse("sold"))) as client:
        for host in [*LOOKALIKES, *(host.strip("/") for host in USERINFO), "127.1", "localhost.", "shop.localhost", ""]:
            assert (await client.get("/", headers={"host": host})).status_code == 421, host
        for host in ("localhost", "127.0.0.1:4010", "[::1]:4010", "127.9.8.7"):
            assert (await client.get("/", headers={"host": host})).status_code == 200, host


@pytest.mark.requirement("once.proof")
def test_a_page_that_the_api_gives_has_tls_or_is_this_machine_and_names_nobody() -> None:
    page: TypeAdapter[Any] = TypeAdapter(PageUrl)
    for url in [*WITHOUT_TLS, *WITH_SOMEBODY]:
        with pytest.raises(ValidationError):
            page.validate_python(url)
    assert page.validate_python("https://checkout.example/session/cks_1") == "https://checkout.example/session/cks_1"


@pytest.mark.requirement("cli.install")
def test_a_client_is_given_no_misleading_address() -> None:
    parser = ArgumentParser(exit_on_error=False)
    install.add_arguments(parser)
    for url in [*WITHOUT_TLS, *WITH_SOMEBODY]:
        with pytest.raises(ArgumentError):
            parser.parse_args(["codex", "--http", url])
    for url in ("https://shop.example.com/mcp", "http://localhost:8000/mcp", "http://[::1]:8000/mcp"):
        assert parser.parse_args(["codex", "--http", url]).http == url


@pytest.mark.requirement("sandbox.loopback", "sandbox.webhooks")
def test_the_sandbox_neither_listens_on_nor_sends_to_a_misleading_address(capsys: pytest.CaptureFixture[str]) -> None:
    for host in LOOKALIKES:
        assert sandbox.run(Namespace(host=host.strip("[]"), webhook_url=None)) == 2, host
    for url in [*WITHOUT_TLS, *WITH_SOMEBODY]:
        assert sandbox.run(Namespace(host="127.0.0.1", webhook_url=url)) == 2, url
    assert "evil" not in capsys.readouterr().err
