"""A person before any charge: asked over every transport in both eras, and only a yes creates."""

import asyncio
import itertools
import time
import uuid
from typing import Any

import pytest

from checkout_server.calls.deadline import answering_in_time
from checkout_server.calls.questions import OpenQuestions, ServerStops
from forms import approving
from orders import CONFIRMED, TWO

BY_EMAIL = {"customer": {"email": "jane.doe@example.com", "name": "Jane Doe"}, "confirm": True}
_buyers = itertools.count()


def buyer() -> dict[str, str]:
    """A new one: questions about the same order for the same buyer are few."""
    return {"email": f"buyer{next(_buyers)}.{uuid.uuid4().hex[:8]}@example.com"}


@pytest.mark.requirement("approval.asked")
async def test_what_charges_is_asked_once_and_created_once_when_accepted(open_shop: Any, person: Any) -> None:
    async with open_shop(person=person) as shop:
        preview_id = await shop.preview_id(**TWO)
        session = await shop.call("create_checkout_session", {"preview_id": preview_id, **CONFIRMED})
        assert (len(person.questions), len(shop.upstream.created)) == (1, 1)
        assert shop.upstream.created[0]["confirm"] is True
        again = await shop.call("create_checkout_session", {"preview_id": preview_id, **CONFIRMED})
        assert again == session | {"replayed": True}
        assert (len(person.questions), len(shop.upstream.created)) == (1, 1)


ANSWERS = {
    "decline": "The person declined.",
    "cancel": "The person closed the question.",
    "refuse": "The person refused.",
}


@pytest.mark.requirement("approval.only_yes")
@pytest.mark.parametrize("answer", ANSWERS)
async def test_whatever_is_not_a_yes_creates_nothing(open_shop: Any, person: Any, answer: str) -> None:
    async with open_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), "customer": buyer(), "confirm": True}
        person.answer = answer
        error = await shop.refusal("create_checkout_session", sale)
        assert error == {
            "code": "approval_declined",
            "message": f"{ANSWERS[answer]} Nothing was created. Do not ask again unless the person says so. Without "
            "confirm and payment_method_id the buyer can pay on the hosted page.",
            "problems": [],
            "retry": "do_not_retry",
        }
        assert shop.upstream.created == []
        person.answer = "accept"
        await shop.call("create_checkout_session", sale)
        assert (len(person.questions), len(shop.upstream.created)) == (2, 1)


