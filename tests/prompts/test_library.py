"""Prompts are files: what they say, what they take, and what is refused."""

import pytest

from checkout_prompts.library import (
    ArgumentError,
    PromptFileError,
    load_instructions,
    load_prompts,
    parse_prompt,
)
from served_tools import OFFERED

FRONT = """---
name: n
title: T
description: D
arguments:
  - {name: a, description: A, required: true}
  - {name: b, description: B}
---
"""


@pytest.mark.requirement("prompts.library")
def test_the_prompts_of_a_seller_are_there() -> None:
    assert {prompt.name for prompt in load_prompts()} >= {"sell_a_product", "quote_an_order", "explain_a_refusal"}


@pytest.mark.requirement("prompts.library")
def test_the_instructions_fit_their_budget_and_name_every_tool() -> None:
    import bpe_openai

    instructions = load_instructions()
    assert len(list(bpe_openai.get_encoding("o200k_base").encode(instructions))) <= 270
    assert [tool for tool in OFFERED if tool not in instructions] == []


@pytest.mark.requirement("prompts.library")
def test_an_argument_is_put_in_once_and_stays_text() -> None:
    prompt = parse_prompt("x.md", FRONT + "{{a}}, {{ b }}!")
    assert prompt.render({"a": "{{b}}\u202e\u0007", "b": "two\nlines"}) == "{{b}}, two lines!\n"
    assert prompt.render({"a": "x" * 5000}) == "x" * 2000 + ", !\n"


@pytest.mark.requirement("prompts.library")
def test_an_argument_may_have_any_identifier_for_a_name() -> None:
    prompt = parse_prompt("x.md", FRONT.replace("name: b,", "name: Line_2,") + "{{a}} {{Line_2}}")
    assert prompt.render({"a": "x", "Line_2": "y"}) == "x y\n"


@pytest.mark.requirement("prompts.library")
@pytest.mark.parametrize("given", [{}, {"a": ""}, {"a": " \u200b\n"}, {"b": "x"}])
def test_a_missing_argument_is_named(given: dict[str, str]) -> None:
    with pytest.raises(ArgumentError, match="needs the argument a"):
        parse_prompt("x.md", FRONT + "{{a}}").render(given)


@pytest.mark.requirement("prompts.library")
def test_an_argument_too_many_is_refused_without_repeating_it() -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_prompt("x.md", FRONT + "{{a}}").render({"a": "x", "hunter2": "y"})
    assert str(caught.value) == "The prompt takes no other arguments than a, b."


@pytest.mark.requirement("prompts.library")
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no front matter", "must start with front matter"),
        ("---\nname: [\n---\n", "needs name, title and description"),
        ("---\nname: n\n---\n", "needs name, title and description"),
        ("---\nname: n\ntitle: T\ndescription: D\narguments: text\n---\n", "arguments as a list"),
        (FRONT + "{{c}}", "uses c without declaring it"),
        (FRONT + "{{Line_2}}", "uses Line_2 without declaring it"),
    ],
)
def test_a_malformed_file_is_named(text: str, says: str) -> None:
    with pytest.raises(PromptFileError, match=says) as caught:
        parse_prompt("broken.md", text)
    assert str(caught.value).startswith("broken.md ")
