"""Whatever is sent, a call parses or is refused, and no value of the caller's comes back."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.parsing import parse
from checkout_schemas.parsing.shape import homes_of
from checkout_schemas.parsing.unknown_fields import TOOLS
from checkout_schemas.vocabularies.synonyms.fields import FIELD_ADVICE, FIELD_WORDS, NEIGHBOUR_WORDS

pytestmark = [pytest.mark.requirement("error.no_echo"), pytest.mark.requirement("error.no_crash")]

SECRET = "Zq7x"
"""In every value and unknown key of a call; in no word of ours."""
WORDS = "US USD credit $5 5.00 true SAVE20 a@b.co +1 https://shop.example/{X} [{}]".split()
FORMS = ("{}", "{} ", "+{}", "{}@x.co", "https://{}.example", "{{'a': '{}'}}", '"{}', "\n{}", "\0{}")

fields = {name for model in TOOLS for name in homes_of(model)}
ours = sorted(fields | FIELD_WORDS.keys() | NEIGHBOUR_WORDS.keys() | FIELD_ADVICE.keys())
secrets = st.sampled_from([form.format(SECRET) for form in FORMS])
free_text = st.text(max_size=20).map(lambda text: text + SECRET)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | secrets | free_text | st.sampled_from(WORDS)
names = st.sampled_from(ours) | st.text(max_size=8).map(lambda text: text + SECRET)


def as_json_text(value: Any) -> Any:
    try:
        return json.dumps(value)
    except ValueError:
        return value


values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(names, inner, max_size=5)
        | st.dictionaries(names, inner, max_size=3).map(as_json_text)
        | st.lists(inner, max_size=2).map(as_json_text).map(as_json_text)
    ),
    max_leaves=15,
)


def problems_of(model: Any, arguments: dict[str, Any], tool: Any, is_live: bool) -> list[Problem]:
    try:
        parse(model, arguments, tool=tool, is_live=is_live)
    except InvalidArguments as refused:
        return refused.problems
    return []


@pytest.mark.parametrize("model", TOOLS, ids=TOOLS.values())
@settings(max_examples=150, deadline=None, database=None)
@given(arguments=st.dictionaries(names, values, max_size=8), is_live=st.booleans())
def test_no_call_crashes_and_no_value_comes_back(model: Any, arguments: dict[str, Any], is_live: bool) -> None:
    tool: Any = TOOLS[model] if TOOLS[model] != "list_products" else None
    problems = problems_of(model, arguments, tool, is_live)
    said = json.dumps([problem.wire() for problem in problems])
    assert SECRET not in said
    assert "remove it" not in said
