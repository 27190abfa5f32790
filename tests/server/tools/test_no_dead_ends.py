"""In every state of a sale, the tools answer what the table says, and whoever follows it comes to an end."""

import re
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.refusals import attempted_meanwhile, being_asked, outcome_unknown
from checkout_server.checkout.sale import waiting
from checkout_server.checkout.sessions.answers import ANSWERS, STATUS_NOT_ASKED, SUBSCRIPTIONS, Refuses, Replays, Sells
from checkout_server.checkout.sessions.states import SaleState
from evals.reading import read
from literal_agent import CREATE, STATUS
from sale_scenarios import SCENARIOS, Scenario, in_state
from sale_world import SaleWorld, open_world

# What a tool answers in a state does not depend on the era; the question that both ask has tests of its own.
ERAS = pytest.mark.parametrize("era", ["2026", pytest.param("2025", marks=pytest.mark.thorough)])
STARTS = [
    pytest.param(name, start, id=f"{name}-{start}")
    for name, scenario in SCENARIOS.items()
    for start in (STATUS, CREATE)
    if start == STATUS or ANSWERS[scenario.state].creation is not None
]


@pytest.fixture(autouse=True)
def _short_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a call waits for another process's creation; it counts in real seconds."""
    monkeypatch.setattr(waiting, "MOST_SECONDS", 0.0)


@pytest.mark.requirement("sale.states")
def test_every_state_has_a_way_into_it_and_an_answer() -> None:
    assert {scenario.state for scenario in SCENARIOS.values()} == set(SaleState) == set(ANSWERS)


@pytest.mark.requirement("sale.states")
@pytest.mark.parametrize("state", [state for state in ANSWERS if ANSWERS[state].is_awaited])
def test_what_changes_by_itself_is_told_to_be_looked_at_again(state: SaleState) -> None:
    assert [step.tool for step in read(ANSWERS[state].next_step)].count(STATUS) == 1


TEXTS = [
    STATUS_NOT_ASKED,
    *SUBSCRIPTIONS.values(),
    *(row.next_step for row in ANSWERS.values()),
    *(row.creation.message for row in ANSWERS.values() if isinstance(row.creation, Refuses)),
    *(refused().message for refused in (being_asked, attempted_meanwhile, outcome_unknown)),
]


@pytest.mark.requirement("sale.states")
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_leads_on_and_says_when_to_look_again(text: str) -> None:
    steps = read(text)
    assert [step for step in steps if step.when not in {"day", "again"}] != []
    looks = [step for step in steps if step.tool == STATUS]
    assert [each for each in looks if each.wait is None] == []
    assert not re.search(r"\blater\b", text), "an hour, a day? It names no time"


@pytest.mark.requirement("sale.states")
def test_whatever_is_open_or_under_way_is_awaited_unless_nobody_can_pay() -> None:
    under_way = {state for state in ANSWERS if ANSWERS[state].status in {"open", "processing", "in_progress"}}
    awaited = {state for state in ANSWERS if ANSWERS[state].is_awaited}
    assert awaited == under_way - {SaleState.OPEN_WITHOUT_PAGE}


@pytest.mark.requirement("sale.states")
@ERAS
@pytest.mark.parametrize("name", SCENARIOS)
async def test_both_tools_answer_what_the_table_says(name: str, era: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    async with open_world(tmp_path, era) as world, in_state(world, scenario):
        told = await world.ask_status()
        row = ANSWERS[scenario.state]
        assert (told["status"], told["next_step"]) == (row.status, row.next_step)
        assert ("checkout_url" in told) == row.has_page
        await check_creation(scenario, world)


async def check_creation(scenario: Scenario, world: SaleWorld) -> None:
    row = ANSWERS[scenario.state]
    if row.creation is None:
        assert world.preview_id is None
        return
    again = await world.ask_again()
    match row.creation:
        case Sells():
            assert "replayed" not in again
        case Replays():
            charged = world.answer.get("checkout_url") is None and "confirm" in scenario.rest
            ended = world.now >= world.session.expires_at.timestamp()
            step = STATUS_NOT_ASKED if charged and not ended else row.next_step
            assert (again["replayed"], again["next_step"]) == (True, step)
            assert ("checkout_url" in again) == row.has_page
        case Refuses(code, retry, message):
            error: Any = again["error"]
            assert (error["code"], error["retry"], error["message"]) == (code, retry, message)


ENDS = {"sale": ("end", 1), "end": ("end", 0), "person": ("person", 0)}
"""How the agent ends, and how often the order is paid for then."""


@pytest.mark.requirement("sale.states")
@ERAS
@pytest.mark.parametrize(("name", "start"), STARTS)
async def test_who_does_literally_what_is_said_comes_to_an_end(name: str, start: str, era: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    for pays, ends in ((True, scenario.pays), (False, scenario.leaves)):
        folder = tmp_path / ends / str(pays)
        folder.mkdir(parents=True)
        async with open_world(folder, era) as world, in_state(world, scenario):
            world.buyer_pays = pays
            ending = await world.agent().run(start)
            assert (ending.kind, world.paid_sales()) == ENDS[ends], ending.calls
