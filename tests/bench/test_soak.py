"""The plan of the long randomised run. The run itself is too long for a test."""

from collections.abc import Callable
from itertools import islice

import pytest

import soak
from soak import Step

SALES = 200


def first(seed: int) -> list[Step]:
    return list(islice(soak.plan(seed), SALES))


@pytest.mark.requirement("once.proof")
def test_a_seed_gives_the_same_plan_each_time_and_another_seed_another_one() -> None:
    assert first(1) == first(1)
    assert len({tuple(first(seed)) for seed in range(5)}) == 5


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (lambda step: step.ledger, soak.LEDGERS),
        (lambda step: step.confirmed, (False, True)),
        (lambda step: step.fault, soak.FAULTS),
        (lambda step: step.action, soak.ACTIONS),
    ],
    ids=["ledger", "confirmed", "fault", "action"],
)
def test_a_plan_leaves_nothing_out(of: Callable[[Step], object], expected: tuple[object, ...]) -> None:
    assert {of(step) for step in first(1)} == set(expected)
