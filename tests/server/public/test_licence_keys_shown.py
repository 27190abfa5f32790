"""Licence keys on the page that a buyer returns to: for an hour, and to nobody else."""

import asyncio
import json
import re
from urllib.parse import urlsplit

import pytest

from checkout_server.checkout.after_sale.returned import KEYS_SHOWN_SECONDS
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from faulty_upstream import SEARCHES, Exchange, no_fault, refuse
from public_world import ENGLISH, NOWHERE, PublicWorld, document, page, shows, title, wait_for_next_look


def listed_keys(html: str) -> list[str]:
    return re.findall('<li><code dir="ltr">(.*?)</code></li>', html)


@pytest.mark.requirement("return.keys")
async def test_licence_keys_are_shown_for_an_hour_after_the_payment(world: PublicWorld) -> None:
    session = await world.sell("prod_license_bundle")
    world.later += 3000  # the buyer takes their time
    payment = world.upstream.sandbox.pay(session, "succeeded")
    keys = sorted(each.key for each in payment.license_keys)
    html = await page(world, session)
    assert sorted(listed_keys(html)) == keys
    assert len(keys) == 3
    world.later += KEYS_SHOWN_SECONDS - 60
    assert sorted(listed_keys(await page(world, session))) == keys
    world.later += 60
    html = await page(world, session)
    assert (listed_keys(html), shows(html, "mailed")) == ([], True)
    assert not any(key in html for key in keys)


@pytest.mark.requirement("return.keys")
@pytest.mark.parametrize("told", [True, False], ids=["with webhooks", "without webhooks"])
async def test_keys_are_not_shown_where_somebody_had_tried_to_pay_before(world: PublicWorld, told: bool) -> None:
    """Whoever tries is sent back to the page, and so knows its address."""
    session = await world.sell()
    world.upstream.sandbox.pay(session, "failed")
    world.later += 60
    payment = world.upstream.sandbox.pay(session, "succeeded")
    for event in world.events if told else ():
        assert await world.send(event) == 204
    html = await page(world, session)
    assert (title(html), listed_keys(html), shows(html, "mailed")) == (ENGLISH["paid_title"], [], True)
    assert payment.license_keys[0].key not in html


@pytest.mark.requirement("return.keys")
async def test_keys_wait_until_it_is_known_that_nobody_else_tried(world: PublicWorld) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    for event in world.events:
        assert await world.send(event) == 204
    world.upstream.faults[SEARCHES] = refuse(403, "FORBIDDEN")
    html = await page(world, session)
    assert (listed_keys(html), shows(html, "mailed")) == ([], True)
    world.upstream.faults[SEARCHES] = no_fault
    await wait_for_next_look(world)
    assert listed_keys(await page(world, session)) == [payment.license_keys[0].key]


@pytest.mark.requirement("return.keys")
async def test_keys_wait_while_there_are_more_payments_than_are_read(world: PublicWorld) -> None:
    """Another attempt may be among those that were not."""
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    rows = [{"payment_id": f"pay_other_{number}", "checkout_session_id": "cks_other"} for number in range(100)]

    async def full_page(exchange: Exchange) -> None:
        await exchange.answer(200, {"items": rows})

    world.upstream.faults[SEARCHES] = full_page
    html = await page(world, session)
    assert (title(html), listed_keys(html), shows(html, "mailed")) == (ENGLISH["paid_title"], [], True)
    world.upstream.faults[SEARCHES] = no_fault
    await wait_for_next_look(world)
    assert listed_keys(await page(world, session)) == [payment.license_keys[0].key]


@pytest.mark.requirement("return.keys")
async def test_keys_are_not_shown_where_nobody_says_when_the_payment_was_made(world: PublicWorld) -> None:
    """Others cannot be looked for."""
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    for event in world.events:
        assert await world.send(event) == 204

    async def undated(exchange: Exchange) -> None:
        answered = await exchange.create()
        await exchange.answer(answered.status_code, json.loads(answered.content) | {"created_at": None})

    world.upstream.faults[f"GET /payments/{payment.id}"] = undated
    world.upstream.faults[f"GET /checkouts/{session.id}"] = undated
    html = await page(world, session)
    assert (title(html), listed_keys(html), shows(html, "mailed")) == (ENGLISH["paid_title"], [], True)


@pytest.mark.requirement("return.keys")
async def test_keys_that_are_made_a_while_after_the_payment_are_shown_then(world: PublicWorld) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    made, payment.license_keys = payment.license_keys, []
    html = await page(world, session)
    assert (title(html), listed_keys(html), shows(html, "mailed")) == (ENGLISH["paid_title"], [], False)
    payment.license_keys = made
    await wait_for_next_look(world)
    assert listed_keys(await page(world, session)) == [made[0].key]


@pytest.mark.requirement("return.keys")
async def test_a_refunded_sale_shows_no_keys(world: PublicWorld) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    assert len(listed_keys(await page(world, session))) == 1
    world.upstream.sandbox.refund(payment, payment.total)
    await wait_for_next_look(world)
    html = await page(world, session)
    assert (title(html), listed_keys(html), shows(html, "mailed")) == (ENGLISH["refunded_title"], [], False)


