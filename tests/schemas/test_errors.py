"""A refusal says each sentence once."""

import pytest

from checkout_schemas.errors import Problem, said_once


@pytest.mark.requirement("error.said_once")
def test_a_repair_is_said_once_and_then_referred_to() -> None:
    problems = [
        Problem(path="a", problem="is required", suggestion="make a new preview"),
        Problem(path="b", problem="is required", suggestion="make a new preview"),
        Problem(path="c", problem="is required", suggestion="make a new preview"),
        Problem(path="d", problem="was refused", suggestion="The code has expired."),
        Problem(path="e", problem="does not exist here", suggestion="did you mean street?"),
        Problem(path="f", problem="does not exist here", suggestion="did you mean street?"),
        Problem(path="f", problem="does not exist here", suggestion="did you mean street?"),
        Problem(path="f", problem="is too long", suggestion="leave it out"),
        Problem(path="f", problem="is empty", suggestion="leave it out"),
        Problem(path="g", problem="is required"),
        Problem(path="h", problem="is required"),
    ]
    assert [(each.path, each.suggestion) for each in said_once("The code has expired.", problems)] == [
        ("a", "make a new preview"),
        ("b", "as for a"),
        ("c", "as for a"),
        ("d", None),
        ("e", "did you mean street?"),
        ("f", "as for e"),
        ("f", "leave it out"),
        ("f", "as above"),
        ("g", None),
        ("h", None),
    ]
