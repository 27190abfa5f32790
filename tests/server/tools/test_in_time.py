"""Every call answers in time, whatever does not, and says what is true by then."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from checkout_server.calls import deadline
from checkout_server.calls.deadline import CallDeadline, present_deadline
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale import creation
from checkout_server.checkout.sale.caller import CLAIM_SECONDS
from checkout_server.checkout.sessions import search
from checkout_server.gateway.sending import DEADLINE
from fault_cases import call, opened, word
from faulty_upstream import SEARCHES, Exchange, FaultyUpstream, hold, ignore, no_fault
from orders import CONFIRMED, HOSTED, ORDER
from served_tools import ALL, OFFERING_ALL

CREATE, STATUS, PREVIEW = "create_checkout_session", "get_checkout_session", "preview_checkout"
NOTHING = "Nothing was created by this call"


@dataclass
class Shop:
    client: Client
    desk: Desk
    upstream: FaultyUpstream
    preview_id: str

    async def create(self, **rest: Any) -> dict[str, Any]:
        return await call(self.client, CREATE, preview_id=self.preview_id, **rest)

    async def status(self) -> str:
        return (await call(self.client, STATUS, preview_id=self.preview_id))["status"]

    async def settle(self) -> None:
        """Wait for all that goes on without its caller."""
        while tasks := self.desk.creations.tasks():
            await asyncio.wait(tasks)


@asynccontextmanager
async def shop_over(folder: Path, era: str = "2026") -> AsyncGenerator[Shop]:
    policy = folder / "policy.toml"
    policy.write_text(OFFERING_ALL, encoding="utf-8")
    async with (
        FaultyUpstream().running() as upstream,
        opened(folder, upstream.url, era=era, CHECKOUT_POLICY=str(policy)) as (client, desk),
    ):
        yield Shop(client, desk, upstream, (await call(client, PREVIEW, **ORDER))["preview_id"])


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Any:
    """From now on the steps of a call, a creation and what comes before the cut have so many seconds."""

    def set_seconds(desk: Desk, of_steps: float, *, of_creation: float = 0.1, before_cut: float = 20.0) -> None:
        monkeypatch.setattr(deadline, "CALL_SECONDS", of_steps + before_cut)
        monkeypatch.setattr(deadline, "LAST_WORD_SECONDS", before_cut)
        monkeypatch.setattr(creation, "CLAIM_SECONDS", 0.0)
        desk.gateway.creation_deadline = of_creation

    return set_seconds


class Gate:
    """Stands before a method of the ledger until it is opened."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.opened, self.reached = asyncio.Event(), asyncio.Event()
        self._method = getattr(desk.ledger, name)
        setattr(desk.ledger, name, self)

    async def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.reached.set()
        await self.opened.wait()
        return await self._method(*arguments, **named)


@pytest.mark.requirement("call.deadline")
@pytest.mark.parametrize("era", ["2026", "2025"])
@pytest.mark.parametrize("tool", ALL)
async def test_a_call_answers_while_the_api_does_not(tmp_path: Path, hurry: Any, era: str, tool: str) -> None:
    async with shop_over(tmp_path, era) as shop:
        named = {"preview_id": shop.preview_id}
        arguments: dict[str, dict[str, Any]] = {
            "list_products": {},
            PREVIEW: ORDER,
            "list_saved_payment_methods": {"customer_id": "cus_123"},
            CREATE: named | HOSTED,
            STATUS: named,
        }
        shop.upstream.otherwise = ignore
        hurry(shop.desk, 0.4)
        told = await call(shop.client, tool, **arguments[tool])
        if tool == STATUS:
            assert told["status"] == "unknown"
        else:
            assert (word(told), told["error"]["retry"]) == ("gateway_unavailable", "retry_later")
            assert NOTHING in told["error"]["message"]
        assert shop.upstream.posts == []


