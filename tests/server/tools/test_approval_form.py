"""The form of a question: one required choice, whose refusal comes first, and nothing else is a yes."""

import uuid
from typing import Any

import pytest

from forms import choices
from orders import TWO

CREATE = "create_checkout_session"


def sale(preview_id: str) -> dict[str, Any]:
    """For a buyer of its own: questions about the same order for the same buyer are few."""
    return {"preview_id": preview_id, "customer": {"email": f"{uuid.uuid4().hex}@example.com"}, "confirm": True}


class Client:
    """Answers a question's form by ``fill``, and keeps what it was shown."""

    def __init__(self, fill: Any) -> None:
        self._fill = fill
        self.shown: list[Any] = []

    async def __call__(self, _context: Any, params: Any) -> Any:
        from mcp_types import ElicitResult

        self.shown.append(params)
        return ElicitResult(action="accept", content=self._fill(params))


@pytest.mark.requirement("approval.form")
async def test_the_form_is_one_required_choice_in_plain_words_without_a_default(open_memory_shop: Any) -> None:
    client = Client(lambda _params: {})
    async with open_memory_shop(person=client) as shop:
        await shop.refusal(CREATE, sale(await shop.preview_id(**TWO)))
    [question] = client.shown
    around = {"title": "Approval", "description": "Nothing is sold unless you choose the approval."}
    assert {name: each for name, each in question.requested_schema.items() if around.get(name) != each} == {
        "type": "object",
        "properties": {
            "decision": {
                "type": "string",
                "title": "Your decision",
                "description": "Choose whether this sale may go ahead.",
                "enum": ["No, do not sell", "Yes, approve this sale"],
            }
        },
        "required": ["decision"],
    }


def first_options(params: Any) -> Any:
    return {name: words[0] for name, words in choices(params).items()}


def defaults(params: Any) -> Any:
    """As a harness fills in a form by itself."""
    properties = params.requested_schema["properties"]
    return {name: each["default"] for name, each in properties.items() if "default" in each}


def always(content: Any) -> Any:
    return lambda _params: content


def with_choice(value: Any) -> Any:
    return lambda params: dict.fromkeys(choices(params), value)


NOT_A_YES: dict[str, Any] = {
    "an empty form": always({}),
    "no content": always(None),
    "the defaults": defaults,
    "the first option": first_options,
    "the words without their case": with_choice("yes, approve this sale"),
    "a yes of its own": with_choice("yes"),
    "true": with_choice(True),
    "the text true": with_choice("true"),
    "a number": with_choice(1),
    "the place of the yes": with_choice("1"),
    "a list of the yes": with_choice(["Yes, approve this sale"]),
    "nothing chosen": with_choice(""),
    "the box of older forms": always({"approve": True}),
    "another field": always({"approved": "Yes, approve this sale", "action": "accept"}),
}


@pytest.mark.requirement("approval.only_yes")
@pytest.mark.parametrize("content", NOT_A_YES)
async def test_accepting_without_the_yes_creates_nothing(open_memory_shop: Any, content: str) -> None:
    client = Client(NOT_A_YES[content])
    async with open_memory_shop(person=client) as shop:
        error = await shop.refusal(CREATE, sale(await shop.preview_id(**TWO)))
        assert (error["code"], error["retry"], shop.upstream.created) == ("approval_declined", "do_not_retry", [])
        assert len(client.shown) == 1


class Delegate:
    """In place of a person, as the shared shops take one."""

    def __init__(self, client: Client) -> None:
        self.delegate = client

    async def __call__(self, context: Any, params: Any) -> Any:
        return await self.delegate(context, params)


@pytest.mark.requirement("approval.only_yes")
@pytest.mark.parametrize("content", ["an empty form", "no content", "the first option", "a yes of its own", "true"])
async def test_accepting_without_the_yes_creates_nothing_over_every_transport(open_shop: Any, content: str) -> None:
    async with open_shop(person=Delegate(Client(NOT_A_YES[content]))) as shop:
        error = await shop.refusal(CREATE, sale(await shop.preview_id(**TWO)))
        assert (error["code"], shop.upstream.created) == ("approval_declined", [])


@pytest.mark.requirement("approval.form")
async def test_the_last_option_is_the_yes(open_shop: Any, person: Any) -> None:
    async with open_shop(person=person) as shop:
        await shop.call(CREATE, sale(await shop.preview_id(**TWO)))
        assert len(shop.upstream.created) == 1