@pytest.mark.requirement("return.keys", "return.shows", "outcome.told")
@pytest.mark.parametrize("told", [True, False], ids=["by an event", "by the API"])
async def test_a_disputed_sale_shows_no_keys_and_no_thanks_until_the_dispute_is_won(
    world: PublicWorld, told: bool
) -> None:
    session, sandbox = await world.sell(), world.upstream.sandbox
    payment, seen = sandbox.pay(session, "succeeded"), list[tuple[str, int, bool, str]]()

    async def look() -> None:
        html = await page(world, session)
        status = (await world.call("get_checkout_session", session_id=session.id))["status"]
        seen.append((title(html), len(listed_keys(html)), shows(html, "mailed"), status))

    await look()
    for status in ("dispute_opened", "dispute_lost", "dispute_won"):
        sandbox.dispute(payment, status)
        if told:
            assert await world.send(world.events[-1]) == 204
        else:
            await wait_for_next_look(world)
        await look()
    disputed = (ENGLISH["used"], 0, False, "disputed")
    paid = (ENGLISH["paid_title"], 1, False, "paid")
    assert seen == [paid, disputed, disputed, paid]


@pytest.mark.requirement("return.keys")
@pytest.mark.parametrize("told", [True, False], ids=["with webhooks", "without webhooks"])
async def test_only_keys_that_are_active_are_shown(world: PublicWorld, told: bool) -> None:
    session = await world.sell("prod_license_bundle")
    disabled, expired, active = world.upstream.sandbox.pay(session, "succeeded").license_keys
    status = {disabled.id: "disabled", expired.id: "expired", active.id: "active"}
    for event in world.events if told else ():
        body = document(event)
        body["data"]["status"] = status.get(body["data"].get("id"), "succeeded")
        assert await world.send(body) == 204

    async def with_states(exchange: Exchange) -> None:
        rows = json.loads((await exchange.create()).content)["items"]
        await exchange.answer(200, {"items": [row | {"status": status[row["id"]]} for row in rows]})

    world.upstream.faults["GET /license_keys"] = with_states
    assert listed_keys(await page(world, session)) == [active.key]


@pytest.mark.requirement("return.keys")
@pytest.mark.parametrize("tries_to_pay", [False, True])
async def test_an_agent_with_every_tool_result_and_a_browser_reads_no_licence_key(
    world: PublicWorld, tries_to_pay: bool
) -> None:
    session = await world.sell()
    await world.call("get_checkout_session", session_id=session.id)
    checkout_url, seen = next(each["checkout_url"] for each in world.results if "checkout_url" in each), []
    form = {"email": "buyer@example.com"}

    async def visit(url: str, data: dict[str, str] | None = None) -> str:
        answer = await world.http.request("POST" if data is not None else "GET", url, data=data)
        seen.append(answer.text + str(answer.headers))
        return answer.text

    await visit(checkout_url)
    if tries_to_pay:  # with a card that is declined, to learn where a buyer is sent
        failed = await visit(f"{checkout_url}/fail", form)
        assert world.path(session) in failed
    paid = await world.http.post(f"{checkout_url}/pay", data=form)  # the buyer, elsewhere
    assert world.path(session) in paid.text
    payment = world.upstream.sandbox.payments[-1]
    await world.call("get_checkout_session", session_id=session.id)
    await world.call("get_checkout_session", preview_id=world.preview_id(session))
    for url in (checkout_url, NOWHERE):
        await visit(url)
    for button in ("pay", "fail", "refund", "dispute"):
        await visit(f"{checkout_url}/{button}", form | {"amount": "1"})
    known = re.findall(r"[A-Za-z0-9_-]{22,}|(?:pay|cks|prv|sub)_[A-Za-z0-9_-]+", str(world.results) + "".join(seen))
    for each in set(known):
        await visit(f"/checkout/return/{each[-22:]}")
        await visit(f"/checkout/return/{each}?payment_id={payment.id}&license_key=x")
    text = "".join(seen) + str(world.results)
    assert not any(key.key in text for key in payment.license_keys)


@pytest.mark.requirement("return.keys")
async def test_a_form_that_ends_after_the_payment_is_answered_without_keys_and_the_way_back(world: PublicWorld) -> None:
    """Whoever has the address of the hosted page can begin to send one, and wait until the buyer has paid."""
    session = await world.sell()
    async with running_app(create_app(world.upstream.sandbox)) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        writer.write(
            f"POST /session/{session.id}/pay HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
            "expect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n".encode()
        )
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n", "the form is being read"
        form = b"email=buyer@example.com"
        writer.write(b"%x\r\n%b\r\n" % (len(form), form))
        payment = world.upstream.sandbox.pay(session, "succeeded")
        writer.write(b"0\r\n\r\n")
        answer = (await reader.read()).decode()
        writer.close()
    assert "This payment page has already been used." in answer
    assert not any(secret in answer for secret in (world.path(session), payment.license_keys[0].key))
