"""A suggestion is done literally, and what takes a thought is not done at all."""

from copy import deepcopy
from typing import Any

import pytest

from evals.repairs import mend

HERE, THERE = "preview_checkout", "create_checkout_session"
UNKNOWN = "does not exist here"


def mended(problem: tuple[str, str, str | None], call: dict[str, Any]) -> dict[str, Any] | None:
    """Both tools' calls after the repair; None where it could not be made."""
    path, what, suggestion = problem
    calls = {HERE: deepcopy(call)}
    told = {"path": path, "problem": what} | ({"suggestion": suggestion} if suggestion else {})
    return calls if mend(calls, HERE, [told]) else None


@pytest.mark.requirement("evals.literal")
@pytest.mark.parametrize(
    ("problem", "call", "after"),
    [
        (("qty", UNKNOWN, "did you mean quantity?"), {"qty": 2}, {HERE: {"quantity": 2}}),
        (("a.c", "is not a known word", "did you mean US?"), {"a": {"c": "USA"}}, {HERE: {"a": {"c": "US"}}}),
        (
            ("m[0]", "is not a known word", "did you mean credit and debit?"),
            {"m": ["card", "debit"]},
            {HERE: {"m": ["credit", "debit"]}},
        ),
        (("s", UNKNOWN, "did you mean state or country?"), {"s": "CA"}, None),
        (("zip", UNKNOWN, "it is address.zip"), {"zip": "1"}, {HERE: {"address": {"zip": "1"}}}),
        (("l", UNKNOWN, "it is cart[].l or cart[].m.l"), {"l": 1}, {HERE: {"cart": [{"l": 1}]}}),
        (("u", UNKNOWN, f"it is r of {THERE}, after the preview"), {"u": 1}, {HERE: {}, THERE: {"r": 1}}),
        (("u", UNKNOWN, f"give it to {THERE}, after the preview"), {"u": 1}, {HERE: {}, THERE: {"u": 1}}),
        (("qty", UNKNOWN, "did you mean quantity?"), {"qty": 2, "quantity": 1}, None),
        (("sessionId", "was ignored", "the field is s"), {"sessionId": "1"}, {HERE: {"s": "1"}}),
        (("a.l2", UNKNOWN, "join it to l, with a comma"), {"a": {"l": "x", "l2": "y"}}, {HERE: {"a": {"l": "x, y"}}}),
        (("amount", "is text", "in minor units: USD 5.00 is 500"), {"amount": "$1,012.50"}, {HERE: {"amount": 101250}}),
        (("amount", "is text", "in minor units: USD 5.00 is 500"), {"amount": "a lot"}, None),
        (("flag", "is text", "send a JSON boolean without quotes"), {"flag": "Yes"}, {HERE: {"flag": True}}),
        (("flag", "is text", "send a JSON boolean without quotes"), {"flag": "maybe"}, None),
        (("days", "is text", "such as 1 or 2"), {"days": "14 days"}, {HERE: {"days": 14}}),
        (("n", "is a number", "put it in quotes"), {"n": 7}, {HERE: {"n": "7"}}),
        (("codes[1]", "repeats", "give each code once"), {"codes": ["A", "a"]}, {HERE: {"codes": ["A"]}}),
        (("code", "is old", "put every code into codes"), {"code": "A", "codes": ["B"]}, {HERE: {"codes": ["A", "B"]}}),
        (("who", "is two", "send id alone, or mail"), {"who": {"id": 1, "mail": 2}}, {HERE: {"who": {"id": 1}}}),
        (("q", "is above the limit", "use at most 3"), {"q": 9}, {HERE: {"q": 3}}),
        (("q", "is too long", "use at most 3 characters"), {"q": "nine"}, None),
        (("a.b", "is not needed", "leave it out: it is known"), {"a": {"b": 1}}, {HERE: {}}),
        (("a", "is not allowed", "leave b and c out"), {"a": 1, "b": 2, "c": 3}, {HERE: {"a": 1}}),
        (("pay", "must be true", "set pay, or leave card out"), {"card": 1}, {HERE: {"card": 1, "pay": True}}),
        (("flag", "must be true", "set it to true or leave it out"), {"flag": False}, {HERE: {"flag": True}}),
        (
            ("who", UNKNOWN, "did you mean buyer?"),
            {"who": {"a": 1}, "buyer": {"b": 2}},
            {HERE: {"buyer": {"a": 1, "b": 2}}},
        ),
        (("who", UNKNOWN, "did you mean buyer?"), {"who": {"a": 1}, "buyer": {"a": 2}}, None),
        (("phone", "has a wrong form", "use E.164: + and digits"), {"phone": "1"}, None),
        (("mail", "is required", "add mail, or an id"), {}, None),
        (("a", "is required", None), {}, None),
    ],
    ids=lambda each: each[2] if isinstance(each, tuple) else "",
)
def test_a_suggestion_is_done_literally(
    problem: tuple[str, str, str | None], call: dict[str, Any], after: dict[str, Any] | None
) -> None:
    assert mended(problem, call) == after


@pytest.mark.requirement("evals.literal")
def test_what_another_repair_brings_is_not_lacking_any_more() -> None:
    calls = {HERE: {"items": [1]}}
    lacking = {"path": "cart", "problem": "is required", "suggestion": "give an array"}
    unknown = {"path": "items", "problem": UNKNOWN, "suggestion": "did you mean cart?"}
    assert mend(calls, HERE, [lacking, unknown])
    assert calls == {HERE: {"cart": [1]}}


@pytest.mark.requirement("evals.literal")
def test_a_suggestion_that_refers_to_another_one_is_that_one() -> None:
    calls = {HERE: {"a": "1 item", "b": "2 items"}}
    first = {"path": "a", "problem": "is text", "suggestion": "such as 1 or 2"}
    second = {"path": "b", "problem": "is text", "suggestion": "as for a"}
    assert mend(calls, HERE, [first, second])
    assert calls == {HERE: {"a": 1, "b": 2}}


@pytest.mark.requirement("evals.literal")
def test_a_name_in_parts_is_put_together_in_its_order() -> None:
    calls = {HERE: {"who": {"first": "Ada", "last": "Example"}}}
    whole = "put the whole name into who.name"
    problems = [{"path": f"who.{part}", "problem": UNKNOWN, "suggestion": whole} for part in ("first", "last")]
    assert mend(calls, HERE, problems)
    assert calls == {HERE: {"who": {"name": "Ada Example"}}}