@pytest.mark.requirement("call.deadline")
@pytest.mark.parametrize("era", ["2026", "2025"])
@pytest.mark.parametrize(
    ("tool", "step"), [(PREVIEW, "add"), (CREATE, "find"), (STATUS, "find"), (CREATE, "find_other_sales")]
)
async def test_a_call_answers_while_the_ledger_does_not(
    tmp_path: Path, hurry: Any, era: str, tool: str, step: str
) -> None:
    async with shop_over(tmp_path, era) as shop:
        Gate(shop.desk, step)
        hurry(shop.desk, 20.0, before_cut=-19.5)
        told = await call(shop.client, tool, **(ORDER if tool == PREVIEW else {"preview_id": shop.preview_id}), **(
            HOSTED if tool == CREATE else {}
        ))  # fmt: skip
        assert (word(told), told["error"]["retry"]) == ("gateway_unavailable", "retry_later")
        assert told["error"]["message"].startswith("The call ran out of time")
        assert NOTHING in told["error"]["message"]
        assert shop.upstream.posts == []


@pytest.mark.requirement("call.creation_time")
async def test_a_claim_that_comes_too_late_sends_nothing(tmp_path: Path, hurry: Any) -> None:
    async with shop_over(tmp_path) as shop:
        gate = Gate(shop.desk, "claim")
        hurry(shop.desk, 1.0)
        told = await shop.create()
        assert gate.reached.is_set()
        assert word(told) == "gateway_unavailable"
        assert "nothing was sent and nothing was created" in told["error"]["message"]
        gate.opened.set()
        await shop.settle()
        assert (shop.upstream.posts, await shop.status()) == ([], "refused")
        hurry(shop.desk, 50.0, of_creation=30.0)
        assert word(await shop.create()) == "session"


@pytest.mark.requirement("call.creation_time")
async def test_without_30_seconds_nothing_is_claimed_or_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with shop_over(tmp_path) as shop:
        monkeypatch.setattr(deadline, "CALL_SECONDS", DEADLINE + CLAIM_SECONDS + deadline.LAST_WORD_SECONDS)
        gate = Gate(shop.desk, "claim")
        told = await shop.create()
        assert (word(told), told["error"]["retry"]) == ("gateway_unavailable", "retry_later")
        assert told["error"]["message"].startswith("Too little time was left of this call to create the session")
        assert (gate.reached.is_set(), shop.upstream.posts, await shop.status()) == (False, [], "not_created")
        monkeypatch.setattr(deadline, "CALL_SECONDS", 50.0)
        gate.opened.set()
        assert word(await shop.create()) == "session"


@pytest.mark.requirement("call.creation_time")
def test_a_creation_has_30_seconds_and_leaves_time_for_what_must_follow() -> None:
    assert (DEADLINE, CLAIM_SECONDS) == (30.0, 2.0)
    assert DEADLINE + CLAIM_SECONDS + deadline.LAST_WORD_SECONDS + search.SEARCH_SECONDS < deadline.CALL_SECONDS


@pytest.mark.requirement("call.deadline")
async def test_a_creation_goes_on_without_its_caller_who_is_told_the_truth(tmp_path: Path, hurry: Any) -> None:
    async with shop_over(tmp_path) as shop:
        gate = Gate(shop.desk, "finish")
        hurry(shop.desk, 5.0, of_creation=3.0)
        told = await shop.create()
        assert (word(told), told["error"]["retry"]) == ("outcome_unknown", "retry_later")
        assert told["error"]["message"].startswith("A call has begun to create this session")
        assert gate.reached.is_set()
        gate.opened.set()
        await shop.settle()
        assert (len(shop.upstream.posts), await shop.status()) == (1, "open")
        assert (await shop.create())["replayed"] is True


