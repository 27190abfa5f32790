"""What the page that a buyer returns to says of a sale: the same as the tool, whichever payments belong to it."""

import re
from dataclasses import replace

import pytest

from public_world import ENGLISH, PublicWorld, document, page, shows, title


@pytest.mark.requirement("return.shows", "webhook.wakes")
async def test_a_paid_session_stays_paid_whatever_is_told_of_another_attempt(world: PublicWorld) -> None:
    session = await world.sell("prod_ebook_guide")
    world.upstream.sandbox.pay(session, "failed")
    failed = document(world.events[0])
    world.upstream.sandbox.pay(session, "succeeded")
    assert await world.send(world.events[1]) == 204
    failed["data"]["updated_at"] = "2040-01-01T00:00:00Z"
    assert await world.send(failed) == 204
    world.upstream.sandbox.sessions.clear()
    assert title(await page(world, session)) == ENGLISH["paid_title"]


@pytest.mark.requirement("return.shows", "outcome.told")
async def test_the_page_and_the_tool_say_paid_when_an_attempt_under_another_email_failed_after_it(
    world: PublicWorld,
) -> None:
    session, sandbox = await world.sell("prod_ebook_guide"), world.upstream.sandbox
    paid, failed = sandbox.pay(session, "failed"), sandbox.pay(session, "failed")
    failed.customer = replace(failed.customer, id="cus_other")
    paid.status = "succeeded"
    html = await page(world, session)
    told = await world.call("get_checkout_session", session_id=session.id)
    assert (title(html), told["status"]) == (ENGLISH["paid_title"], "paid")
    assert await world.known(session) == sorted([("payment", paid.id), ("payment", failed.id)])


@pytest.mark.requirement("return.shows", "outcome.told")
async def test_the_page_and_the_tool_say_that_a_payment_is_under_way_when_a_later_one_failed(
    world: PublicWorld,
) -> None:
    session, sandbox = await world.sell("prod_ebook_guide"), world.upstream.sandbox
    waiting, _failed = sandbox.pay(session, "failed"), sandbox.pay(session, "failed")
    waiting.status = "processing"
    html = await page(world, session)
    told = await world.call("get_checkout_session", session_id=session.id)
    assert (title(html), told["status"]) == (ENGLISH["processing_title"], "processing")


@pytest.mark.requirement("return.shows", "outcome.told")
async def test_a_renewal_and_its_refund_change_nothing_of_what_the_page_and_the_tool_say_of_the_sale(
    world: PublicWorld,
) -> None:
    session = await world.sell("prod_monthly_plan")
    payment = world.upstream.sandbox.pay(session, "succeeded")
    renewal = document(next(each for each in world.events if each.type == "payment.succeeded"))
    renewal["data"] |= {"payment_id": "pay_renewal", "charge_type": "renewal", "total_amount": 77}
    renewal["data"]["created_at"] = "2040-01-01T00:00:00Z"
    refund = {"refund_id": "ref_renewal", "payment_id": "pay_renewal", "status": "succeeded", "amount": 77}
    assert await world.send(renewal) == 204
    assert await world.send({"type": "refund.succeeded", "data": refund}) == 204
    html = await page(world, session)
    told = await world.call("get_checkout_session", session_id=session.id)
    amount = re.findall('id="amount" dir="ltr">(.*)</dd>', html)
    assert (title(html), amount) == (ENGLISH["paid_title"], [f"USD {payment.total / 100:.2f}"])
    assert (told["status"], told["paid"]["total"]) == ("paid", payment.total)
    assert {("payment", "pay_renewal"), ("refund", "ref_renewal")} < set(await world.known(session))


@pytest.mark.requirement("return.shows")
async def test_a_refund_of_the_payment_is_shown_by_its_event_alone(world: PublicWorld) -> None:
    session = await world.sell("prod_ebook_guide")
    payment = world.upstream.sandbox.pay(session, "succeeded")
    assert await world.send(world.events[0]) == 204
    refund = {"refund_id": "ref_1", "payment_id": payment.id, "status": "succeeded", "amount": 100}
    assert await world.send({"type": "refund.succeeded", "data": refund}) == 204
    world.upstream.sandbox.sessions.clear()
    assert title(await page(world, session)) == ENGLISH["partly_title"]


@pytest.mark.requirement("return.shows")
async def test_where_nothing_was_to_be_paid_the_order_is_confirmed_and_no_payment_received(world: PublicWorld) -> None:
    session = await world.sell("prod_trial_plan")
    assert world.upstream.sandbox.pay(session, "succeeded").total == 0
    html = await page(world, session)
    assert (title(html), shows(html, "next")) == (ENGLISH["ordered_title"], False)
