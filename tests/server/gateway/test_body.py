"""How much of an answer is read and unpacked, whatever the API sends."""

import gzip
import json
import tracemalloc
import zlib

import pytest

from checkout_server.gateway import sending
from checkout_server.gateway.body import MAX_ANSWER_BYTES
from checkout_server.gateway.errors import NoAnswer, Refused, UnreadableAnswer

MANY = 300 * 1024 * 1024


def bomb() -> bytes:
    """300 MB of blanks in 300 KB."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    blank = b" " * (1024 * 1024)
    return b"".join([*(packing.compress(blank) for _ in range(MANY // len(blank))), packing.flush()])


@pytest.mark.requirement("gateway.bounds")
@pytest.mark.parametrize("status", [200, 422])
async def test_a_bomb_is_not_unpacked_beyond_the_largest_answer(api, gateway, call, status):
    api.answers(status, bomb(), content_encoding="gzip")
    kind = UnreadableAnswer if status == 200 else Refused
    tracemalloc.start()
    try:
        with pytest.raises(kind) as caught:
            await call(gateway, "create")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.status == status
    assert peak < 5 * MAX_ANSWER_BYTES


@pytest.mark.requirement("gateway.bounds")
async def test_a_packed_answer_is_read(api, gateway, call, documents):
    api.answers(200, gzip.compress(json.dumps(documents["create"]).encode()), content_encoding="gzip")
    assert (await call(gateway, "create")).session_id == "cks_1"
    assert api.heard[0].headers["accept-encoding"] == "gzip"


@pytest.mark.requirement("gateway.bounds")
@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "nonsense"])
async def test_an_answer_in_an_encoding_that_was_not_asked_for_is_unreadable(api, gateway, call, documents, encoding):
    api.answers(200, json.dumps(documents["create"]).encode(), content_encoding=encoding)
    with pytest.raises(UnreadableAnswer):
        await call(gateway, "create")


@pytest.mark.requirement("gateway.bounds")
@pytest.mark.parametrize("encoding", ["identity", "", "GZIP"])
async def test_the_name_of_an_encoding_is_read_as_http_means_it(api, gateway, call, documents, encoding):
    body = json.dumps(documents["create"]).encode()
    api.answers(200, gzip.compress(body) if encoding == "GZIP" else body, content_encoding=encoding)
    assert (await call(gateway, "create")).session_id == "cks_1"


@pytest.mark.requirement("gateway.bounds")
async def test_a_refusal_that_is_packed_wrongly_is_still_a_refusal(api, gateway, call):
    api.answers(422, b"not gzip", content_encoding="gzip")
    with pytest.raises(Refused) as caught:
        await call(gateway, "create")
    assert (caught.value.status, caught.value.code) == (422, None)


@pytest.mark.requirement("gateway.bounds")
async def test_chunks_without_end_are_cut_at_the_largest_answer(api, gateway, call):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    api.script = [(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunk * 80, "hang")]
    with pytest.raises(UnreadableAnswer):
        await call(gateway, "create")


@pytest.mark.requirement("gateway.bounds")
@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: y\r\n" % number for number in range(20_000)),
        b"HTTP/1.1 200 " + b"O" * 300_000,
    ],
    ids=["thousands of headers", "a reason without end"],
)
async def test_a_head_without_end_is_no_answer(api, gateway, call, head):
    api.script = [(head, "hang")]
    with pytest.raises(NoAnswer):
        await call(gateway, "create")


@pytest.mark.requirement("gateway.bounds")
async def test_provisional_answers_without_end_are_cut_at_the_deadline(api, open_gateway, call):
    api.script = [(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * 50, "hang")]
    with pytest.raises(NoAnswer):
        await call(open_gateway(creation_deadline=0.3), "create")


@pytest.mark.requirement("gateway.bounds")
def test_a_request_has_30_seconds():
    assert sending.DEADLINE == 30.0
