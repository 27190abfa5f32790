"""Every way an exchange can fail, what it is called, and what it never says."""

import gzip

import pytest
from pydantic import SecretStr

from answer_fields import OPERATIONS
from checkout_server.gateway import exchange, sending
from checkout_server.gateway.errors import (
    GatewayError,
    NoAnswer,
    NotAuthorized,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    ServerFailed,
    UnreadableAnswer,
)
from gateway_failures import failure_of

KINDS = ["get_product", "preview", "create"]
"""A read, a preview and a creation."""
SPOKEN = "buyer@example.com cannot pay with card 4242"
"""What the API says in its messages."""


def facts(error: GatewayError) -> tuple[object, ...]:
    return type(error), str(error), error.status, error.code, error.request_id, error.retry_after


@pytest.mark.requirement("gateway.errors")
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "INVALID_REQUEST_BODY", Refused),
        (401, "UNAUTHORIZED", NotAuthorized),
        (403, None, NotAuthorized),
        (404, "NOT_FOUND", NotFound),
        (409, None, Refused),
        (418, None, Refused),
        (422, "INVALID_TAX_ID", Refused),
        (429, "TOO_MANY_REQUESTS", RateLimited),
        (500, "INTERNAL_SERVER_ERROR", ServerFailed),
        (503, None, ServerFailed),
        (503, "DISCOUNT_CONCURRENT_REDEMPTION", Refused),  # documented: nothing happened
    ],
)
async def test_a_status_has_its_error_with_code_and_request_id(api, gateway, call, operation, status, code, kind):
    api.answers(status, {"code": code, "message": SPOKEN}, x_request_id="req_1:a.b-c")
    error = await failure_of(call(gateway, operation))
    assert facts(error) == (kind, f"{operation}: {kind.__name__} ({status})", status, code, "req_1:a.b-c", None)


@pytest.mark.requirement("gateway.errors")
@pytest.mark.parametrize("status", [422, 500])
@pytest.mark.parametrize(
    "body",
    [
        {"code": SPOKEN},
        {"code": ["INVALID_TAX_ID"]},
        {"message": SPOKEN},
        ["INVALID_TAX_ID"],
        None,
        b"",
        b"<html>" + SPOKEN.encode(),
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"code":"INVALID_TAX_ID","message":"' + b"x" * (4 * 1024 * 1024) + b'"}',
    ],
    ids=lambda body: repr(body)[:30],
)
async def test_a_code_that_we_do_not_know_or_cannot_read_is_left_out(api, gateway, call, status, body):
    api.answers(status, body)
    error = await failure_of(call(gateway, "create"))
    assert (error.status, error.code) == (status, None)


@pytest.mark.requirement("gateway.errors")
@pytest.mark.parametrize("request_id", ["req_leak me", "x" * 129, "<script>", "", "ü"])
async def test_a_request_id_of_another_form_is_left_out(api, gateway, call, request_id):
    api.answers(422, {}, x_request_id=request_id)
    assert (await failure_of(call(gateway, "create"))).request_id is None


@pytest.mark.requirement("gateway.errors")
async def test_the_request_id_is_taken_from_its_other_name_too(api, gateway, call):
    api.answers(422, {}, request_id="req_2")
    assert (await failure_of(call(gateway, "create"))).request_id == "req_2"


UNREADABLE: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "another shape": (200, b'{"message":"buyer@example.com"}', {}),
    "a list": (200, b"[]", {}),
    "null": (200, b"null", {}),
    "not JSON": (200, b"<html>buyer@example.com</html>", {}),
    "not UTF-8": (200, b'{"session_id":"\xff"}', {}),
    "nothing": (200, b"", {}),
    "nested too deeply": (200, b'{"items":' + b"[" * 100_000, {}),
    "no content": (204, b"", {}),
    "a redirect": (302, b"", {"location": "https://elsewhere.example"}),
    "not modified": (304, b"", {}),
}


