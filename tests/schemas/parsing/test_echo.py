"""Whatever is sent, a call parses or is refused with what to do, and no value of the caller's comes back."""

import json
import re
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.parsing import parse
from checkout_schemas.parsing.advice import ADVICE, ADVICE_IN, ADVISED_NAMES
from checkout_schemas.parsing.sentences import OTHER, REQUIRED, SENTENCES, TEXT_FORMS
from checkout_schemas.parsing.shape import homes_of
from checkout_schemas.parsing.unknown_fields import TOOLS
from checkout_schemas.rules import RULES
from checkout_schemas.rules import Tool as RuledTool
from checkout_schemas.sale_rules import SALE_RULES
from checkout_schemas.vocabularies.synonyms.fields import FIELD_WORDS, NEIGHBOUR_WORDS
from checkout_schemas.vocabularies.synonyms.meanings import VOCABULARIES
from examples import examples

SECRET = "Zq7x"
"""In every value and unknown key of a call; in no word of ours."""
WORDS = "US USD credit $5 5.00 true SAVE20 a@b.co +1 https://shop.example/{X} [{}]".split()
FORMS = ("{}", "{} ", "+{}", "{}@x.co", "https://{}.example", "{{'a': '{}'}}", '"{}', "\n{}", "\0{}")

fields = {name for model in TOOLS for name in homes_of(model)}
ours = sorted(fields | FIELD_WORDS.keys() | NEIGHBOUR_WORDS.keys() | ADVISED_NAMES)
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


INSTRUCTIONS = re.compile(
    "(add|ask|call|choose|give|join|leave|list|make|mend|name|nest|put|remove|send|set|type|use|write) "
    "|it is [a-z_.\\[\\]]+|did you mean |the field is |nothing to do"
)


def says_what_to_do(suggestion: str | None) -> bool:
    """Whether it begins with something to do, or with the name that is right."""
    return suggestion is not None and INSTRUCTIONS.match(suggestion) is not None


@pytest.mark.requirement("error.repair")
def test_every_sentence_of_ours_says_what_to_do() -> None:
    repairs = {
        *(sentence.repair for sentence in (*SENTENCES.values(), OTHER)),
        *(rule.suggestion for rule in (*RULES, *SALE_RULES)),
        *(vocabulary.otherwise for vocabulary in VOCABULARIES.values()),
        *ADVICE.values(),
        *(each for table in ADVICE_IN.values() for each in table.values()),
        *REQUIRED.values(),
        *TEXT_FORMS.values(),
    }
    assert [each for each in repairs if not says_what_to_do(each)] == []


def problems_of(model: Any, arguments: dict[str, Any], tool: Any, is_live: bool) -> list[Problem]:
    try:
        parse(model, arguments, tool=tool, is_live=is_live)
    except InvalidArguments as refused:
        return refused.problems
    return []


@pytest.mark.requirement("error.no_echo", "error.repair", "error.no_crash")
@pytest.mark.parametrize("model", TOOLS, ids=TOOLS.values())
@settings(max_examples=examples(150), deadline=None, database=None)
@given(arguments=st.dictionaries(names, values, max_size=8), is_live=st.booleans())
def test_no_call_crashes_and_no_value_comes_back(model: Any, arguments: dict[str, Any], is_live: bool) -> None:
    tool: Any = TOOLS[model] if TOOLS[model] in get_args(RuledTool) else None
    problems = problems_of(model, arguments, tool, is_live)
    assert [problem for problem in problems if not says_what_to_do(problem.suggestion)] == []
    said = json.dumps([problem.wire() for problem in problems])
    assert SECRET not in said
    assert "remove it" not in said
