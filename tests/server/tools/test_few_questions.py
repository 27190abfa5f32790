"""A yes is for one attempt of one sale, and people are asked about the same order for the same buyer three times."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from faulty_upstream import FaultyUpstream
from forms import approving
from orders import TWO
from shops import ERAS

CREATE = "create_checkout_session"
JANE: dict[str, Any] = {"customer": {"email": "jane@example.com"}, "confirm": True}
BLOCKED = {
    "code": "approval_declined",
    "message": "People were asked about this order for this buyer several times within the hour and did not approve "
    "it. Nobody was asked again and nothing was created.",
    "problems": [],
    "retry": "do_not_retry",
}


@pytest.mark.requirement("approval.few_questions")
async def test_after_three_refusals_nobody_is_asked_again_over_any_transport(open_shop: Any, person: Any) -> None:
    buyer = {"customer": {"email": f"{uuid.uuid4().hex}@example.com"}, "confirm": True}
    person.answer = "decline"
    async with open_shop(person=person) as shop:
        errors = [await shop.refusal(CREATE, {"preview_id": await shop.preview_id(**TWO), **buyer}) for _ in range(4)]
        assert [error["code"] for error in errors] == ["approval_declined"] * 4
        assert (errors[3], len(person.questions), shop.upstream.created) == (BLOCKED, 3, [])


@pytest.mark.requirement("approval.few_questions")
@pytest.mark.parametrize("answer", ["refuse", "decline", "cancel"])
async def test_after_three_refusals_nobody_is_asked_again_for_an_hour(
    open_memory_shop: Any, person: Any, answer: str
) -> None:
    """Over previews: each call has one of its own."""
    person.answer = answer
    async with open_memory_shop(person=person) as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        for _ in range(3):
            error = await shop.refusal(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
            assert (error["code"], error["retry"]) == ("approval_declined", "do_not_retry")
        for _ in range(2):
            assert await shop.refusal(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE}) == BLOCKED
        assert (len(person.questions), shop.upstream.created) == (3, [])

        person.answer = "accept"
        john = JANE | {"customer": {"email": "john@example.com"}}
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **john})
        three = TWO | {"product_cart": [{"product_id": "prod_premium_plan", "quantity": 3}]}
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**three), **JANE})
        assert len(person.questions) == 5

        now += 3601
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
        assert len(person.questions) == 6


@pytest.mark.requirement("approval.few_questions")
async def test_the_same_buyer_in_another_spelling_is_the_same(open_memory_shop: Any, person: Any) -> None:
    person.answer = "decline"
    async with open_memory_shop(person=person) as shop:
        for email in ("jane@example.com", "Jane@example.com", "JANE@EXAMPLE.COM", "jane@Example.com"):
            sale = {"preview_id": await shop.preview_id(**TWO), "customer": {"email": email}, "confirm": True}
            await shop.refusal(CREATE, sale)
        assert len(person.questions) == 3


@pytest.mark.requirement("approval.few_questions")
async def test_a_yes_does_not_count_as_a_refusal(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        for answer in ("decline", "accept", "decline", "accept", "decline", "decline"):
            person.answer = answer
            sale = {"preview_id": await shop.preview_id(**TWO), **JANE}
            result = await shop.client.call_tool(CREATE, sale)
            assert result.is_error is (answer == "decline")
        assert (len(person.questions), len(shop.upstream.created)) == (5, 2)


@asynccontextmanager
async def one_client_of_each_era(folder: Path, url: str, person: Any) -> AsyncGenerator[dict[str, Any]]:
    """Of two servers that share a ledger."""
    from mcp import Client

    from checkout_server.app import build_server, open_desk
    from checkout_server.settings import load_settings

    settings = load_settings(
        DODO_PAYMENTS_API_KEY="test_key", DODO_PAYMENTS_BASE_URL=url, CHECKOUT_LEDGER=str(folder / "ledger.db")
    )
    async with AsyncExitStack() as stack:
        clients: dict[str, Any] = {}
        for era, mode in ERAS.items():
            desk = await stack.enter_async_context(open_desk(settings))
            client = Client(build_server(desk), mode=mode, elicitation_callback=person)  # pyright: ignore[reportArgumentType] - an era is a word
            clients[era] = await stack.enter_async_context(client)
        yield clients


@pytest.mark.requirement("approval.few_questions")
async def test_refusals_count_over_replicas_and_eras(tmp_path: Path, person: Any) -> None:
    person.answer = "decline"
    order: dict[str, Any] = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
    order["billing_address"] = {"country": "US", "zipcode": "94102"}
    async with (
        FaultyUpstream().running() as upstream,
        one_client_of_each_era(tmp_path, upstream.url, person) as clients,
    ):
        codes: list[str] = []
        for era in ("2026", "2025", "2026", "2025", "2026"):
            quoted = await clients[era].call_tool("preview_checkout", order)
            sale = JANE | {"preview_id": quoted.structured_content["preview_id"], "minimal_address": True}
            codes.append((await clients[era].call_tool(CREATE, sale)).structured_content["error"]["code"])
        assert codes == ["approval_declined"] * 5
        assert (len(person.questions), upstream.posts) == (3, [])


@pytest.mark.requirement("approval.few_questions")
async def test_an_answer_that_is_none_of_the_choices_closes_its_question(open_memory_shop: Any) -> None:
    """So that the next call does not wait for an answer that never comes."""
    from mcp_types import ElicitResult

    asked: list[str] = []

    async def strange(_context: Any, params: Any) -> Any:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"decision": "perhaps"})

    async with open_memory_shop(person=strange) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **JANE}
        assert [(await shop.refusal(CREATE, sale))["code"] for _ in range(4)] == ["approval_declined"] * 4
        assert (len(asked), shop.upstream.created) == (3, [])


@pytest.mark.requirement("approval.few_questions")
@pytest.mark.parametrize("open_memory_shop", ["memory-2026"], indirect=True)
async def test_a_question_counts_when_it_is_sent_though_nobody_answers(open_memory_shop: Any) -> None:
    """In the newer era a client may drop a question without a word."""
    from mcp_types import InputRequiredResult

    async def unused(_context: Any, _params: Any) -> Any:
        raise AssertionError

    async with open_memory_shop(person=unused) as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        for asked in (True, True, True, False):
            sale = {"preview_id": await shop.preview_id(**TWO), **JANE}
            result = await shop.client.session.call_tool(CREATE, sale, allow_input_required=True)
            assert isinstance(result, InputRequiredResult) is asked
        assert result.structured_content == {"error": BLOCKED}
        assert shop.upstream.created == []


@pytest.mark.requirement("approval.few_questions")
async def test_calls_beside_three_open_questions_wait_for_the_answer_and_get_the_session(open_memory_shop: Any) -> None:
    asked: list[str] = []
    all_came = asyncio.Event()

    async def thinking(_context: Any, params: Any) -> Any:
        asked.append(params.message)
        await all_came.wait()
        return approving(params)

    async with open_memory_shop(person=thinking) as shop:
        came, count = 0, shop.desk.ledger.count_question

        async def counting(*arguments: Any, **named: Any) -> bool:
            nonlocal came
            counted = await count(*arguments, **named)
            came += 1
            if came == 10:
                all_came.set()
            return counted

        shop.desk.ledger.count_question = counting
        sale = {"preview_id": await shop.preview_id(**TWO), **JANE}
        sessions = await asyncio.gather(*(shop.call(CREATE, sale) for _ in range(10)))
        assert len({session["session_id"] for session in sessions}) == len(shop.upstream.created) == 1
        assert len(asked) == 3


@pytest.mark.requirement("approval.few_questions")
async def test_a_call_beside_open_questions_that_nobody_answers_is_told_to_come_back(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checkout_server.checkout.sale.question_limit.WAIT_SECONDS", 0.0)
    asked, answered = [], asyncio.Event()
    all_asked = asyncio.Event()

    async def thinking(_context: Any, params: Any) -> Any:
        asked.append(params.message)
        if len(asked) == 3:
            all_asked.set()
        await answered.wait()
        return approving(params)

    async with open_memory_shop(person=thinking) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **JANE}
        calls = [asyncio.create_task(shop.call(CREATE, sale)) for _ in range(3)]
        await all_asked.wait()
        error = await shop.refusal(CREATE, sale)
        assert (error["code"], error["retry"]) == ("approval_required", "retry_later")
        answered.set()
        await asyncio.gather(*calls)
        assert len(asked) == 3


ABOVE = "[confirm]\nask_above = { USD = 0 }\n"


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize("open_memory_shop", ["memory-2026"], indirect=True)
async def test_a_sealed_yes_that_comes_again_after_an_unknown_outcome_asks_again(open_memory_shop: Any) -> None:
    from mcp_types import InputRequiredResult

    async def unused(_context: Any, _params: Any) -> Any:
        raise AssertionError

    async with open_memory_shop(person=unused, policy=ABOVE) as shop:
        session, sale = shop.client.session, {"preview_id": await shop.preview_id(**TWO)}
        asked = await session.call_tool(CREATE, sale, allow_input_required=True)
        assert isinstance(asked, InputRequiredResult)
        yes = {
            "input_responses": {key: approving(each.params) for key, each in (asked.input_requests or {}).items()},
            "request_state": asked.request_state,
        }
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        lost = await session.call_tool(CREATE, sale, **yes)
        assert lost.structured_content["error"]["code"] == "outcome_unknown"
        shop.upstream.rewrites.clear()
        again = await session.call_tool(CREATE, sale, allow_input_required=True, **yes)
        assert isinstance(again, InputRequiredResult), "the yes was for the first attempt"
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize("open_memory_shop", ["memory-2025"], indirect=True)
async def test_a_yes_that_another_attempt_overtook_is_not_used_for_a_second(
    open_memory_shop: Any,
) -> None:
    """In the older era, where the call waits while the person thinks."""
    waiting, released = asyncio.Event(), asyncio.Event()

    async def people(_context: Any, params: Any) -> Any:
        if not waiting.is_set():
            waiting.set()
            await released.wait()
        return approving(params)

    async with open_memory_shop(person=people, policy=ABOVE) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO)}
        slow = asyncio.create_task(shop.refusal(CREATE, sale))
        await waiting.wait()
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        assert (await shop.refusal(CREATE, sale))["code"] == "outcome_unknown"
        shop.upstream.rewrites.clear()
        released.set()
        error = await slow
        assert (error["code"], error["retry"]) == ("outcome_unknown", "retry_later")
        assert "does not cover a second try" in error["message"]
        assert len(shop.upstream.created) == 1
