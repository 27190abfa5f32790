"""Whoever follows the server's words passes the tasks, and fails where the words are worse."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from checkout_schemas.parsing import unknown_fields, words
from checkout_schemas.parsing.sentences import SENTENCES, Sentence
from checkout_server.checkout.catalogue import listing
from checkout_server.tools import create_checkout_session, definition
from evals.run import Result, run_task
from evals.scripted_agent import ScriptedAgent
from evals.task import choose, load_tasks
from evals.world import Transport

Worsen = Callable[[pytest.MonkeyPatch], None]


async def results(pattern: str, transport: Transport = "memory") -> list[Result]:
    tasks = choose(load_tasks(), pattern)
    return await asyncio.gather(
        *(run_task(task, lambda _task, world: ScriptedAgent(world), transport) for task in tasks)
    )


async def failures(name: str) -> list[str]:
    [result] = await results(name)
    return result.failures


@pytest.mark.requirement("evals.literal")
@pytest.mark.parametrize("name", ["lost_answers/charge-found-again"])
async def test_a_task_passes_over_stdio_too(name: str) -> None:
    [result] = await results(name, "stdio")
    assert result.failures == []


def suggestion(kind: str, repair: str) -> Worsen:
    return lambda patch: patch.setitem(SENTENCES, kind, Sentence(SENTENCES[kind].problem, repair))


def sentence(module: Any, name: str, text: Any) -> Worsen:
    return lambda patch: patch.setattr(module, name, text)


def schema(tool: str, change: Callable[[Any], Any]) -> Worsen:
    """A published input schema that was changed."""

    def worsen(patch: pytest.MonkeyPatch) -> None:
        published = definition.published_definition

        def changed(name: str) -> Any:
            document = deepcopy(published(name))
            if name == tool:
                change(document["inputSchema"])
            return document

        patch.setattr(definition, "published_definition", changed)

    return worsen


def _item(schema: Any) -> Any:
    return schema["properties"]["product_cart"]["items"]["properties"]


WORSE: dict[str, tuple[str, Worsen]] = {
    "an error without the example of minor units": (
        "wrong_calls/five-dollars",
        suggestion("not_minor_units", "use minor units"),
    ),
    "an error without the field that is meant": (
        "wrong_calls/coupon",
        sentence(unknown_fields, "did_you_mean", lambda _words: "check the name"),
    ),
    "an error that guesses another country": (
        "wrong_calls/country-by-name",
        sentence(words, "meant_by", lambda _word, _vocabulary: "DZ"),
    ),
    "a next step that does not say how to see everything": (
        "finding/nothing-of-that-name",
        sentence(listing, "_next_step", lambda *_, **__: "No product matches."),
    ),
    "a next step that does not say where the payment is looked up": (
        "guide/saved-method",
        sentence(create_checkout_session, "STATUS_NOT_ASKED", "The payment was begun."),
    ),
    "a schema that does not say where an id comes from": (
        "finding/bought-by-name",
        schema("preview_checkout", lambda whole: _item(whole)["product_id"].pop("description")),
    ),
    "a schema without the address": (
        "guide/quick-start",
        schema("preview_checkout", lambda whole: whole["properties"].pop("billing_address")),
    ),
    "a schema that does not require the preview": (
        "hostile_names/more-in-the-cart",
        schema("create_checkout_session", lambda whole: whole.pop("required")),
    ),
    "a schema without metadata": (
        "guide/trial",
        schema("create_checkout_session", lambda whole: whole["properties"].pop("metadata")),
    ),
}


@pytest.mark.requirement("evals.red")
@pytest.mark.parametrize("case", WORSE)
async def test_worse_words_fail_a_task_that_passed(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, worsen = WORSE[case]
    assert await failures(name) == []
    worsen(monkeypatch)
    assert await failures(name) != []
