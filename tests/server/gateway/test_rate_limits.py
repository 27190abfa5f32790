"""What the API says of how fast it may be asked, and who waits for it."""

import time
from email.utils import formatdate

import pytest

from checkout_server.gateway import rate_limits
from checkout_server.gateway.errors import HeldBack, NotFound, RateLimited


def limited(api, document, reset, remaining="0", **headers):
    """An answer after which so much remains."""
    return api.http(200, document, x_ratelimit_remaining=remaining, x_ratelimit_reset=reset, **headers)


@pytest.mark.requirement("gateway.rate_limits")
def test_a_read_waits_two_seconds_at_most():
    assert rate_limits.MOST_WAIT_SECONDS == 2.0


@pytest.mark.requirement("gateway.rate_limits")
async def test_a_read_waits_for_a_reset_that_is_near(api, gateway, call, documents, waits):
    api.script = [limited(api, documents["preview"], "1"), api.http(200, documents["preview"])]
    await call(gateway, "preview")
    await call(gateway, "preview")
    assert len(api.heard) == 2
    assert [0 < each <= 1 for each in waits] == [True]


@pytest.mark.requirement("gateway.rate_limits")
@pytest.mark.parametrize("operation", ["preview", "list_products", "get_session", "get_payment"])
@pytest.mark.parametrize("reset", ["30", "5"])
async def test_a_read_is_not_sent_when_the_reset_is_far_and_says_when_to_come_back(
    api, gateway, call, documents, waits, operation, reset
):
    api.script = [limited(api, documents["preview"], reset)]
    await call(gateway, "preview")
    with pytest.raises(HeldBack) as caught:
        await call(gateway, operation)
    assert (len(api.heard), waits) == (1, [])
    assert 2 < (caught.value.retry_after or 0) <= 30


@pytest.mark.requirement("gateway.rate_limits")
async def test_a_creation_is_never_held_back(api, gateway, call, documents, waits):
    api.script = [limited(api, documents["preview"], "30"), api.http(200, documents["create"])]
    await call(gateway, "preview")
    await call(gateway, "create")
    assert ([each.target for each in api.heard], waits) == (["/checkouts/preview", "/checkouts"], [])


@pytest.mark.requirement("gateway.rate_limits")
@pytest.mark.parametrize("form", ["seconds", "milliseconds"])
async def test_a_reset_may_be_a_moment_by_the_apis_clock(api, gateway, call, documents, form):
    far_ahead = time.time() + 5000  # the API's clock, or ours, is wrong
    reset = far_ahead + 31
    told = str(int(reset)) if form == "seconds" else str(int(reset * 1000))
    api.script = [limited(api, documents["preview"], told, date=formatdate(far_ahead, usegmt=True))]
    await call(gateway, "preview")
    with pytest.raises(HeldBack) as caught:
        await call(gateway, "preview")
    assert 2 < (caught.value.retry_after or 0) <= 33


UNREADABLE = ["", "soon", "-30", "1e2", "٣٠", "9" * 400, "999999", "inf", "30 seconds"]


@pytest.mark.requirement("gateway.rate_limits")
@pytest.mark.parametrize("reset", UNREADABLE)
async def test_an_unreadable_reset_is_ignored(api, gateway, call, documents, waits, reset):
    api.script = [limited(api, documents["preview"], reset)]
    await call(gateway, "preview")
    await call(gateway, "preview")
    assert (len(api.heard), waits) == (2, [])


@pytest.mark.requirement("gateway.rate_limits")
@pytest.mark.parametrize("remaining", ["1", "many", "", "-0"])
async def test_nothing_waits_while_something_remains_or_nobody_knows(api, gateway, call, documents, waits, remaining):
    api.script = [limited(api, documents["preview"], "30", remaining)]
    await call(gateway, "preview")
    await call(gateway, "preview")
    assert (len(api.heard), waits) == (2, [])


@pytest.mark.requirement("gateway.rate_limits")
async def test_a_newer_answer_goes_before_an_older_one(api, gateway, call, documents):
    api.script = [
        limited(api, documents["preview"], "30"),
        limited(api, documents["create"], "30", "7"),
        api.http(200, documents["preview"]),
    ]
    await call(gateway, "preview")
    await call(gateway, "create")
    await call(gateway, "preview")
    assert len(api.heard) == 3


@pytest.mark.requirement("gateway.rate_limits")
async def test_a_429_that_names_a_far_reset_is_not_asked_again(api, gateway, call, waits):
    api.script = [api.http(429, {}, x_ratelimit_remaining="0", x_ratelimit_reset="40")]
    with pytest.raises(RateLimited) as caught:
        await call(gateway, "preview")
    assert len(api.heard) == 1
    assert 2 < (caught.value.retry_after or 0) <= 40
    assert waits == [0.25]  # before the attempt that was not made


@pytest.mark.requirement("gateway.rate_limits")
async def test_a_refusal_is_heard_like_any_answer(api, gateway, call, documents):
    api.script = [api.http(404, {}, x_ratelimit_remaining="0", x_ratelimit_reset="40")]
    with pytest.raises(NotFound):
        await call(gateway, "get_session")
    with pytest.raises(HeldBack):
        await call(gateway, "preview")