@pytest.mark.requirement("gateway.errors")
@pytest.mark.parametrize("operation", KINDS)
@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
async def test_an_answer_that_is_not_what_was_promised_is_unreadable_and_not_asked_for_again(
    api, gateway, call, operation, answer
):
    status, body, headers = answer
    api.answers(status, body, x_request_id="req_3", **headers)
    error = await failure_of(call(gateway, operation))
    told = f"{operation}: UnreadableAnswer ({status})"
    assert facts(error) == (UnreadableAnswer, told, status, None, "req_3", None)
    assert len(api.heard) == 1


@pytest.mark.requirement("gateway.errors")
@pytest.mark.parametrize("status", [300, 302, 307])
async def test_a_redirect_is_unreadable_even_with_a_whole_session_in_it(api, gateway, call, documents, status):
    api.answers(status, documents["create"], location="/elsewhere")
    assert type(await failure_of(call(gateway, "create"))) is UnreadableAnswer
    assert [each.target for each in api.heard] == ["/checkouts"]


@pytest.mark.requirement("gateway.bounds")
@pytest.mark.parametrize("operation", KINDS)
async def test_an_answer_over_4_mib_is_unreadable(api, gateway, call, documents, operation):
    padded = documents[operation] | {"padding": "x" * (4 * 1024 * 1024)}
    api.answers(200, padded)
    assert type(await failure_of(call(gateway, operation))) is UnreadableAnswer


@pytest.mark.requirement("gateway.bounds")
async def test_an_answer_just_under_4_mib_is_read(api, gateway, call, documents):
    api.answers(200, documents["create"] | {"padding": "x" * (4 * 1024 * 1024 - 1000)})
    assert (await call(gateway, "create")).session_id == "cks_1"


@pytest.mark.requirement("gateway.bounds")
async def test_an_answer_that_unpacks_to_over_4_mib_is_unreadable(api, gateway, call):
    api.answers(200, gzip.compress(b" " * (5 * 1024 * 1024)), content_encoding="gzip")
    assert type(await failure_of(call(gateway, "create"))) is UnreadableAnswer


@pytest.mark.requirement("gateway.errors")
async def test_an_answer_that_cannot_be_unpacked_is_unreadable(api, gateway, call):
    api.answers(200, b"not gzip at all", content_encoding="gzip")
    assert type(await failure_of(call(gateway, "create"))) is UnreadableAnswer


LOST = {
    "dropped unanswered": "drop",
    "reset": "reset",
    "another protocol": (b"220 smtp.example.com ESMTP\r\n", "drop"),
    "half a head": (b"HTTP/1.1 200 OK\r\ncontent-le", "drop"),
    "half a body": (b'HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"session_id":"cks_1"', "drop"),
    "half a chunk": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{", "drop"),
    "a bad chunk": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "drop"),
    "an endless head": (b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000, "drop"),
}


@pytest.mark.requirement("once.no_retry")
@pytest.mark.parametrize("operation", KINDS)
@pytest.mark.parametrize("step", LOST.values(), ids=LOST)
async def test_a_lost_answer_is_no_answer_and_a_creation_is_not_sent_again(api, gateway, call, operation, step):
    api.script = [step]
    error = await failure_of(call(gateway, operation))
    assert facts(error) == (NoAnswer, f"{operation}: NoAnswer", None, None, None, None)
    assert len(api.heard) == (1 if operation == "create" else 3)


@pytest.mark.requirement("gateway.errors")
@pytest.mark.parametrize("operation", KINDS)
async def test_a_connection_closed_before_the_request_was_read_is_no_answer(api, gateway, call, operation):
    api.drops_at_once = True
    assert type(await failure_of(call(gateway, operation))) is NoAnswer
    assert api.connections == (1 if operation == "create" else 3)


@pytest.mark.requirement("gateway.bounds")
@pytest.mark.parametrize("step", ["hang", "trickle"])
async def test_a_creation_without_an_answer_by_its_deadline_is_no_answer_and_lets_go(api, open_gateway, call, step):
    api.script = [step]
    gateway = open_gateway(creation_deadline=0.3)
    assert type(await failure_of(call(gateway, "create"))) is NoAnswer
    assert [each.target for each in api.heard] == ["/checkouts"]
    await api.closed.wait()


