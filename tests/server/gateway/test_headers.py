"""Headers of the API are data: whatever stands in them, the outcome of a request is what it was."""

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from checkout_server.gateway.api_clock import ApiClock, read_http_date
from checkout_server.gateway.errors import GatewayError, RateLimited, Refused
from checkout_server.gateway.rate_limits import LONGEST_RETRY_SECONDS, RateLimits, read_retry_after
from examples import examples

ODD = {
    "nothing": "",
    "words": "soon",
    "negative": "-5",
    "huge": "9" * 400,
    "beyond Python's limit of digits": "9" * 5000,
    "exponent": "1e400",
    "infinite": "inf",
    "not a number": "nan",
    "Arabic digits": "٣٠",
    "full-width digits": "３０",
    "superscript": "²",
    "two of them": "3, 5",
    "an absurd date": "Fri, 31 Dec 9999 23:59:59 -2359",
    "a date before all dates": "Mon, 01 Jan 0001 00:00:00 +2359",
    "a year of many digits": "Wed, 21 Oct 99999999999 07:28:00 GMT",
    "a zone of many digits": "Wed, 21 Oct 2026 07:28:00 +99999999999999",
    "no such day": "Mon, 99 Foo 2026 00:00:00 GMT",
    "half a date": "Wed, 21 Oct",
    "a day in brackets": "(((((((( Wed",
}
HEADERS = ("retry-after", "date", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id")


def answer(status: int, code: str, value: str) -> bytes:
    body = f'{{"code":"{code}"}}'.encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"".join(f"{name}: {value}\r\n".encode() for name in HEADERS) + b"\r\n" + body


@pytest.mark.requirement("gateway.headers")
@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (422, "INVALID_REQUEST_BODY", Refused),
        (429, "TOO_MANY_REQUESTS", RateLimited),
        (503, "DISCOUNT_CONCURRENT_REDEMPTION", Refused),
    ],
)
async def test_a_proven_refusal_of_a_creation_stays_one(api, gateway, call, value, status, code, kind):
    api.script = [answer(status, code, value)]
    with pytest.raises(GatewayError) as caught:
        await call(gateway, "create")
    assert (type(caught.value), caught.value.status, caught.value.code) == (kind, status, code)


@pytest.mark.requirement("gateway.headers")
@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
async def test_a_read_ends_by_its_status_alone(api, gateway, call, value):
    api.script = [answer(503, "X", value), answer(422, "INVALID_TAX_ID", value)]
    with pytest.raises(GatewayError) as caught:
        await call(gateway, "preview")
    assert caught.value.status in {422, 503}  # 503 where the wait that was asked for does not fit


ANY_HEADER = st.one_of(
    st.binary(max_size=80),
    st.text(alphabet="0123456789-+.,:eE infnanGMTWedOct()\x00", max_size=80).map(str.encode),
    st.integers().map(lambda number: str(number).encode()),
    st.floats().map(lambda number: str(number).encode()),
    st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT").encode()),
)


@pytest.mark.requirement("gateway.headers")
@settings(max_examples=examples(500), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@example(value=b"9" * 5000)
@example(value="٣".encode())
@given(value=ANY_HEADER)
def test_no_header_can_be_read_in_a_way_that_crashes_or_never_ends(value: bytes) -> None:
    response = httpx2.Response(200, headers=[(name.encode(), value) for name in HEADERS])
    text = response.headers["retry-after"]
    retry_after = read_retry_after(text)
    assert retry_after is None or 0 <= retry_after <= LONGEST_RETRY_SECONDS
    moment = read_http_date(text)
    assert moment is None or abs(moment) < 1e12
    clock = ApiClock()
    limits = RateLimits(clock)
    for hear in (clock.hear, limits.hear):
        hear(response)
    clock.seconds_ahead(0.0)