@pytest.mark.requirement("once.checked_refusal")
async def test_a_refusal_that_nobody_has_time_to_look_into_is_unknown(
    tmp_path: Path, hurry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SEARCH_SECONDS", 1000.0)
    looked = asyncio.Event()

    async def never(_exchange: Exchange) -> None:
        looked.set()
        await asyncio.Event().wait()

    async with shop_over(tmp_path) as shop:

        async def refuse_and_hide(exchange: Exchange) -> None:
            shop.upstream.faults[SEARCHES] = never
            await exchange.answer(422, {"code": "INVALID_REQUEST_BODY"})

        shop.upstream.fault = refuse_and_hide
        hurry(shop.desk, 5.0, of_creation=2.5)
        assert word(await shop.create(**CONFIRMED)) == "outcome_unknown"
        await shop.settle()
        assert looked.is_set()
        shop.upstream.faults[SEARCHES] = no_fault
        hurry(shop.desk, 50.0)
        assert await shop.status() == "unknown"


@pytest.mark.requirement("call.deadline")
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "in another process"])
async def test_who_waits_for_anothers_creation_is_told_in_time_that_it_goes_on(
    tmp_path: Path, hurry: Any, elsewhere: bool
) -> None:
    async with shop_over(tmp_path) as shop, opened(tmp_path, shop.upstream.url) as (other, desk):
        shop.upstream.fault = hold
        first = asyncio.create_task(shop.create())
        await shop.upstream.arrived.wait()
        hurry(desk, 0.5)
        client = other if elsewhere else shop.client
        told = await call(client, CREATE, preview_id=shop.preview_id)
        assert (word(told), told["error"]["retry"]) == ("outcome_unknown", "retry_later")
        assert told["error"]["message"].startswith("A call has begun to create this session")
        shop.upstream.released.set()
        assert word(await first) == "session"
        assert len(shop.upstream.posts) == 1


@pytest.mark.requirement("approval.asked")
async def test_the_deadline_stands_still_while_a_person_thinks_and_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the older era, where the call waits for the answer."""
    seen: list[CallDeadline | None] = []
    async with shop_over(tmp_path, "2025") as shop:
        count, answer = shop.desk.ledger.count_question, shop.desk.ledger.answer_question
        left: dict[str, float] = {}

        async def counting(*arguments: Any, **named: Any) -> Any:
            seen.append(present_deadline())
            left["before"] = seen[0].left() if seen[0] else 0.0
            return await count(*arguments, **named)

        async def answering(*arguments: Any, **named: Any) -> Any:
            left["after"] = seen[0].left() if seen[0] else 0.0
            return await answer(*arguments, **named)

        monkeypatch.setattr(shop.desk.ledger, "count_question", counting)
        monkeypatch.setattr(shop.desk.ledger, "answer_question", answering)
        stop = CallDeadline.stop

        def stopping(stopped: CallDeadline) -> None:
            stop(stopped)
            left["asked"] = stopped.left()
            monkeypatch.setattr(deadline, "CALL_SECONDS", 500.0)  # as if the person had thought so long

        monkeypatch.setattr(CallDeadline, "stop", stopping)
        assert word(await shop.create(**CONFIRMED)) == "session"
        assert left["before"] < 50.0
        assert left["asked"] == float("inf")
        assert 400.0 < left["after"] < 500.0


@pytest.mark.requirement("call.deadline")
async def test_what_outlives_a_call_does_not_inherit_its_deadline(tmp_path: Path) -> None:
    async with shop_over(tmp_path) as shop:
        seen: dict[str, bool] = {}

        def watch(owner: Any, name: str) -> None:
            method = getattr(owner, name)

            async def watched(*arguments: Any, **named: Any) -> Any:
                seen[name] = present_deadline() is not None
                return await method(*arguments, **named)

            setattr(owner, name, watched)

        for name in ("find", "claim", "finish"):
            watch(shop.desk.ledger, name)
        watch(shop.desk.gateway, "create")
        assert word(await shop.create()) == "session"
        assert seen == {"find": True, "claim": True, "create": False, "finish": False}
