"""The table of steps, walked in every ledger: what it has is carried out, and what it has not changes nothing."""

from dataclasses import replace
from itertools import product

import pytest

from checkout_server.checkout.ledger.contract import UNKNOWN_KEPT_SECONDS, Entry, Ledger, State
from checkout_server.checkout.ledger.states import STEPS, Action
from ledger_steps import ENDINGS, LEASE, NOW, bring, claim, find, finish, result_of

TABLE = """
claim quoted claimed
claim refused claimed, if neither charges
claim unknown claimed, if neither charges
finish claimed created
finish claimed refused
finish claimed unknown
finish unknown created
finish unknown refused
finish unknown unknown
lapse claimed unknown
restore quoted created
restore refused created
"""
"""A second time and by hand, so that nobody widens it in passing."""

STATES = [
    pytest.param(state, charged, id=f"{state}, {'charging' if charged else 'not charging'}")
    for state, charged in product(State, (False, True))
    if (state, charged) != (State.QUOTED, True)  # nobody has claimed it yet
]


def allows(action: Action, before: State, after: State, *, charges: bool = False) -> bool:
    """What the table says."""
    return any(step[:3] == (action, before, after) and (step.may_charge or not charges) for step in STEPS)


@pytest.mark.requirement("ledger.transitions")
def test_the_table_has_these_steps() -> None:
    lines = [f"{' '.join(step[:3])}{'' if step.may_charge else ', if neither charges'}" for step in STEPS]
    assert lines == TABLE.strip().splitlines()


@pytest.mark.requirement("once.claim")
@pytest.mark.parametrize("can_charge", [False, True])
@pytest.mark.parametrize(("state", "charged"), STATES)
async def test_a_preview_is_claimed_as_the_table_says(
    ledger: Ledger, quoted: Entry, state: State, charged: bool, can_charge: bool
) -> None:
    start = await bring(ledger, quoted, state, can_charge=charged)
    second = {"arguments": b"others", "goods": "others", "sold_to": "another", "can_charge": can_charge, "now": NOW + 1}
    taken = await claim(ledger, "c2", state, attempts=start.attempts, **second)
    assert taken is allows(Action.CLAIM, state, State.CLAIMED, charges=charged or can_charge)
    claimed = replace(
        start,
        state=State.CLAIMED,
        claim_id="c2",
        lease_until=NOW + 1 + LEASE,
        can_charge=can_charge,
        attempts=start.attempts + 1,
        arguments=b"others",
        goods="others",
        sold_to="another",
        claimed_at=NOW + 1,
    )
    assert await find(ledger) == (claimed if taken else start)


@pytest.mark.requirement("ledger.transitions")
@pytest.mark.parametrize("claim_id", ["c1", "c2"])
@pytest.mark.parametrize("ending", State)
@pytest.mark.parametrize(("state", "charged"), STATES)
async def test_a_claim_is_finished_as_the_table_says_and_by_its_own_answer_only(
    ledger: Ledger, quoted: Entry, state: State, charged: bool, ending: State, claim_id: str
) -> None:
    start = await bring(ledger, quoted, state, can_charge=charged)
    recorded = await finish(ledger, ending, claim_id)
    assert recorded is (allows(Action.FINISH, state, ending) and claim_id == "c1")
    assert await find(ledger) == (result_of(start, ending) if recorded else start)


@pytest.mark.requirement("once.crash", "ledger.purge")
@pytest.mark.parametrize(("state", "charged"), STATES)
async def test_a_preview_lapses_as_the_table_says(ledger: Ledger, quoted: Entry, state: State, charged: bool) -> None:
    start = await bring(ledger, quoted, state, can_charge=charged)
    lapsed = replace(start, state=State.UNKNOWN, lease_until=None, purge_at=NOW + LEASE + UNKNOWN_KEPT_SECONDS)
    assert await ledger.purge(now=NOW + LEASE) == 0
    assert await find(ledger) == (lapsed if allows(Action.LAPSE, state, State.UNKNOWN) else start)


@pytest.mark.requirement("ledger.transitions")
@pytest.mark.parametrize(("state", "ending"), list(product(ENDINGS, ENDINGS)))
async def test_a_second_attempt_ends_as_the_first_one_would(
    ledger: Ledger, quoted: Entry, state: State, ending: State
) -> None:
    start = await bring(ledger, quoted, state)
    taken = await claim(ledger, "c2", state, attempts=1)
    assert await finish(ledger, ending, "c2") is taken
    again = replace(start, claim_id="c2", attempts=2)
    assert await find(ledger) == (result_of(again, ending) if taken else start)
