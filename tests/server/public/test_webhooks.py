"""The webhook endpoint over a real socket: attacked, repeated, out of order, and while the ledger is away."""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.after_sale.facts import PaymentFacts, open_facts
from checkout_server.checkout.ledger import database
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.sale_parts import Kind
from checkout_server.public import webhooks
from checkout_server.sandbox.webhooks import WebhookTarget, sending_webhooks
from public_world import KEY, OLD_KEY, STRANGERS_KEY, PublicWorld, document


async def status_of(world: PublicWorld, session: Any, payment_id: str) -> str | None:
    [part] = [each for each in await world.parts(session) if each.part_id == payment_id]
    facts = open_facts(part, PaymentFacts, world.desk.sealer)
    return facts.status if facts is not None else None


@pytest.mark.requirement("webhook.verified")
@pytest.mark.parametrize("key", [KEY, OLD_KEY])
async def test_each_key_of_a_rotation_verifies(world: PublicWorld, key: str) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    assert await world.send(world.events[0], key=key) == 204
    assert await world.known(session) == [("payment", payment.id)]


@pytest.mark.requirement("webhook.once")
async def test_a_webhook_that_was_seen_changes_nothing_whatever_it_says_now(world: PublicWorld) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "failed")
    told = document(world.events[0])
    assert await world.send(told, "msg_1") == 204
    world.upstream.sandbox.pay(session, "succeeded")
    with world.desk.news.waiting(world.preview_id(session)) as news:
        later = document(world.events[0]) | {"data": told["data"] | {"status": "succeeded", "updated_at": "2030-01-01"}}
        assert await world.send(later, "msg_1") == 204, "the provider sends again with a new time and signature"
        assert not news.is_set()
    assert await status_of(world, session, payment.id) == "failed"


@pytest.mark.requirement("webhook.once", "webhook.wakes")
async def test_two_hundred_at_once_are_each_answered_and_counted_once(world: PublicWorld) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    told = document(world.events[0])
    statuses = await asyncio.gather(*(world.send(told, f"msg_{number % 100}") for number in range(200)))
    assert Counter(statuses) == {204: 200}
    assert [part.part_id for part in await world.parts(session)] == [payment.id]


@pytest.mark.requirement("webhook.wakes")
async def test_an_event_wakes_who_waits_for_its_sale_alone(world: PublicWorld) -> None:
    session, other = await world.sell(), await world.sell("prod_ebook_guide")
    world.upstream.sandbox.pay(session, "succeeded")
    with (
        world.desk.news.waiting(world.preview_id(session)) as news,
        world.desk.news.waiting(world.preview_id(other)) as no_news,
    ):
        assert await world.send(world.events[0]) == 204
        assert (news.is_set(), no_news.is_set()) == (True, False)
    assert world.desk.news._waiting == {}, "who stops waiting is forgotten"  # pyright: ignore[reportPrivateUsage] - nothing shows it


@pytest.mark.requirement("webhook.wakes")
async def test_the_newest_of_a_payment_counts_in_whatever_order_events_come(world: PublicWorld) -> None:
    session = await world.sell()
    sandbox = world.upstream.sandbox
    payment = sandbox.pay(session, "processing")
    early = document(world.events[0])
    sandbox.pay(session, "succeeded")
    assert await world.send(document(world.events[1])) == 204
    assert await world.send(early) == 204
    assert await status_of(world, session, payment.id) == "succeeded"


@pytest.mark.requirement("webhook.wakes")
async def test_an_event_decides_nothing(world: PublicWorld) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "processing")
    told = document(world.events[0])
    told["data"] |= {"status": "succeeded", "updated_at": "2040-01-01T00:00:00Z"}
    assert await world.send(told | {"type": "payment.succeeded"}) == 204
    assert await status_of(world, session, payment.id) == "succeeded"
    status = await world.call("get_checkout_session", session_id=session.id)
    assert status["status"] == "processing", "the API is asked, and says so"


@pytest.mark.requirement("webhook.ours")
async def test_all_that_belongs_to_a_sale_of_ours_is_known_by_whatever_names_it(world: PublicWorld) -> None:
    session = await world.sell("prod_monthly_plan")
    sandbox = world.upstream.sandbox
    payment = sandbox.pay(session, "succeeded")
    refund, dispute = sandbox.refund(payment, 100), sandbox.dispute(payment)
    [subscription] = payment.subscriptions
    for event in world.events:
        assert await world.send(event) == 204
    expected = {("dispute", dispute.id), ("payment", payment.id), ("refund", refund.id)}
    assert set(await world.known(session)) == expected | {("subscription", subscription.id)}
    # A renewal has neither a session nor, on an older subscription, our mark: the subscription is known.
    renewal = document(world.events[0])
    renewal["data"] |= {"payment_id": "pay_renewal", "checkout_session_id": None, "metadata": {}}
    assert await world.send(renewal) == 204
    assert ("payment", "pay_renewal") in await world.known(session)


@pytest.mark.requirement("webhook.ours")
async def test_a_licence_key_is_kept_sealed(world: PublicWorld, tmp_path: Path) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    for event in world.events:
        assert await world.send(event) == 204
    [key] = payment.license_keys
    assert ("license_key", key.id) in await world.known(session)
    await world.desk.ledger.close()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        for secret in (key.key, "buyer@example.com", "Bo Buyer", "1 Main St"):
            assert secret.encode() not in content, f"{secret} in {file.name}"


