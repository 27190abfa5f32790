"""The cases of the provider's guide, as a conversation and as calls: the sandbox's answers, at a fixed time."""

import asyncio
import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from checkout_schemas.requests.preview_checkout import PreviewCheckout
from docs.generate.markdown import code, json_block
from docs.generate.shop import open_shop
from evals.task import choose, load_tasks

EXAMPLES = Path(__file__).parents[2] / "tests" / "guide" / "examples.json"
SHOWN: dict[str, Any] = {
    "product_cart": [
        {"product_id": "prod_team_plan", "quantity": 1, "addons": [{"addon_id": "addon_seat", "quantity": 2}]},
        {"product_id": "prod_ebook_guide", "quantity": 1},
    ],
    "billing_address": {"country": "US", "state": "CA", "zipcode": "94102"},
    "discount_codes": ["SAVE20"],
}
"""What the page on selling quotes."""


@functools.cache
def all_cases() -> str:
    """Each creation of the guide in a shop of its own, so that none sees what another sold."""
    return asyncio.run(_all_cases())


@functools.cache
def preview() -> str:
    return asyncio.run(_preview())


@functools.cache
def question() -> str:
    """What a person reads before the guide's saved method is charged."""
    return asyncio.run(_question())


async def _all_cases() -> str:
    tasks = [task for task in choose(load_tasks(), "guide/*") if task.ends.created]
    buyers = {_key(task.ends.created[0]): [turn.says for turn in task.turns] for task in tasks}
    return "\n\n".join([await _case(example, buyers[_key(example["request"])]) for example in _examples()])


async def _case(example: Mapping[str, Any], buyer: list[str]) -> str:
    number, _, title = example["title"].partition(" ")
    heading = f"{number}. {title[0].upper()}{title[1:]}" if number.isdigit() else example["title"].capitalize()
    order, sale = split(example["request"])
    async with open_shop() as shop:
        quote = await shop.call("preview_checkout", order)
        arguments = {"preview_id": quote["preview_id"], **sale}
        session = await shop.call("create_checkout_session", arguments)
        asked = [f"The client asks a person, who approves:\n\n```text\n{each}\n```" for each in shop.questions]
        parts = [
            f"### {heading}", _said("Buyer", buyer[0]), *_called("preview_checkout", order, quote),
            _said("Agent", _offer(quote)), _said("Buyer", buyer[1]),
            *_called("create_checkout_session", arguments, session, *asked),
            *([_said("Agent", f"Please pay here: {session['checkout_url']}")] if "checkout_url" in session else []),
        ]  # fmt: skip
        if "checkout_url" not in session:
            state = await shop.call("get_checkout_session", {"session_id": session["session_id"]})
            parts += [*_called("get_checkout_session", {"session_id": session["session_id"]}, state)]
            parts.append(_said("Agent", f"Done: {state['paid']['display']['total']} is paid."))
        return shop.with_plain_ids("\n\n".join(parts))


async def _preview() -> str:
    async with open_shop() as shop:
        return shop.with_plain_ids(json_block(await shop.call("preview_checkout", SHOWN)))


async def _question() -> str:
    [example] = [each for each in _examples() if "payment_method_id" in each["request"]]
    order, sale = split(example["request"])
    async with open_shop() as shop:
        quote = await shop.call("preview_checkout", order)
        await shop.call("create_checkout_session", {"preview_id": quote["preview_id"], **sale})
        [asked] = shop.questions
        return shop.with_plain_ids(f"```text\n{asked}\n```")


def split(request: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of preview_checkout, and the rest."""
    order = {name: value for name, value in request.items() if name in PreviewCheckout.model_fields}
    return order, {name: value for name, value in request.items() if name not in order}


def _called(tool: str, arguments: Mapping[str, Any], result: Mapping[str, Any], *between: str) -> Iterator[str]:
    yield f"{code(tool)} is called with"
    yield json_block(arguments)
    yield from between
    yield "and answers"
    yield json_block(result)


def _offer(quote: Mapping[str, Any]) -> str:
    """What an agent reads out: the amount now, what recurs, and everything that the amounts leave out."""
    later = [
        f"then {quote['currency']} {each['display']['total']} every {each['interval'].removeprefix('1 ')}"
        for each in quote.get("recurring", ())
    ]
    sentence = ", ".join([f"That is {quote['display']['total']} now", *later]) + "."
    return " ".join([sentence, *quote.get("warnings", ()), "Shall I go on?"])


def _said(who: str, words: str) -> str:
    return f"> **{who}:** {words}"


def _examples() -> list[dict[str, Any]]:
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return [each for each in examples if each["operation"] == "create"]


def _key(request: Mapping[str, Any]) -> str:
    return json.dumps(request, sort_keys=True)
