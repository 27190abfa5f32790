"""Proxies and certificates that the environment names: each works, or the first request's event names the variable."""

import asyncio
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from authorities import make_authority, tls_in_front_of
from checkout_server.gateway.errors import NoAnswer, NotSent
from checkout_server.privacy.logs.events import EventRecord
from gateway_failures import failure_of

VARIABLES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
Failures = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, api: Any, documents: dict[str, Any]) -> None:
    """None of the tester's own, and an API that answers."""
    api.answers(200, documents["get_product"])
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def failures(caplog: pytest.LogCaptureFixture) -> Failures:
    """The events of failed requests: operation, failure, kind and variable."""

    def told() -> list[dict[str, Any]]:
        lines = [record.line for record in caplog.records if isinstance(record, EventRecord)]
        return [
            {name: line.fields.get(name) for name in ("failure", "kind", "variable")}
            for line in lines
            if line.event == "gateway.failed"
        ]

    return told


UNUSABLE = {
    "a SOCKS proxy without its package": ("ALL_PROXY", "socks5://127.0.0.1:7890"),
    "a SOCKS proxy in small letters": ("all_proxy", "socks5h://127.0.0.1:7890"),
    "a scheme that no proxy has": ("HTTPS_PROXY", "gopher://hunter2@127.0.0.1"),
    "no URL": ("HTTPS_PROXY", "http://hunter2@[::1"),
    "no host": ("https_proxy", "http://:8080"),
    "no port": ("HTTPS_PROXY", "http://127.0.0.1:hunter2"),
}


@pytest.mark.requirement("gateway.surroundings")
@pytest.mark.parametrize("what", UNUSABLE)
@pytest.mark.parametrize("operation", ["preview", "create"])
async def test_a_proxy_that_cannot_be_used_is_named(open_gateway, call, monkeypatch, failures, waits, what, operation):
    name, value = UNUSABLE[what]
    monkeypatch.setenv(name, value)
    gateway = open_gateway(base_url="https://api.example", trust_env=True)
    error = await failure_of(call(gateway, operation))
    assert (type(error), error.kind, error.variable) == (NotSent, "proxy", name.upper())
    assert failures() == [{"failure": "NotSent", "kind": "proxy", "variable": name.upper()}]
    assert waits == []


PAST = ["127.0.0.1", "127.0.0.0/8", "*", "::1,[::1],fd07::/64,::1/128,127.0.0.1", "example.com 127.0.0.1", ".0.0.1"]


@pytest.mark.requirement("gateway.surroundings")
@pytest.mark.parametrize("hosts", PAST)
async def test_a_host_in_no_proxy_is_asked_directly_whatever_the_proxy(api, open_gateway, call, monkeypatch, hosts):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:7890")
    monkeypatch.setenv("NO_PROXY", hosts)
    await call(open_gateway(trust_env=True), "get_product")
    assert [each.target for each in api.heard] == ["/products/prod_1"]


@pytest.mark.requirement("gateway.surroundings")
async def test_a_port_in_no_proxy_counts(api, open_gateway, call, monkeypatch, failures):
    port = int(api.url.rpartition(":")[2])
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:7890")
    monkeypatch.setenv("NO_PROXY", f"127.0.0.1:{port}")
    await call(open_gateway(trust_env=True), "get_product")
    monkeypatch.setenv("NO_PROXY", f"127.0.0.1:{port % 60000 + 1}")
    await failure_of(call(open_gateway(trust_env=True), "get_product"))
    assert failures() == [{"failure": "NotSent", "kind": "proxy", "variable": "ALL_PROXY"}]


@pytest.mark.requirement("gateway.surroundings")
@pytest.mark.parametrize("hosts", ["api.example.com", "xample", "other.example", "fd07::/64"])
async def test_another_host_in_no_proxy_changes_nothing(api, open_gateway, call, monkeypatch, hosts):
    monkeypatch.setenv("HTTP_PROXY", api.url)
    monkeypatch.setenv("NO_PROXY", hosts)
    await call(open_gateway(base_url="http://api.example", trust_env=True), "get_product")
    assert [each.target for each in api.heard] == ["http://api.example/products/prod_1"]


@pytest.mark.requirement("gateway.surroundings")
@pytest.mark.parametrize("scheme", ["", "http://"])
async def test_a_proxy_is_used(api, open_gateway, call, monkeypatch, scheme):
    monkeypatch.setenv("http_proxy", scheme + api.url.removeprefix("http://"))
    await call(open_gateway(base_url="http://api.example", trust_env=True), "get_product")
    assert [each.target for each in api.heard] == ["http://api.example/products/prod_1"]


@pytest.mark.requirement("gateway.surroundings")
async def test_a_proxy_that_is_not_there_is_named(open_gateway, call, monkeypatch, failures, unused_port):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_port}")
    await failure_of(call(open_gateway(base_url="https://api.example", trust_env=True), "create"))
    assert failures() == [{"failure": "NotSent", "kind": "proxy", "variable": "HTTPS_PROXY"}]


@pytest.mark.requirement("gateway.surroundings")
async def test_a_proxy_that_refuses_the_tunnel_is_named(api, open_gateway, call, monkeypatch, failures):
    monkeypatch.setenv("ALL_PROXY", api.url)
    api.answers(407)
    await failure_of(call(open_gateway(base_url="https://api.example", trust_env=True), "create"))
    assert failures() == [{"failure": "NotSent", "kind": "proxy", "variable": "ALL_PROXY"}]


