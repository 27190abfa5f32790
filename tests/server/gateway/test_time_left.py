"""What a request is given of its call."""

import asyncio

import pytest

from checkout_server.calls import deadline
from checkout_server.calls.deadline import answering_in_time, context_of_process, present_deadline, seconds_left
from checkout_server.gateway.errors import NoAnswer, OutOfTime, RateLimited


@pytest.fixture
def in_a_call(monkeypatch):
    """Opens a call that has so many seconds for its steps."""

    def open_call(seconds):
        monkeypatch.setattr(deadline, "CALL_SECONDS", seconds + deadline.LAST_WORD_SECONDS)
        return answering_in_time()

    return open_call


@pytest.mark.requirement("call.deadline")
async def test_a_request_ends_with_its_call_and_is_not_repeated(api, gateway, call, waits, in_a_call):
    api.script = ["hang"]
    async with in_a_call(0.2):
        with pytest.raises(NoAnswer):
            await call(gateway, "preview")
    assert (len(api.heard), waits) == (1, [])


@pytest.mark.requirement("call.deadline")
@pytest.mark.parametrize("operation", ["preview", "list_products", "get_session"])
async def test_a_request_without_time_is_not_sent(api, gateway, call, waits, in_a_call, operation):
    async with in_a_call(0.0):
        with pytest.raises(OutOfTime):
            await call(gateway, operation)
    assert (api.connections, waits) == (0, [])


@pytest.mark.requirement("call.deadline")
async def test_the_account_is_not_asked_for_without_time(api, gateway, in_a_call):
    async with in_a_call(0.0):
        with pytest.raises(OutOfTime):
            await gateway.find_business_id()
    assert api.connections == 0


@pytest.mark.requirement("call.deadline")
async def test_no_wait_is_begun_that_does_not_fit(api, gateway, call, waits, in_a_call):
    api.script = [api.http(429, {}, retry_after="5")]
    async with in_a_call(4.0):
        with pytest.raises(RateLimited):
            await call(gateway, "preview")
    assert (len(api.heard), waits) == (1, [])


@pytest.mark.requirement("call.deadline")
async def test_no_attempt_is_begun_without_time_for_it(api, gateway, call, waits, in_a_call):
    api.script = ["drop"]
    async with in_a_call(0.9):
        with pytest.raises(NoAnswer):
            await call(gateway, "preview")
    assert (len(api.heard), waits) == (1, [])


@pytest.mark.requirement("call.deadline")
async def test_no_reset_is_waited_for_that_does_not_fit(api, gateway, call, documents, waits, in_a_call):
    api.script = [api.http(200, documents["preview"], x_ratelimit_remaining="0", x_ratelimit_reset="2")]
    await call(gateway, "preview")
    async with in_a_call(0.1):
        with pytest.raises(RateLimited):
            await call(gateway, "preview")
    assert (len(api.heard), waits) == (1, [])


@pytest.mark.requirement("call.deadline")
async def test_a_creation_is_given_its_own_time_whatever_is_left(api, gateway, call, documents, in_a_call):
    api.script = [api.http(200, documents["create"])]
    async with in_a_call(0.0):
        assert (await call(gateway, "create")).session_id == "cks_1"


@pytest.mark.requirement("call.deadline")
async def test_a_task_of_the_process_has_no_deadline_and_one_of_the_call_has(in_a_call):
    async def read():
        return present_deadline()

    async with in_a_call(5.0) as of_call:
        loop = asyncio.get_running_loop()
        assert await loop.create_task(read()) is of_call
        assert await loop.create_task(read(), context=context_of_process()) is None
    assert (present_deadline(), seconds_left(7.0)) == (None, 7.0)


@pytest.mark.requirement("call.deadline")
async def test_a_persons_time_does_not_count_and_a_new_deadline_begins_after_it(in_a_call):
    async with in_a_call(5.0) as of_call:
        of_call.begin_again()  # nobody was asked
        before = of_call.cut.when()
        of_call.stop()
        assert (of_call.left(), of_call.cut.when()) == (float("inf"), None)
        of_call.begin_again()
        assert 0 < of_call.left() <= 5.0
        assert (of_call.cut.when() or 0) >= (before or 0)


@pytest.mark.requirement("call.deadline")
async def test_what_does_not_end_by_itself_is_cut(in_a_call):
    with pytest.raises(deadline.CallTimedOut):
        async with in_a_call(-0.9):
            await asyncio.Event().wait()


@pytest.mark.requirement("call.deadline")
async def test_a_time_out_of_a_step_is_not_taken_for_the_calls(in_a_call):
    with pytest.raises(TimeoutError):
        async with in_a_call(5.0):
            raise TimeoutError


@pytest.mark.requirement("call.deadline")
def test_the_calls_seconds():
    assert (deadline.CALL_SECONDS, deadline.LAST_WORD_SECONDS) == (50.0, 1.0)