@pytest.mark.requirement("approval.cannot_ask")
async def test_a_client_that_cannot_ask_is_told_to_use_the_hosted_page(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id(**TWO)
        error = await shop.refusal("create_checkout_session", {"preview_id": preview_id, **CONFIRMED})
        assert error == {
            "code": "approval_required",
            "message": "A person must approve this sale, and this client cannot ask one. Nothing was created.",
            "problems": [
                {
                    "path": "confirm",
                    "problem": "needs a person's approval",
                    "suggestion": "leave it out: the buyer then pays on the hosted page",
                },
                {
                    "path": "payment_method_id",
                    "problem": "needs a person's approval",
                    "suggestion": "leave it out with confirm: the buyer then pays on the hosted page",
                },
            ],
            "retry": "fix_and_retry",
        }
        assert shop.upstream.created == []
        session = await shop.call("create_checkout_session", {"preview_id": preview_id})
        assert session["checkout_url"].startswith(shop.upstream.url)


@pytest.mark.requirement("approval.unattended")
async def test_unattended_confirms_in_test_mode_without_asking(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person, policy='[confirm]\nmode = "unattended"\n') as shop:
        session = await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
        assert (session["environment"], person.questions, len(shop.upstream.created)) == ("test_mode", [], 1)


@pytest.mark.requirement("approval.only_yes")
@pytest.mark.parametrize("open_memory_shop", ["memory-2025"], indirect=True)
async def test_nobody_who_answers_in_time_is_no_approval(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the older era, where the call waits for the answer."""
    monkeypatch.setattr("checkout_server.tools.definition.ANSWER_SECONDS", 1.0)
    asked = asyncio.Event()

    async def silent(_context: Any, _params: Any) -> Any:
        asked.set()
        await asyncio.Event().wait()

    async with open_memory_shop(person=silent) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": await shop.preview_id(**TWO), **BY_EMAIL})
        assert asked.is_set()
        assert (error["code"], shop.upstream.created) == ("approval_declined", [])
        assert error["message"].startswith("Nobody answered in time.")


@pytest.mark.requirement("approval.only_yes", "transport.stop")
@pytest.mark.parametrize("open_memory_shop", ["memory-2025"], indirect=True)
async def test_a_question_that_the_end_of_the_server_takes_back_creates_nothing_and_can_be_asked_again(
    open_memory_shop: Any,
) -> None:
    """In the older era, where the call waits for the answer."""
    questions: list[str] = []

    async def stops_the_server(_context: Any, params: Any) -> Any:
        questions.append(params.message)
        shop.desk.questions.stop()
        await asyncio.Event().wait()

    async with open_memory_shop(person=stops_the_server) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **BY_EMAIL}
        # Further ones begin while the server stops, and reach nobody. A fourth is one too many if they count.
        errors = [await shop.refusal("create_checkout_session", sale) for _ in range(4)]
        sold = await shop.call("create_checkout_session", {name: sale[name] for name in ("preview_id", "customer")})
        assert (len(questions), sold["environment"], len(shop.upstream.created)) == (1, "test_mode", 1)
    assert errors == [errors[0]] * 4
    assert errors[0] == {
        "code": "approval_required",
        "message": "A person must approve this sale, and this server stopped before they answered. Nothing was "
        "created; the same call can ask again.",
        "problems": [
            {
                "path": "confirm",
                "problem": "needs a person's approval",
                "suggestion": "leave it out: the buyer then pays on the hosted page",
            }
        ],
        "retry": "retry_later",
    }


@pytest.mark.requirement("transport.stop")
async def test_the_end_of_a_server_meets_a_question_that_just_ended() -> None:
    questions = OpenQuestions()

    async def ask() -> None:
        async with answering_in_time() as deadline, questions.answered_within(600, deadline):
            questions.begin(deadline)
            questions.stop()
            try:
                await asyncio.Event().wait()
            finally:
                questions.stop()

    with pytest.raises(ServerStops):
        await ask()


@pytest.mark.requirement("approval.only_yes", "preview.expires")
@pytest.mark.parametrize("open_memory_shop", ["memory-2026"], indirect=True)
async def test_a_yes_after_the_previews_life_creates_nothing_and_says_so(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the newer era, where no call waits: the yes comes with a call of its own, whenever it comes."""
    later = time.time() + 901

    async def late(_context: Any, params: Any) -> Any:
        shop.desk.clock = lambda: later
        monkeypatch.setattr(time, "time", shop.desk.clock)  # the SDK's clock, which ends the seal
        return approving(params)

    async with open_memory_shop(person=late) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": await shop.preview_id(**TWO), **BY_EMAIL})
        assert (error["code"], shop.upstream.created) == ("preview_expired", [])


@pytest.mark.requirement("approval.cannot_ask")
@pytest.mark.parametrize("open_memory_shop", ["memory-2025"], indirect=True)
async def test_a_client_that_fails_to_ask_is_told_to_use_the_hosted_page(open_memory_shop: Any) -> None:
    """In the older era, where the server hears of it; the text of its error is not repeated."""
    from mcp_types import ErrorData

    async def unable(_context: Any, _params: Any) -> Any:
        return ErrorData(code=-32601, message="no dialog for jane.doe@example.com")

    async with open_memory_shop(person=unable) as shop:
        error = await shop.refusal("create_checkout_session", {"preview_id": await shop.preview_id(**TWO), **BY_EMAIL})
        assert (error["code"], error["retry"], shop.upstream.created) == ("approval_required", "fix_and_retry", [])
        assert "hosted page" in error["problems"][0]["suggestion"]
        assert "jane" not in str(error)


@pytest.mark.requirement("approval.not_typed")
@pytest.mark.parametrize("claim", [{"approved": True}, {"approval": {"approve": True}}, {"sale": {}}])
async def test_what_a_model_types_is_no_approval(open_memory_shop: Any, claim: dict[str, Any]) -> None:
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **BY_EMAIL, **claim}
        error = await shop.refusal("create_checkout_session", sale)
        assert (error["code"], shop.upstream.created) == ("invalid_request", [])


@pytest.mark.requirement("approval.secrets")
async def test_a_confirmed_sessions_secrets_stay_on_the_server(open_shop: Any, person: Any) -> None:
    async with open_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        result = await shop.client.call_tool("create_checkout_session", sale)
        text = result.model_dump_json(by_alias=True)
        assert "pay_" in text
        for secret in ("client_secret", "publishable_key", "_secret_", "pk_"):
            assert secret not in text