def _nothing(_folder: Path) -> None: ...


def _garbage(folder: Path) -> None:
    (folder / "certificates").write_text("hunter2")


def _folder(folder: Path) -> None:
    (folder / "certificates").mkdir()


@pytest.mark.requirement("gateway.surroundings")
@pytest.mark.parametrize(
    ("variable", "prepare"),
    [
        ("SSL_CERT_FILE", _nothing),
        ("SSL_CERT_FILE", _garbage),
        ("SSL_CERT_FILE", _folder),
        ("SSL_CERT_DIR", _nothing),
        ("SSL_CERT_DIR", _garbage),
        ("SSL_CERT_DIR", _folder),
    ],
)
async def test_certificates_that_cannot_be_read_are_named(
    open_gateway, call, monkeypatch, failures, tmp_path, variable, prepare
):
    prepare(tmp_path)
    monkeypatch.setenv(variable, str(tmp_path / "certificates"))
    error = await failure_of(call(open_gateway(base_url="https://127.0.0.1:9", trust_env=True), "preview"))
    assert (error.kind, error.variable) == ("tls", variable)
    assert failures() == [{"failure": "NotSent", "kind": "tls", "variable": variable}]


@pytest.mark.requirement("gateway.surroundings")
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_a_company_s_own_authority_is_trusted_where_it_is_named(
    api, open_gateway, call, monkeypatch, failures, tmp_path, variable
):
    company = make_authority(tmp_path / "company")
    folder = tmp_path / "hashed"
    folder.mkdir()
    (folder / company.hashed_name()).write_bytes(company.certificate.read_bytes())
    monkeypatch.setenv(variable, str(company.certificate if variable == "SSL_CERT_FILE" else folder))
    async with tls_in_front_of(api.url, company) as url:
        await call(open_gateway(base_url=url, trust_env=True), "get_product")
    assert failures() == []


@pytest.mark.requirement("gateway.surroundings")
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", None])
async def test_an_authority_that_nobody_trusts_is_told_as_tls(
    api, open_gateway, call, monkeypatch, failures, tmp_path, variable
):
    company, other = make_authority(tmp_path / "company"), make_authority(tmp_path / "other", "Another Company")
    folder = tmp_path / "hashed"
    folder.mkdir()
    (folder / other.hashed_name()).write_bytes(other.certificate.read_bytes())
    if variable is not None:
        monkeypatch.setenv(variable, str(other.certificate if variable == "SSL_CERT_FILE" else folder))
    async with tls_in_front_of(api.url, company) as url:
        await failure_of(call(open_gateway(base_url=url, trust_env=True), "create"))
    assert failures() == [{"failure": "NotSent", "kind": "tls", "variable": variable}]
    assert api.heard == []


@pytest.mark.requirement("gateway.surroundings")
async def test_what_the_environment_says_is_nothing_to_the_sandbox(api, open_gateway, call, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:7890")
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    await call(open_gateway(), "get_product")
    assert [each.target for each in api.heard] == ["/products/prod_1"]


@pytest.mark.requirement("gateway.surroundings")
@pytest.mark.parametrize("step", ["drop", b"hunter2\r\n\r\n"])
async def test_an_answer_that_is_none_is_told_as_the_protocol(api, gateway, call, failures, step):
    api.script = [step]
    assert type(await failure_of(call(gateway, "create"))) is NoAnswer
    assert failures() == [{"failure": "NoAnswer", "kind": "protocol", "variable": None}]


@pytest.mark.requirement("gateway.surroundings")
async def test_a_connection_that_breaks_is_told_as_cut(open_gateway, call, failures):
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with await asyncio.start_server(reset, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await failure_of(call(open_gateway(base_url=f"http://127.0.0.1:{port}"), "create"))
    assert failures() == [{"failure": "NoAnswer", "kind": "cut", "variable": None}]


@pytest.mark.requirement("gateway.surroundings")
async def test_a_deadline_is_told_as_time(api, open_gateway, call, failures):
    api.script = ["hang"]
    await failure_of(call(open_gateway(creation_deadline=0.1), "create"))
    assert failures() == [{"failure": "NoAnswer", "kind": "timeout", "variable": None}]


@pytest.mark.requirement("gateway.surroundings")
async def test_a_refused_connection_is_told_as_such(open_gateway, call, failures, unused_port):
    await failure_of(call(open_gateway(base_url=f"http://127.0.0.1:{unused_port}"), "create"))
    assert failures() == [{"failure": "NotSent", "kind": "connect", "variable": None}]


@pytest.mark.requirement("gateway.surroundings")
async def test_a_name_that_cannot_be_found_is_told_as_such(open_gateway, call, failures, monkeypatch):
    def not_found(*_arguments: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "hunter2")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    await failure_of(call(open_gateway(base_url="http://api.example"), "create"))
    assert failures() == [{"failure": "NotSent", "kind": "dns", "variable": None}]


@pytest.mark.requirement("gateway.surroundings")
async def test_an_address_that_is_none_and_a_closed_gateway_leave_an_event_too(open_gateway, gateway, call, failures):
    await failure_of(call(open_gateway(base_url="http://[::1"), "preview"))
    await gateway.aclose()
    await failure_of(call(gateway, "create"))
    assert failures() == [
        {"failure": "NotSent", "kind": "address", "variable": None},
        {"failure": "NotSent", "kind": "closed", "variable": None},
    ]