@pytest.mark.requirement("gateway.bounds")
async def test_a_preview_whose_answer_trickles_past_the_deadline_is_no_answer(api, gateway, call, monkeypatch):
    monkeypatch.setattr(sending, "DEADLINE", 0.1)
    api.script = ["trickle"]
    assert type(await failure_of(call(gateway, "preview"))) is NoAnswer
    assert len(api.heard) == 3


@pytest.mark.requirement("gateway.errors")
async def test_a_refusal_whose_body_never_comes_is_still_a_refusal(api, gateway, call, monkeypatch):
    monkeypatch.setattr(exchange, "CODE_SECONDS", 0.1)
    api.script = [(b"HTTP/1.1 422 Whatever\r\ncontent-length: 50\r\n\r\n", "hang")]
    error = await failure_of(call(gateway, "create"))
    assert facts(error) == (Refused, "create: Refused (422)", 422, None, None, None)


@pytest.mark.requirement("gateway.errors")
@pytest.mark.parametrize("step", ["hang", "trickle"])
async def test_a_refusal_whose_body_lasts_beyond_the_deadline_is_still_a_refusal(api, open_gateway, call, step):
    api.script = [(b"HTTP/1.1 422 Whatever\r\ncontent-length: 5000000\r\n\r\n", step)]
    error = await failure_of(call(open_gateway(creation_deadline=0.3), "create"))
    assert facts(error) == (Refused, "create: Refused (422)", 422, None, None, None)
    await api.closed.wait()


@pytest.mark.requirement("gateway.errors")
async def test_a_refusal_whose_body_breaks_off_is_still_a_refusal(api, gateway, call):
    api.script = [(b"HTTP/1.1 422 Whatever\r\ncontent-length: 50\r\n\r\n{", "drop")]
    assert type(await failure_of(call(gateway, "create"))) is Refused


@pytest.mark.requirement("gateway.errors")
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_refused_connection_is_not_sent(open_gateway, call, operation, unused_port, waits):
    gateway = open_gateway(base_url=f"http://127.0.0.1:{unused_port}")
    error = await failure_of(call(gateway, operation))
    assert facts(error) == (NotSent, f"{operation}: NotSent", None, None, None, None)
    assert len(waits) == (0 if operation == "create" else 2)


@pytest.mark.requirement("gateway.errors")
async def test_a_failed_handshake_is_not_sent(api, open_gateway, call):
    gateway = open_gateway(base_url=api.url.replace("http://", "https://"))
    assert type(await failure_of(call(gateway, "create"))) is NotSent
    assert (api.connections, api.heard) == (1, [])


@pytest.mark.requirement("gateway.errors")
async def test_a_proxy_that_refuses_the_tunnel_is_not_sent_and_never_sees_the_key(api, open_gateway, call, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", api.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    api.answers(403, {"message": SPOKEN})
    gateway = open_gateway(base_url="https://api.example", trust_env=True)
    assert type(await failure_of(call(gateway, "create"))) is NotSent
    assert [(each.method, each.target, "authorization" in each.headers) for each in api.heard] == [
        ("CONNECT", "api.example:443", False)
    ]


@pytest.mark.requirement("gateway.errors")
@pytest.mark.parametrize(
    "unusable",
    [
        {"base_url": "http://[::1"},
        {"base_url": "http://user:NOBODY_MAY_SEE_THIS@host/\n"},
        {"base_url": "ftp://127.0.0.1/"},
        {"base_url": "no address at all"},
        {"api_key": SecretStr("NOBODY_MAY_SEE_THIS_é")},
        {"api_key": SecretStr("NOBODY_MAY_SEE_THIS\r\nx-injected: 1")},
    ],
    ids=lambda unusable: next(iter(unusable)),
)
@pytest.mark.parametrize("operation", ["preview", "create"])
async def test_what_cannot_become_a_request_is_not_sent(api, open_gateway, call, operation, unusable):
    assert type(await failure_of(call(open_gateway(**unusable), operation))) is NotSent
    assert api.heard == []
