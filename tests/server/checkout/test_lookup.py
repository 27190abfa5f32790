"""A session whose answer was lost, looked for in the payments list."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.sessions.search import PAGE_SIZE
from checkout_server.gateway.answers import SessionStatus
from checkout_server.privacy.sealing import Sealer
from fault_cases import CASES, call, opened, word
from faulty_upstream import FaultyUpstream, drop_after, drop_before, no_fault
from orders import CONFIRMED, HOSTED, ORDER


@asynccontextmanager
async def lost(folder: Path, rest: dict[str, Any], fault: Any = drop_after) -> AsyncGenerator[Any]:
    """A client, its desk, the upstream and a preview whose creation was answered by nobody."""
    async with FaultyUpstream().running() as upstream, opened(folder, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        upstream.fault = fault
        assert word(await call(client, "create_checkout_session", preview_id=preview_id, **rest)) == "outcome_unknown"
        upstream.fault = no_fault
        yield client, desk, upstream, preview_id


PLACES = {"the newest": 0, "the last of the first page": PAGE_SIZE - 1, "the first of the second page": PAGE_SIZE}


@pytest.mark.requirement("once.lookup")
@pytest.mark.parametrize("place", PLACES)
async def test_a_charged_session_is_found_wherever_it_stands_in_the_list(place: str, tmp_path: Path) -> None:
    async with lost(tmp_path, CONFIRMED) as (client, desk, upstream, preview_id):
        upstream.sell_to_others(PLACES[place])
        status = await call(client, "get_checkout_session", preview_id=preview_id)
        assert (status["status"], {status["session_id"]}) == ("paid", upstream.sessions_of(preview_id))
        replayed = await call(client, "create_checkout_session", preview_id=preview_id, **CONFIRMED)
        assert (replayed["session_id"], replayed["replayed"]) == (status["session_id"], True)
        assert replayed["warnings"] == ["The answer to its creation was lost, and with it the checkout_url."]
        assert [row.event for row in await desk.ledger.audit(preview_id)][-2:] == ["unknown", "created"]
        assert upstream.posts_of(preview_id) == 1


@pytest.mark.requirement("once.lookup")
async def test_a_session_without_a_payment_yet_is_found_once_there_is_one(tmp_path: Path) -> None:
    async with lost(tmp_path, HOSTED) as (client, _desk, upstream, preview_id):
        assert (await call(client, "get_checkout_session", preview_id=preview_id))["status"] == "unknown"
        [session] = upstream.sandbox.sessions.values()
        upstream.sandbox.pay(session, "succeeded")
        status = await call(client, "get_checkout_session", preview_id=preview_id)
        assert (status["status"], status["session_id"]) == ("paid", session.id)
        assert (await call(client, "create_checkout_session", preview_id=preview_id, **HOSTED))["replayed"] is True
        assert upstream.posts_of(preview_id) == 1


@pytest.mark.requirement("once.lookup")
async def test_of_two_sessions_of_one_preview_the_paid_one_is_told(tmp_path: Path) -> None:
    async with lost(tmp_path, HOSTED) as (client, _desk, upstream, preview_id):
        upstream.fault = drop_after
        result = await call(client, "create_checkout_session", preview_id=preview_id, **HOSTED)
        assert (word(result), upstream.posts_of(preview_id)) == ("outcome_unknown", 2)
        first, second = upstream.sandbox.sessions.values()
        upstream.sandbox.pay(first, "succeeded")
        upstream.sandbox.pay(second, "failed")
        status = await call(client, "get_checkout_session", preview_id=preview_id)
        assert (status["status"], status["session_id"]) == ("paid", first.id)


@pytest.mark.requirement("once.lookup")
async def test_what_was_never_created_stays_unknown_and_is_not_called_a_failure(tmp_path: Path) -> None:
    async with lost(tmp_path, CONFIRMED, drop_before) as (client, _desk, upstream, preview_id):
        upstream.sell_to_others(3)
        for _ in range(2):
            status = await call(client, "get_checkout_session", preview_id=preview_id)
            assert (status["status"], "session_id" in status) == ("unknown", False)
        assert word(await call(client, "create_checkout_session", preview_id=preview_id, **CONFIRMED)) == (
            "outcome_unknown"
        )
        assert upstream.posts_of(preview_id) == 1


@pytest.mark.requirement("once.lookup")
async def test_what_was_found_is_told_although_the_ledger_cannot_record_it(tmp_path: Path) -> None:
    async with lost(tmp_path, CONFIRMED) as (client, desk, upstream, preview_id):

        class Full:
            """The ledger on a disk that became full."""

            find = desk.ledger.find

            async def finish(self, *_arguments: Any, **_named: Any) -> bool:
                raise LedgerUnavailable("The disk is full.")

        desk.ledger, whole = Full(), desk.ledger
        status = await call(client, "get_checkout_session", preview_id=preview_id)
        desk.ledger = whole
        assert (status["status"], {status["session_id"]}) == ("paid", upstream.sessions_of(preview_id))


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize("fault", [drop_after, drop_before])
async def test_what_was_tried_without_confirm_cannot_be_confirmed_and_asks_nobody(fault: Any, tmp_path: Path) -> None:
    async with lost(tmp_path, HOSTED, fault) as (client, _desk, upstream, preview_id):
        error = (await call(client, "create_checkout_session", preview_id=preview_id, **CONFIRMED))["error"]
        assert (error["code"], error["retry"], [each["path"] for each in error["problems"]]) == (
            "invalid_request",
            "fix_and_retry",
            ["confirm"],
        )
        assert upstream.posts_of(preview_id) == 1
        assert word(await call(client, "create_checkout_session", preview_id=preview_id, **HOSTED)) == "session"


@pytest.mark.requirement("once.proof")
async def test_a_refused_second_attempt_does_not_make_the_first_one_a_failure(tmp_path: Path) -> None:
    async with lost(tmp_path, HOSTED) as (client, _desk, upstream, preview_id):
        upstream.fault = CASES["422"].fault
        result = await call(client, "create_checkout_session", preview_id=preview_id, **HOSTED)
        assert (word(result), len(upstream.sessions_of(preview_id))) == ("gateway_refused", 1)
        assert (await call(client, "get_checkout_session", preview_id=preview_id))["status"] == "unknown"


@pytest.mark.requirement("sell.status")
async def test_what_to_do_next_is_true_of_what_is_known(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        session = await call(client, "create_checkout_session", preview_id=preview_id, **HOSTED)
        by_preview = await call(client, "get_checkout_session", preview_id=preview_id)
        by_session = await call(client, "get_checkout_session", session_id=session["session_id"])
        assert (by_preview["status"], by_session["status"]) == ("open", "open")
        assert ("checkout_url" in by_preview, "checkout_url" in by_preview["next_step"]) == (True, True)
        assert by_session | {"session_id": session["session_id"]} == by_preview

        async def new_word(session_id: str) -> SessionStatus:
            return SessionStatus.model_validate({"id": session_id, "payment_status": "levitating"})

        desk.gateway.get_session = new_word
        told = await call(client, "get_checkout_session", session_id=session["session_id"])
        assert told["status"] == "unknown"
        assert told["next_step"].startswith("The payment has a status that this server does not know. Ask a person")
        assert "levitating" not in str(told)


@pytest.mark.requirement("seal.keys")
async def test_other_sealing_keys_are_said_and_where_a_session_stands_is_told(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id, unsold = [(await call(client, "preview_checkout", **ORDER))["preview_id"] for _ in range(2)]
        session = await call(client, "create_checkout_session", preview_id=preview_id, **HOSTED)
        desk.sealer = Sealer((bytes(32),))
        for each in (preview_id, unsold):
            error = (await call(client, "create_checkout_session", preview_id=each, **HOSTED))["error"]
            assert (error["code"], error["retry"]) == ("gateway_unavailable", "do_not_retry")
            assert "CHECKOUT_SECRET_KEYS" in error["message"]
        told = await call(client, "get_checkout_session", preview_id=preview_id)
        assert (told["status"], told["session_id"]) == ("open", session["session_id"])
        assert "checkout_url" not in told
        assert len(upstream.sessions_of(preview_id)) == 1
