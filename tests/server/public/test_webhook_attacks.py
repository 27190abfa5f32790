"""The webhook endpoint over a real socket, attacked: what does not verify is told nothing and changes nothing."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest

from checkout_server.public import webhooks
from public_world import STRANGERS_KEY, PublicWorld, signed


def _with(headers: dict[str, str], **changed: str | None) -> dict[str, str]:
    renamed = {name.replace("_", "-"): value for name, value in changed.items()}
    return {name: value for name, value in (headers | renamed).items() if value is not None}


BODY = b'{"type": "payment.succeeded", "data": {}}'


def forged(good: dict[str, str]) -> dict[str, tuple[bytes, dict[str, str]]]:
    """Bodies and headers beside those of a webhook that is right."""
    return {
        "wrong key": (BODY, signed(BODY, "msg_1", key=STRANGERS_KEY)),
        "too old": (BODY, signed(BODY, "msg_1", age=6 * 60)),
        "too new": (BODY, signed(BODY, "msg_1", age=-6 * 60)),
        "altered": (BODY.replace(b"succeeded", b"failed"), good),
        "re-serialised": (json.dumps(json.loads(BODY), separators=(",", ":")).encode(), good),
        "another id": (BODY, _with(good, webhook_id="msg_2")),
        "another time": (BODY, _with(good, webhook_timestamp=str(int(good["webhook-timestamp"]) - 1))),
        "an id that takes a part of the time": (BODY, _with(good, webhook_id=f"msg_1.{good['webhook-timestamp']}")),
        "no id": (BODY, _with(good, webhook_id=None)),
        "an empty id": (BODY, signed(BODY, "")),
        "a huge id": (BODY, signed(BODY, "m" * 300)),
        "no time": (BODY, _with(good, webhook_timestamp=None)),
        "no number as time": (BODY, _with(good, webhook_timestamp="now")),
        "not a number as time": (BODY, _with(good, webhook_timestamp="nan")),
        "an infinite time": (BODY, _with(good, webhook_timestamp="1e999")),
        "no signature": (BODY, _with(good, webhook_signature=None)),
        "a signature without version": (BODY, _with(good, webhook_signature=good["webhook-signature"][3:])),
        "a signature of another version": (BODY, _with(good, webhook_signature="v1a" + good["webhook-signature"][2:])),
        "a signature that is no base64": (BODY, _with(good, webhook_signature="v1,x")),
        "three parts": (BODY, _with(good, webhook_signature="v1,x,y")),
        "not UTF-8": (b'{"type": "\xff"}', good),
        "not JSON": (b"type=payment.succeeded", signed(b"type=payment.succeeded", "msg_1")),
        "nested too deeply": (b"[" * 100_000, signed(b"[" * 100_000, "msg_1")),
        "nothing": (b"", signed(b"", "msg_1")),
    }


@pytest.mark.requirement("webhook.verified")
async def test_what_does_not_verify_is_told_nothing_and_changes_nothing(world: PublicWorld) -> None:
    good = signed(BODY, "msg_1")
    assert await world.post(BODY, good) == 204, "what is altered below is right"
    cases = forged(good)
    statuses = {case: await world.post(body, headers) for case, (body, headers) in cases.items()}
    assert statuses == dict.fromkeys(cases, 401)


@pytest.mark.requirement("webhook.verified")
@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
async def test_a_second_header_of_a_name_is_refused(world: PublicWorld, name: str) -> None:
    """One of them would be verified, and the other one used: a captured webhook could be sent as a new one."""
    good = list(signed(BODY, "msg_1").items())
    for headers in ([(name, "1"), *good], [*good, (name, "1")]):
        answer = await world.http.post(webhooks.PATH, content=BODY, headers=headers)
        assert answer.status_code == 401


@pytest.mark.requirement("webhook.verified")
async def test_a_body_is_taken_up_to_a_mebibyte(world: PublicWorld) -> None:
    def of_size(size: int) -> bytes:
        frame = b'{"type":"payment.succeeded","data":{"x":"%s"}}'
        return frame % (b"x" * (size - len(frame) + 2))

    most, more = of_size(webhooks.MAX_BODY), of_size(webhooks.MAX_BODY + 1)
    assert (len(most), len(more)) == (webhooks.MAX_BODY, webhooks.MAX_BODY + 1)
    assert await world.post(most, signed(most, "msg_1")) == 204
    assert await world.post(more, signed(more, "msg_2")) == 413

    async def in_pieces() -> AsyncGenerator[bytes]:
        for start in range(0, len(more), 65536):
            yield more[start : start + 65536]

    answer = await world.http.post("/webhooks/dodo", content=in_pieces(), headers=signed(more, "msg_3"))
    assert answer.status_code == 413, "also where no length is declared"


@pytest.mark.requirement("webhook.verified")
async def test_a_body_that_never_ends_is_not_waited_for(world: PublicWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "BODY_SECONDS", 0.05)
    host, port = world.http.base_url.host, world.http.base_url.port
    assert port is not None
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"POST /webhooks/dodo HTTP/1.1\r\nhost: shop\r\ncontent-length: 100\r\n\r\n{")
    assert await reader.readuntil(b"\r\n") == b"HTTP/1.1 408 Request Timeout\r\n"
    writer.close()
