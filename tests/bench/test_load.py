"""The load run in small, and what its verdict calls broken."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import postgres
from under_load.agents import Attempt
from under_load.verdict import Verdict, judge_one

ROOT = Path(__file__).parents[2]
GIVEN = {"told": "session", "session_ids": {"cks_1"}}
OPEN, UNKNOWN = {"status": "open", "session_id": "cks_1"}, {"status": "unknown"}
NO_PREVIEW = {"error": {"code": "preview_not_found"}}
AWAY = {"error": {"code": "gateway_unavailable"}}


def judged(*, confirmed: bool, made: set[str], final: dict[str, Any], calls: int = 1, **told: Any) -> tuple[int, int]:
    """Double creations and lost outcomes."""
    verdict = Verdict()
    judge_one(Attempt("prv_1", "agent", confirmed, calls, **told), made, final, verdict)
    return len(verdict.doubles), len(verdict.lost)


NOT_CREATED, REFUSED = {"status": "not_created"}, {"status": "refused"}
MADE = {"cks_1"}
TRUE: dict[str, dict[str, Any]] = {
    "made, and given": {"made": MADE, "final": OPEN, **GIVEN},
    "made, and found after a lost answer": {"made": MADE, "final": OPEN, "told": "outcome_unknown"},
    "not made": {"made": set(), "final": NOT_CREATED, "told": "gateway_unavailable"},
    "not made, as far as can be known": {"made": set(), "final": UNKNOWN, "told": "outcome_unknown"},
    "not made, its quote lost with the database": {"made": set(), "final": NO_PREVIEW, "told": "preview_not_found"},
    "made by a call that broke, and not by the next": {
        "made": MADE, "final": OPEN, "told": "gateway_unavailable", "calls": 2,
    },
}  # fmt: skip
LOST: dict[str, dict[str, Any]] = {
    "made, and looked up as not created": {"made": MADE, "final": NOT_CREATED, "told": "outcome_unknown"},
    "made, and looked up as refused": {"made": MADE, "final": REFUSED, "told": "outcome_unknown"},
    "made, and told as not created": {"made": MADE, "final": OPEN, "told": "gateway_unavailable"},
    "made, and looked up as another": {"made": {"cks_2"}, "final": OPEN, "told": "outcome_unknown"},
    "given, and unknown": {"made": MADE, "final": UNKNOWN, **GIVEN},
    "given, and its preview gone": {"made": MADE, "final": NO_PREVIEW, **GIVEN},
    "given, and never made": {"made": set(), "final": UNKNOWN, **GIVEN},
    "not answered at last": {"made": set(), "final": AWAY, "told": "outcome_unknown"},
}


@pytest.mark.requirement("once.load")
@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("sale", TRUE)
def test_a_sale_that_is_known_as_it_was_made_breaks_no_promise(sale: str, confirmed: bool) -> None:
    assert judged(confirmed=confirmed, **TRUE[sale]) == (0, 0)


@pytest.mark.requirement("once.load")
@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("sale", LOST)
def test_a_sale_that_is_not_known_or_was_told_otherwise_is_lost(sale: str, confirmed: bool) -> None:
    assert judged(confirmed=confirmed, **LOST[sale]) == (0, 1)


@pytest.mark.requirement("once.load")
def test_a_second_charge_and_a_third_page_are_doubles_and_a_page_that_nobody_was_given_is_unknown() -> None:
    two, three = {"cks_1", "cks_2"}, {"cks_1", "cks_2", "cks_3"}
    assert judged(confirmed=True, made=two, final=OPEN, **GIVEN) == (1, 0)
    assert judged(confirmed=False, made=two, final=OPEN, **GIVEN) == (0, 0)
    assert judged(confirmed=False, made=three, final=OPEN, **GIVEN) == (1, 0)
    assert judged(confirmed=False, made={"cks_1"}, final=UNKNOWN, told="outcome_unknown") == (0, 0)
    assert judged(confirmed=True, made={"cks_1"}, final=UNKNOWN, told="outcome_unknown") == (0, 1)


def run(*options: str) -> subprocess.CompletedProcess[str]:
    if reason := postgres.lacking():
        pytest.skip(reason)
    return subprocess.run(
        [sys.executable, ROOT / "bench" / "load.py", *options], capture_output=True, text=True, check=False
    )


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.requirement("once.load", "authorization.tokens", "preview.owner")
@pytest.mark.parametrize("replicas", ["1", "2"])
def test_agents_sell_once_and_see_only_their_own_through_a_killed_replica_and_a_crashed_database(replicas: str) -> None:
    done = run("--replicas", replicas, "--clients", "8", "--seconds", "6", "--turns", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    for title in ("double creations", "lost outcomes", "wrong-principal answers", "crashes"):
        assert f"{title}: 0\n" in done.stdout
    assert "connections broken: 0 " not in done.stdout, "nothing was disturbed"


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.requirement("once.load")
def test_the_cost_of_a_sale_is_printed_for_one_replica_and_for_two() -> None:
    """Whether it is the same takes a longer run to say."""
    done = run("--clients", "4", "--seconds", "0", "--turns", "1", "--turn-seconds", "0.5")
    assert done.returncode in {0, 1}, done.stderr
    for row in ("one replica beside bare: ", "CPU milliseconds of a sale: ", "ledger statements of a sale: "):
        assert row in done.stdout, done.stdout + done.stderr
