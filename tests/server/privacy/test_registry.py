"""Whose values are in flight: known for the life of a request and a while after, never without end."""

import sys
import threading
from typing import Any

import pytest

from checkout_server.privacy.logs.lines import Line, as_json
from checkout_server.privacy.personal_values import tripwire
from checkout_server.privacy.personal_values.tripwire import (
    CUT,
    LOOKED_AT,
    MOST_PIECES,
    REMEMBERED_PIECES,
    REMEMBERED_SECONDS,
    Registry,
)


@pytest.mark.requirement("privacy.tripwire")
def test_a_value_is_forgotten_a_while_after_its_request() -> None:
    now = 0.0
    registry = Registry(clock=lambda: now)
    with registry.request(["Jane Doe"]):
        assert registry.holds("Jane Doe")
    now = REMEMBERED_SECONDS
    assert registry.holds("Jane Doe")
    now += 1
    registry.note("somebody else")
    assert not registry.holds("Jane Doe")


@pytest.mark.requirement("privacy.tripwire")
def test_nobody_makes_it_grow_without_end() -> None:
    registry = Registry()
    for number in range(120):
        with registry.request(f"buyer number {number}.{row}" for row in range(200)):
            pass
    assert not registry.holds("buyer number 0.1")
    assert registry.holds("buyer number 119.1")
    assert known(registry) <= REMEMBERED_PIECES
    one = Registry()
    one.note("x" * 10_000_000, *(f"buyer number {row}" for row in range(100_000)))
    assert known(one) <= MOST_PIECES + LOOKED_AT // CUT * 2 + 2


def known(registry: Registry) -> int:
    return len(registry._uses)  # pyright: ignore[reportPrivateUsage] - what is left is what this is about


@pytest.mark.requirement("privacy.tripwire")
def test_a_value_of_two_requests_is_known_until_the_last_is_forgotten() -> None:
    now = 0.0
    registry = Registry(clock=lambda: now)
    with registry.request(["Jane Doe"]):
        registry.note("Jane Doe")
        now = REMEMBERED_SECONDS * 2
        registry.note("somebody else")
        assert registry.holds("Jane Doe")
    now *= 2
    registry.note("somebody else")
    assert not registry.holds("Jane Doe")
    assert known(registry) == 1


@pytest.mark.requirement("privacy.tripwire")
def test_a_request_that_fails_is_forgotten_too() -> None:
    now = 0.0
    registry = Registry(clock=lambda: now)
    with pytest.raises(ValueError, match="broken"), registry.request(["Jane Doe"]):
        raise ValueError("broken")
    now = REMEMBERED_SECONDS + 1
    registry.note()
    assert known(registry) == 0


@pytest.mark.requirement("privacy.tripwire")
def test_a_line_may_be_asked_for_while_the_registry_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finaliser can print in the middle of anything, also in the thread that holds the lock."""
    registry = Registry()
    registry.keep_secret("dodo_live_key_1234")
    asked: list[bool] = []
    head = tripwire._head  # pyright: ignore[reportPrivateUsage] - the last of ours that runs with the lock held

    def interrupted(piece: bytes) -> int:
        asked.append(registry.holds("dodo_live_key_1234"))
        return head(piece)

    monkeypatch.setattr(tripwire, "_head", interrupted)
    registry.note("Somebody Else")
    assert asked == [True]


@pytest.mark.requirement("privacy.tripwire")
def test_a_line_costs_the_same_however_many_values_are_known() -> None:
    """Counted in bytecode and not in time: a busy machine is no slower by this."""
    line = as_json(Line(created=0.0, level=20, logger="other", event="library.logged", fields={"status": 200}))

    def steps(registry: Registry) -> int:
        count = 0

        def trace(frame: Any, _event: str, _argument: Any) -> Any:
            nonlocal count
            count += 1
            return trace

        previous = sys.gettrace()
        sys.settrace(trace)
        try:
            assert not registry.holds(line)
        finally:
            sys.settrace(previous)
        return count

    few, many = Registry(), Registry()
    few.note("Jane Doe of number 1")
    for number in range(5000):
        many.note(f"Jane Doe of number {number}")
    assert steps(many) <= steps(few) + 10


@pytest.mark.requirement("privacy.tripwire")
def test_every_thread_knows_the_value() -> None:
    registry = Registry()
    found: list[bool] = []
    with registry.request(["Jane Doe"]):
        thread = threading.Thread(target=lambda: found.append(registry.holds("for Jane Doe")))
        thread.start()
        thread.join()
    assert found == [True]


@pytest.mark.requirement("privacy.tripwire")
def test_secrets_are_known_for_life_and_answers_for_a_while() -> None:
    now = 0.0
    registry = Registry(clock=lambda: now)
    registry.keep_secret("dodo_live_key_1234")
    registry.note("jane@example.com", None)
    assert registry.holds("jane@example.com")
    now = 1e9
    registry.note("somebody else")
    assert registry.holds("Bearer dodo_live_key_1234")
    assert not registry.holds("jane@example.com")
