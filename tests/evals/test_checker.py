"""What ended otherwise than the task says is named, each thing in a sentence."""

from typing import Any

import pytest

from evals.checker import Outcome, list_failures
from evals.task import Task

BODY = {"product_cart": [{"product_id": "prod_1", "quantity": 2}], "confirm": True}
SENT = BODY | {"metadata": {"mcp_preview_id": "prv_1"}}
TURNS = [{"says": "Two.", "wants": "quote", "hears": ["1299.00|thirteen hundred"]}, {"says": "Yes.", "wants": "buy"}]
ENDS = {"created": [BODY], "quoted": {"product_cart": []}, "page": True, "asked": 1, "calls": 3, "refusals": 1}
GOOD: dict[str, Any] = {
    "created": [SENT],
    "quoted": [{"product_cart": [1]}, {"product_cart": []}],
    "pages": ["cks_1"],
    "told": ["That is USD 1,299.00.", "Pay at https://pay.example.com/session/cks_1, please."],
    "questions": 1,
    "refusals": 1,
    "calls": 3,
    "tokens": 3000,
}


def failures(ends: dict[str, Any] | None = None, **differs: Any) -> list[str]:
    task = Task.model_validate({"name": "g/t", "goal": "Sell it.", "turns": TURNS, "ends": ENDS | (ends or {})})
    return list_failures(task, Outcome(**GOOD | differs))


@pytest.mark.requirement("evals.ends")
def test_nothing_is_said_of_what_ended_as_it_must() -> None:
    assert failures() == []


@pytest.mark.requirement("evals.ends")
@pytest.mark.parametrize(
    ("differs", "sentences"),
    [
        ({"created": []}, ["0 creations reached the API, not 1"]),
        ({"created": [SENT, SENT]}, ["2 creations reached the API, not 1"]),
        ({"created": [SENT | {"confirm": 1}]}, ["creation 1 has 1 at confirm, not True"]),
        ({"created": [SENT | {"force_3ds": True}]}, ["creation 1 has force_3ds besides"]),
        ({"created": [{"product_cart": BODY["product_cart"]}]}, ["creation 1 lacks confirm"]),
        ({"created": [SENT | {"metadata": {"a": "b"}}]}, ["creation 1 has metadata besides"]),
        (
            {"created": [SENT | {"product_cart": [{"product_id": "prod_2", "quantity": 2, "amount": 5}]}]},
            [
                "creation 1 has product_cart[0].amount besides",
                "creation 1 has 'prod_2' at product_cart[0].product_id, not 'prod_1'",
            ],
        ),
        ({"created": [SENT | {"product_cart": []}]}, ["creation 1 has 0 items at product_cart, not 1"]),
        ({"quoted": []}, ["nothing was quoted"]),
        ({"quoted": [{"product_cart": [], "tax_id": "1"}]}, ["the last quote has tax_id besides"]),
        ({"pages": []}, ["there is no page to give"]),
        ({"pages": ["cks_1", "cks_2"]}, ["the buyer was not given the page of the last session"]),
        (
            {"told": ["That is 13.00.", "1299.00: https://pay.example.com/session/cks_1"]},
            ["the buyer was not told “1299.00|thirteen hundred” by turn 1"],
        ),
        ({"questions": 0}, ["0 questions to a person, not 1"]),
        ({"refusals": 2}, ["2 refused calls, and at most 1 are allowed"]),
        ({"calls": 4}, ["4 calls, and at most 3 are allowed"]),
        ({"tokens": 3001}, ["3001 tokens, and at most 3000 are allowed"]),
    ],
    ids=str,
)
def test_what_ended_otherwise_is_named(differs: dict[str, Any], sentences: list[str]) -> None:
    assert failures(**differs) == sentences


@pytest.mark.requirement("evals.ends")
def test_a_page_that_nobody_wanted_is_named() -> None:
    assert failures({"page": False}) == ["the buyer was given a page"]


@pytest.mark.requirement("evals.ends")
def test_words_that_must_not_be_told_are_named() -> None:
    assert failures({"never_told": ["please"]}) == ["the buyer was told “please” in turn 2"]


@pytest.mark.requirement("evals.ends")
def test_a_creation_whose_answer_was_lost_may_be_sent_again_as_it_is() -> None:
    assert failures({"resent": True}, created=[SENT, SENT]) == []
    other = SENT | {"metadata": {"mcp_preview_id": "prv_2"}}
    assert failures({"resent": True}, created=[SENT, other]) == ["2 creations reached the API, not 1"]
