"""What is repeated, how often, and after how long a wait."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from answer_fields import OPERATIONS
from checkout_server.gateway.errors import NoAnswer, RateLimited, Refused, ServerFailed
from checkout_server.gateway.retries import MAX_WAITING, Retrying

REPEATABLE = [operation for operation in OPERATIONS if operation != "create"]


@pytest.mark.requirement("gateway.retries")
@pytest.mark.parametrize("operation", REPEATABLE)
@pytest.mark.parametrize("fault", [429, 500, 503, "drop"])
async def test_two_faults_in_a_row_are_survived(api, gateway, call, documents, waits, operation, fault):
    step = fault if isinstance(fault, str) else api.http(fault, {})
    api.script = [step, step, api.http(200, documents[operation])]
    assert await call(gateway, operation)
    assert (len(api.heard), waits) == (3, [0.25, 0.5])


@pytest.mark.requirement("gateway.retries")
@pytest.mark.parametrize("operation", REPEATABLE)
async def test_a_third_fault_is_the_outcome(api, gateway, call, waits, operation):
    api.script = ["drop", api.http(500, {}), api.http(429, {})]
    with pytest.raises(RateLimited):
        await call(gateway, operation)
    assert (len(api.heard), waits) == (3, [0.25, 0.5])


@pytest.mark.requirement("gateway.retries")
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
async def test_a_refusal_is_not_argued_with(api, gateway, call, waits, status):
    api.answers(status, {})
    with pytest.raises(Refused):
        await call(gateway, "preview")
    assert (len(api.heard), waits) == (1, [])


@pytest.mark.requirement("once.no_retry")
@pytest.mark.parametrize(
    ("fault", "kind"), [(429, RateLimited), (500, ServerFailed), (503, ServerFailed), ("drop", NoAnswer)]
)
async def test_a_creation_is_sent_once(api, gateway, call, waits, fault, kind):
    api.script = [fault if isinstance(fault, str) else api.http(fault, {}, retry_after="0")]
    with pytest.raises(kind):
        await call(gateway, "create")
    assert (len(api.heard), waits) == (1, [])


@pytest.mark.requirement("gateway.retries")
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_in_seconds_goes_before_the_jitter(api, gateway, call, documents, waits, status):
    api.script = [
        api.http(status, {}, retry_after="3"),
        api.http(status, {}, retry_after="0"),
        api.http(200, documents["preview"]),
    ]
    await call(gateway, "preview")
    assert waits == [3.0, 0.0]


@pytest.mark.requirement("gateway.retries")
@pytest.mark.parametrize(("seconds", "least"), [(7, 1.0), (-60, 0.0)])
async def test_retry_after_as_a_date_is_waited_for(api, gateway, call, documents, waits, seconds, least):
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    api.script = [
        api.http(429, {}, retry_after=format_datetime(moment, usegmt=True)),
        api.http(200, documents["preview"]),
    ]
    await call(gateway, "preview")
    assert len(waits) == 1
    assert least <= waits[0] <= max(0, seconds)


@pytest.mark.requirement("gateway.retries")
@pytest.mark.parametrize(
    ("asked", "after"),
    [
        (["9"], []),
        (["5", "4"], [5.0]),
        (["9" * 400], []),
        (["Fri, 31 Dec 9999 23:59:59 GMT"], []),
        (["Fri, 31 Dec 9999 23:59:59 -2359"], []),
    ],
)
async def test_a_wait_that_does_not_fit_into_8_seconds_ends_it_at_once(api, gateway, call, waits, asked, after):
    api.script = [api.http(429, {}, retry_after=each) for each in asked]
    with pytest.raises(RateLimited) as caught:
        await call(gateway, "preview")
    assert (len(api.heard), waits) == (len(asked), after)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > MAX_WAITING - sum(after)


@pytest.mark.requirement("gateway.retries")
@pytest.mark.parametrize("header", ["soon", "-5", "1.5", "", "Mon, 99 Foo 2026 00:00:00 GMT", "1e3"])
async def test_a_retry_after_that_means_nothing_is_as_good_as_none(api, gateway, call, documents, waits, header):
    api.script = [api.http(429, {}, retry_after=header), api.http(200, documents["preview"])]
    await call(gateway, "preview")
    assert waits == [0.25]


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's clock is nine hours ahead of GMT, where the platform lets a process say so."""
    if not hasattr(time, "tzset"):
        pytest.skip("this platform has no tzset")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "XXX-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.requirement("gateway.retries")
@pytest.mark.usefixtures("far_east")
async def test_a_date_without_a_zone_is_in_gmt(api, gateway, call):
    header = (datetime.now(UTC) + timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S -0000")
    api.answers(429, {}, retry_after=header)
    with pytest.raises(RateLimited) as caught:
        await call(gateway, "preview")
    assert caught.value.retry_after is not None
    assert 8 < caught.value.retry_after <= 60


@pytest.mark.requirement("gateway.retries")
async def test_the_error_of_the_last_attempt_carries_no_trace_of_the_earlier_ones(api, gateway, call):
    api.script = ["drop", "drop", api.http(500, {})]
    with pytest.raises(ServerFailed) as caught:
        await call(gateway, "preview")
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.requirement("gateway.retries")
async def test_the_wait_before_a_retry_is_drawn_between_nothing_and_its_bound():
    bounds, waited = [], []

    def jitter(low, high):
        bounds.append((low, high))
        return 0.125

    async def sleep(seconds):
        waited.append(seconds)

    async def attempt():
        raise NoAnswer("preview")

    with pytest.raises(NoAnswer):
        await Retrying(sleep=sleep, jitter=jitter).run(attempt)
    assert (bounds, waited) == ([(0, 0.25), (0, 0.5)], [0.125, 0.125])