@pytest.mark.requirement("webhook.ours")
async def test_other_sales_and_unknown_events_are_acknowledged_and_forgotten(world: PublicWorld) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    ours = document(world.events[0])
    foreign = {"checkout_session_id": "cks_foreign", "payment_id": "pay_foreign", "metadata": {}}
    marked = {"mcp_preview_id": world.preview_id(session)}
    others: dict[str, Any] = {
        "another session": ours | {"data": ours["data"] | foreign},
        "our mark on a payment link": ours | {"data": ours["data"] | foreign | {"metadata": marked}},
        "our mark without a session": ours
        | {"data": ours["data"] | {"checkout_session_id": None, "payment_id": "pay_x", "metadata": marked}},
        "a mark that no database takes": ours
        | {"data": ours["data"] | foreign | {"metadata": {"mcp_preview_id": "\ud800"}}},
        "a payout": ours | {"type": "payout.success"},
        "what nobody knows": ours | {"type": "session.dreamt"},
        "another shape": ours | {"data": {"payment_id": 7}},
        "no data": {"type": "payment.succeeded"},
        "no object": [],
    }
    assert {case: await world.send(told) for case, told in others.items()} == dict.fromkeys(others, 204)
    assert await world.parts(session) == []
    assert await world.send(ours) == 204
    assert await world.known(session) == [("payment", payment.id)]


@pytest.mark.requirement("webhook.ours")
async def test_a_sale_of_another_account_is_not_known_here(world: PublicWorld) -> None:
    session = await world.sell()
    world.upstream.sandbox.pay(session, "succeeded")
    world.desk.account._found = "bus_another"  # pyright: ignore[reportPrivateUsage] - another API key
    assert await world.send(world.events[0]) == 204
    assert await world.parts(session) == []


@pytest.mark.requirement("webhook.committed")
async def test_a_webhook_is_acknowledged_only_once_it_is_stored(
    world: PublicWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")

    async def away(*_: Any, **__: Any) -> bool:
        raise LedgerUnavailable("away")

    for method in ("store_webhook", "find_sale", "was_webhook_seen", "find_last_webhook", "note_webhook"):
        with monkeypatch.context() as broken:
            broken.setattr(world.desk.ledger, method, away)
            broken.setattr("checkout_server.checkout.after_sale.events.NOTED_SECONDS", -1.0)
            assert await world.send(world.events[0], "msg_1") == 503, method
    assert await world.parts(session) == []
    assert await world.send(world.events[0], "msg_1") == 204, "the provider sends it again"
    assert await world.known(session) == [("payment", payment.id)]


@pytest.mark.requirement("webhook.committed")
async def test_a_ledger_that_another_program_holds_is_waited_for_by_the_provider(
    world: PublicWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await world.sell("prod_ebook_guide")
    payment = world.upstream.sandbox.pay(session, "succeeded")
    monkeypatch.setattr(database, "CALL_SECONDS", 0.05)
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        statuses = await asyncio.gather(*(world.send(world.events[0], f"msg_{number % 2}") for number in range(6)))
        assert statuses == [503] * 6
    assert await world.parts(session) == []
    monkeypatch.undo()
    assert [await world.send(world.events[0], f"msg_{number}") for number in range(2)] == [204, 204]
    assert await world.known(session) == [("payment", payment.id)]


@pytest.mark.requirement("webhook.committed", "webhook.wakes")
async def test_the_sandboxs_own_webhooks_arrive_and_come_again_while_the_ledger_was_away(
    world: PublicWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, sandbox = await world.sell("prod_ebook_guide"), world.upstream.sandbox
    target = WebhookTarget(f"{world.desk.public_url}{webhooks.PATH}", (STRANGERS_KEY, KEY), pauses=(0.01, 0.01))
    was_away = asyncio.Event()

    async def away_once(*_: Any, **__: Any) -> bool:
        was_away.set()
        broken.undo()
        raise LedgerUnavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(world.desk.ledger, "store_webhook", away_once)
        async with sending_webhooks(sandbox, target, world.upstream.url):
            with world.desk.news.waiting(world.preview_id(session)) as news:
                payment = sandbox.pay(session, "succeeded")
                await news.wait()
    assert was_away.is_set()
    assert await status_of(world, session, payment.id) == "succeeded"


@pytest.mark.requirement("webhook.committed")
async def test_a_subscription_that_was_named_before_the_ledger_went_away_is_no_harm(
    world: PublicWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await world.sell("prod_monthly_plan")
    world.upstream.sandbox.pay(session, "succeeded")

    async def away(*_: Any, **__: Any) -> bool:
        raise LedgerUnavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(world.desk.ledger, "store_webhook", away)
        assert await world.send(world.events[0], "msg_1") == 503
    assert [part.kind for part in await world.parts(session)] == [Kind.SUBSCRIPTION]
    assert await world.known(session) == []
    assert [await world.send(event) for event in world.events] == [204] * len(world.events)
    assert [kind for kind, _ in await world.known(session)] == ["payment", "subscription"]
