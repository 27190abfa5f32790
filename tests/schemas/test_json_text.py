"""Free objects are taken as objects, as JSON text, and as JSON text of JSON text."""

import json
from typing import Any

import pytest

from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.parsing import parse
from checkout_schemas.parsing.reading import MOST_ENCODINGS
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession

METADATA = {"order": "7", "shelf": 3, "gift": False}
THEME = {"radius": "4px", "light": {"bg_primary": "#fff"}}


def encoded(value: Any, times: int) -> Any:
    for _ in range(times):
        value = json.dumps(value)
    return value


def parsed(**arguments: Any) -> dict[str, Any]:
    request = parse(CreateCheckoutSession, {"preview_id": "prv_1", **arguments})
    return request.model_dump(exclude_unset=True, exclude={"preview_id"})


@pytest.mark.requirement("schema.json_text")
@pytest.mark.parametrize("times", range(4), ids="encoded {} times".format)
def test_an_object_means_the_same_however_often_it_was_encoded(times: int) -> None:
    given = {"metadata": encoded(METADATA, times), "customization": {"theme_config": encoded(THEME, times)}}
    assert parsed(**given) == {"metadata": METADATA, "customization": {"theme_config": THEME}}


@pytest.mark.requirement("schema.json_text")
def test_an_object_inside_encoded_text_can_be_encoded_again() -> None:
    given = {"customization": encoded({"theme_config": encoded(THEME, 1)}, 1)}
    assert parsed(**given) == {"customization": {"theme_config": THEME}}


@pytest.mark.requirement("schema.json_text")
@pytest.mark.parametrize("nothing", ["", "null", "{}", None])
def test_text_that_stands_for_nothing_is_unset(nothing: str | None) -> None:
    sold = parse(CreateCheckoutSession, {"preview_id": "prv_1", "metadata": nothing})
    assert not sold.metadata


NOT_JSON = ("is text that is not JSON", "send it as JSON: double quotes, true, false, null, no comments")
THEME_FIELDS = "light, dark, font_primary_url, font_secondary_url, font_size, font_weight, pay_button_text, radius"
NO_OBJECT = {
    "metadata": ("must be an object", "give an object with keys of your own, or its JSON text"),
    "customization.theme_config": ("must be an object", f"give an object with {THEME_FIELDS}, or its JSON text"),
}


NO_OBJECTS: dict[str, tuple[Any, bool]] = {  # what was sent, and whether it is text that was meant as JSON
    "a Python dict": (str(METADATA), True),
    "cut off": ('{"order": "7"', True),
    "deeper than a parser goes": ("[" * 100_000, True),
    "encoded too often": (encoded(METADATA, MOST_ENCODINGS + 1), True),
    "a word": ("seven", False),
    "a list": ('["order"]', False),
    "a number": (7, False),
}


@pytest.mark.requirement("schema.json_text")
@pytest.mark.parametrize("path", NO_OBJECT)
@pytest.mark.parametrize("case", NO_OBJECTS)
def test_text_that_holds_no_object_is_refused_with_a_sentence_of_its_own(path: str, case: str) -> None:
    text, is_meant_as_json = NO_OBJECTS[case]
    given = {"metadata": text} if path == "metadata" else {"customization": {"theme_config": text}}
    with pytest.raises(InvalidArguments) as caught:
        parsed(**given)
    problem, suggestion = NOT_JSON if is_meant_as_json else NO_OBJECT[path]
    assert caught.value.problems == [Problem(path=path, problem=problem, suggestion=suggestion)]


@pytest.mark.requirement("schema.json_text")
@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_problem_inside_encoded_text_has_its_own_path(times: int) -> None:
    with pytest.raises(InvalidArguments) as caught:
        parsed(customization={"theme_config": encoded({"font_size": "huge"}, times)})
    (problem,) = caught.value.problems
    assert (problem.path, problem.suggestion) == (
        "customization.theme_config.font_size",
        "leave it out, or use xs, sm, md, lg, xl or 2xl",
    )
