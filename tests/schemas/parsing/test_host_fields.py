"""Fields that hosts add to a call are dropped, and named where the call is refused."""

from typing import Any

import pytest

from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse
from checkout_schemas.parsing.host_fields import HOST_FIELDS
from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.requests.preview_checkout import PreviewCheckout

CART = [{"product_id": "prod_1", "quantity": 1}]
ADDED = {name: {"any": ["thing"]} for name in HOST_FIELDS}


def problems(model: Any, arguments: dict[str, Any], tool: Any = None) -> list[dict[str, str]]:
    with pytest.raises(InvalidArguments) as caught:
        parse(model, arguments, tool=tool)
    return [problem.wire() for problem in caught.value.problems]


@pytest.mark.requirement("error.host_fields")
def test_the_list_is_that_of_the_reports() -> None:
    assert set(HOST_FIELDS) == {"toolCallId", "sessionId", "action", "chatInput", "tool"}


@pytest.mark.requirement("error.host_fields")
@pytest.mark.parametrize(
    ("model", "arguments"),
    [(ListProducts, {}), (PreviewCheckout, {"product_cart": CART}), (GetCheckoutSession, {"session_id": "cks_1"})],
)
def test_a_call_works_with_what_its_host_added(model: Any, arguments: dict[str, Any]) -> None:
    assert parse(model, arguments | ADDED).model_dump(exclude_unset=True) == arguments


@pytest.mark.requirement("error.host_fields")
def test_a_refusal_names_what_was_ignored() -> None:
    assert problems(GetCheckoutSession, {"sessionId": "cks_1", "tool": "x"}, "get_checkout_session") == [
        {
            "path": "session_id",
            "problem": "or preview_id is required, one of the two",
            "suggestion": "give session_id, or preview_id if the session_id is not known",
        },
        {"path": "sessionId", "problem": "was ignored", "suggestion": "the field is session_id"},
        {"path": "tool", "problem": "was ignored", "suggestion": "nothing to do: your client added it"},
    ]


@pytest.mark.requirement("error.host_fields")
def test_a_field_that_was_given_is_not_looked_for_in_what_was_ignored() -> None:
    sent = {"session_id": "cks_1", "sessionId": "run_7", "zzz": 1}
    assert problems(GetCheckoutSession, sent, "get_checkout_session")[1:] == [
        {"path": "sessionId", "problem": "was ignored", "suggestion": "nothing to do: your client added it"}
    ]


@pytest.mark.requirement("error.host_fields")
@pytest.mark.parametrize("name", ["toolcallid", "tool_call_id", "Action", "session_Id"])
def test_another_spelling_is_not_ignored(name: str) -> None:
    assert [each["path"] for each in problems(ListProducts, {name: "x"})] == [name]


@pytest.mark.requirement("error.host_fields")
def test_inside_an_object_nothing_is_ignored() -> None:
    order = {"product_cart": [CART[0] | {"action": "x"}]}
    assert [each["path"] for each in problems(PreviewCheckout, order)] == ["product_cart[0].action"]
