"""Questions to a person about the same goods are few, whichever preview and replica they come from."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import Entry, Ledger
from ledger_steps import GOODS, NOW, OWNER, claim


async def ask(ledger: Ledger, preview_id: str = "prv_1", **changes: Any) -> bool:
    """Whether one more of at most two questions may be put."""
    return await ledger.count_question(preview_id, **{"owner": OWNER, "goods": GOODS, "now": NOW, "most": 2, **changes})


@pytest.mark.requirement("ledger.questions")
async def test_questions_about_the_same_goods_are_counted_over_all_previews(ledger: Ledger) -> None:
    assert [await ask(ledger, f"prv_{number}") for number in range(4)] == [True, True, False, False]


@pytest.mark.requirement("ledger.questions")
@pytest.mark.parametrize(
    "changes",
    [
        {"goods": "others"},
        {"owner": replace(OWNER, principal="another")},
        {"owner": replace(OWNER, environment="test_mode")},
    ],
    ids=["other goods", "another principal", "another environment"],
)
async def test_questions_about_something_else_do_not_count(ledger: Ledger, changes: dict[str, Any]) -> None:
    assert [await ask(ledger), await ask(ledger)] == [True, True]
    assert [await ask(ledger, **changes) for _ in range(3)] == [True, True, False]
    assert not await ask(ledger)


@pytest.mark.requirement("ledger.questions")
async def test_another_account_of_the_same_principal_asks_the_same_person(ledger: Ledger) -> None:
    assert [await ask(ledger), await ask(ledger)] == [True, True]
    assert not await ask(ledger, owner=replace(OWNER, account="acc_2"))


@pytest.mark.requirement("ledger.questions")
async def test_a_question_counts_for_an_hour(ledger: Ledger) -> None:
    assert [await ask(ledger), await ask(ledger, now=NOW + 1800)] == [True, True]
    assert not await ask(ledger, now=NOW + 3599)
    assert [await ask(ledger, now=NOW + 3600) for _ in range(2)] == [True, False]


@pytest.mark.requirement("ledger.questions")
async def test_what_is_not_asked_is_not_counted(ledger: Ledger) -> None:
    assert [await ask(ledger, most=1), await ask(ledger, most=1)] == [True, False]
    assert [await ask(ledger), await ask(ledger)] == [True, False]


@pytest.mark.requirement("ledger.questions")
async def test_no_question_may_be_put_where_none_is_allowed(ledger: Ledger) -> None:
    assert not await ask(ledger, most=0)


@pytest.mark.requirement("ledger.questions")
async def test_a_yes_answers_every_open_question_of_its_preview(ledger: Ledger) -> None:
    assert [await ask(ledger, "prv_1"), await ask(ledger, "prv_1", now=NOW + 1000)] == [True, True]
    assert await ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=True)
    assert not await ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=True), "none is open"
    assert [await ask(ledger, "prv_2", now=NOW + 2000) for _ in range(3)] == [True, True, False]


@pytest.mark.requirement("ledger.questions")
async def test_a_question_that_an_approved_attempt_overtook_counts_no_more(ledger: Ledger, quoted: Entry) -> None:
    """Two calls ask about one preview at once; the one is told yes and sells, and the other comes to that sale."""
    await ledger.add(quoted)
    assert await ask(ledger)
    assert await ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=True)
    assert await ask(ledger), "the other call, after the answer"
    assert await claim(ledger)
    assert [await ask(ledger, "prv_2", now=NOW + 1) for _ in range(3)] == [True, True, False]


@pytest.mark.requirement("ledger.questions")
async def test_an_attempt_that_nobody_approved_leaves_its_questions_counted(ledger: Ledger, quoted: Entry) -> None:
    """Otherwise an agent could ask as often as it likes, with a hosted page for each preview in between."""
    await ledger.add(quoted)
    assert [await ask(ledger), await ask(ledger)] == [True, True]
    assert await claim(ledger)
    assert not await ask(ledger, "prv_2", now=NOW + 1)


@pytest.mark.requirement("ledger.questions")
async def test_a_question_after_an_approved_attempt_counts(ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(quoted)
    assert await ask(ledger)
    assert await ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=True)
    assert await claim(ledger)
    assert [await ask(ledger, now=NOW + 1) for _ in range(3)] == [True, True, False]


@pytest.mark.requirement("ledger.questions")
@pytest.mark.parametrize(
    ("preview_id", "changes"),
    [
        ("prv_2", {}),
        ("prv_1", {"goods": "others"}),
        ("prv_1", {"owner": replace(OWNER, principal="another")}),
        ("prv_1", {"owner": replace(OWNER, environment="test_mode")}),
    ],
    ids=["another preview", "other goods", "another principal", "another environment"],
)
async def test_a_yes_to_something_else_takes_nothing_back(
    ledger: Ledger, preview_id: str, changes: dict[str, Any]
) -> None:
    assert [await ask(ledger), await ask(ledger)] == [True, True]
    await ledger.answer_question(preview_id, **{"owner": OWNER, "goods": GOODS, "approved": True, **changes})
    assert not await ask(ledger)


@pytest.mark.requirement("once.concurrent")
async def test_of_50_questions_at_once_as_many_are_put_as_are_allowed(ledger: Ledger) -> None:
    asked = await asyncio.gather(*(ask(ledger, f"prv_{number}", most=3) for number in range(50)))
    assert asked.count(True) == 3


@pytest.mark.requirement("once.concurrent")
async def test_noes_at_once_answer_one_question_each(ledger: Ledger) -> None:
    assert [await ask(ledger, most=20) for _ in range(20)] == [True] * 20
    noes = [ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=False) for _ in range(21)]
    assert (await asyncio.gather(*noes)).count(True) == 20


@pytest.mark.requirement("ledger.questions")
async def test_a_question_that_nobody_saw_does_not_count(ledger: Ledger) -> None:
    assert [await ask(ledger), await ask(ledger), await ask(ledger)] == [True, True, False]
    await ledger.withdraw_question("prv_1", owner=OWNER, goods=GOODS)
    assert [await ask(ledger), await ask(ledger)] == [True, False]
    assert await ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=False)
    await ledger.withdraw_question("prv_2", owner=OWNER, goods=GOODS)
    assert not await ask(ledger), "another preview's question was not withdrawn"


@pytest.mark.requirement("ledger.questions")
async def test_a_question_dated_by_a_clock_that_was_ahead_does_not_count(ledger: Ledger) -> None:
    assert [await ask(ledger, now=NOW + 7200), await ask(ledger, now=NOW + 7200)] == [True, True]
    assert [await ask(ledger), await ask(ledger), await ask(ledger)] == [True, True, False]


@pytest.mark.requirement("ledger.questions")
async def test_a_no_counts_and_is_answered_once(ledger: Ledger) -> None:
    assert [await ask(ledger), await ask(ledger)] == [True, True]
    await ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=False)
    assert not await ask(ledger)
    await ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=True)
    assert await ask(ledger), "the yes went to the question that was still open"
    assert not await ask(ledger)


@pytest.mark.requirement("ledger.questions")
async def test_a_question_is_being_asked_until_its_no(ledger: Ledger) -> None:
    async def pending(preview_id: str = "prv_1", since: float = NOW - 1) -> bool:
        return await ledger.is_being_asked(preview_id, owner=OWNER, goods=GOODS, since=since)

    assert not await pending()
    await ask(ledger)
    assert [await pending(), await pending("prv_2"), await pending(since=NOW)] == [True, False, False]
    await ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=False)
    assert not await pending()
    await ask(ledger)
    await ledger.answer_question("prv_1", owner=OWNER, goods=GOODS, approved=True)
    assert await pending(), "a yes is about to be carried out"


@pytest.mark.requirement("ledger.purge")
async def test_questions_older_than_an_hour_are_deleted(storage: Any) -> None:
    ledger = await storage.open()
    assert [await ask(ledger), await ask(ledger, now=NOW + 1)] == [True, True]
    assert await ledger.purge(now=NOW + 3600) == 0, "previews are counted, not questions"
    assert await storage.query("SELECT asked_at FROM {schema}question") == [(NOW + 1,)]
