"""The page that a buyer returns to: what it shows and for how long, and that nobody else finds it."""

import asyncio
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from orders import CONFIRMED, ORDER
from public_world import ENGLISH, NOWHERE, PublicWorld, page, shows, title, wait_for_next_look


@pytest.mark.requirement("return.default", "return.token")
async def test_a_session_without_a_return_url_gets_a_page_that_nobody_is_told_of(world: PublicWorld) -> None:
    first, second = await world.sell(), await world.sell("prod_ebook_guide")
    tokens = [world.path(session).removeprefix("/checkout/return/") for session in (first, second)]
    assert all(re.fullmatch("[A-Za-z0-9_-]{22}", token) for token in tokens)
    assert tokens[0] != tokens[1]
    assert first.order["return_url"].startswith(f"{world.desk.public_url}/checkout/return/")
    await world.call("get_checkout_session", session_id=first.id)
    await world.call("create_checkout_session", preview_id=world.preview_id(first), customer=first.order["customer"])
    assert world.results[-1]["replayed"] is True, "the page is no argument of the call"
    assert not any(token in str(world.results) for token in tokens)


@pytest.mark.requirement("return.default")
async def test_a_return_url_of_the_call_stays_and_without_a_public_url_there_is_none(world: PublicWorld) -> None:
    own = await world.sell(return_url="https://shop.example/thanks")
    assert own.order["return_url"] == "https://shop.example/thanks"
    world.desk.public_url = None
    assert "return_url" not in (await world.sell("prod_ebook_guide")).order


@pytest.mark.requirement("return.default")
async def test_the_return_page_needs_no_return_host_of_the_policy(world: PublicWorld) -> None:
    allow = world.desk.policy.allow.model_copy(update={"return_hosts": ("shop.example",)})
    world.desk.common_policy = world.desk.common_policy.model_copy(update={"allow": allow})
    session = await world.sell()
    assert urlsplit(session.order["return_url"]).hostname == "127.0.0.1"


@pytest.mark.requirement("return.token")
async def test_the_ledger_and_the_log_hold_no_token(
    world: PublicWorld, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    session = await world.sell()
    token = world.path(session).removeprefix("/checkout/return/")
    await page(world, session)
    await world.http.get(f"{world.path(session)}?email=buyer@example.com")
    await world.desk.ledger.close()
    assert not any(token.encode() in file.read_bytes() for file in tmp_path.iterdir())
    written = capfd.readouterr()
    records = [record for record in caplog.records if record.name.startswith("checkout")]
    assert records
    assert token not in written.out + written.err + str([vars(record) for record in records])


QUERY = {"payment_id": "pay_1", "status": "succeeded", "email": "buyer@example.com", "license_key": "LK-1"}


@pytest.mark.requirement("return.clean")
async def test_what_the_provider_appends_selects_nothing_and_is_gone_after_one_redirect(world: PublicWorld) -> None:
    session, paid = await world.sell(), await world.sell("prod_ebook_guide")
    payment = world.upstream.sandbox.pay(paid, "succeeded")
    path = world.path(session)
    answer = await world.http.get(f"{path}?{urlencode(QUERY | {'payment_id': payment.id})}")
    assert (answer.status_code, answer.headers["location"], answer.content) == (303, path, b"")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert title(await page(world, session)) == ENGLISH["open_title"], "another session's payment says nothing here"


@pytest.mark.requirement("return.neutral")
async def test_whatever_is_no_return_page_is_the_same_404(world: PublicWorld) -> None:
    session = await world.sell()
    payment = world.upstream.sandbox.pay(session, "succeeded")
    token = world.path(session).removeprefix("/checkout/return/")
    paths = [
        NOWHERE, "/checkout/return/", f"/checkout/return/{payment.id}", f"/checkout/return?payment_id={payment.id}",
        f"/checkout/return/{session.id}", f"/checkout/return/{world.preview_id(session)}",
        f"/checkout/return/{token[:-1]}", f"/checkout/return/{token}x", f"/checkout/return/{token}/",
        f"/checkout/return/{token}/x", f"/checkout/{token}", "/", "/mcp", "/webhooks/dodo", "/webhooks/dodo/",
    ]  # fmt: skip
    answers = [await world.http.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert len({frozenset(answer.headers.items()) - {("date", answer.headers["date"])} for answer in answers}) == 1
    assert (await world.http.post(world.path(session))).status_code == 404
    assert (await world.http.get(NOWHERE, headers={"host": "["})).status_code == 404
    assert (await world.http.get(f"/checkout/return/{payment.id}?x=1")).status_code == 404, "without a redirect"
    assert (await world.http.get(f"{NOWHERE}?x=1", follow_redirects=True)).status_code == 404


@pytest.mark.requirement("return.shows")
async def test_the_page_shows_each_state_with_the_amount_and_what_comes_next(world: PublicWorld) -> None:
    session = await world.sell("prod_ebook_guide")
    sandbox = world.upstream.sandbox
    seen: list[tuple[str, bool, bool]] = []

    async def look() -> str:
        await wait_for_next_look(world)
        html = await page(world, session)
        seen.append((title(html), shows(html, "pay"), shows(html, "again")))
        return html

    await look()
    for status in ("failed", "processing", "succeeded"):
        payment = sandbox.pay(session, status)
        html = await look()
    assert re.findall('id="amount" dir="ltr">(.*)</dd>', html) == [f"USD {payment.total / 100:.2f}"]
    assert ENGLISH["paid_next"] in html
    sandbox.refund(payment, 100)
    await look()
    sandbox.refund(payment, payment.total - 100)
    await look()
    assert seen == [
        (ENGLISH["open_title"], True, False),
        (ENGLISH["failed_title"], False, False),
        (ENGLISH["processing_title"], False, True),
        (ENGLISH["paid_title"], False, False),
        (ENGLISH["partly_title"], False, False),
        (ENGLISH["refunded_title"], False, False),
    ]


@pytest.mark.requirement("return.shows")
async def test_the_page_leads_back_to_the_payment_until_it_ends(world: PublicWorld) -> None:
    session = await world.sell()
    html = await page(world, session)
    assert f'href="{world.results[-1]["checkout_url"]}"' in html
    assert ENGLISH["test"] in html
    world.later += 24 * 3600
    html = await page(world, session)
    assert (title(html), shows(html, "pay")) == (ENGLISH["ended_title"], False)


@pytest.mark.requirement("return.shows")
async def test_a_charge_by_a_saved_method_has_its_page_too(world: PublicWorld) -> None:
    preview_id = (await world.call("preview_checkout", **ORDER))["preview_id"]
    created = await world.call("create_checkout_session", preview_id=preview_id, **CONFIRMED)
    html = await page(world, world.upstream.sandbox.sessions[created["session_id"]])
    assert title(html) == ENGLISH["paid_title"]


@pytest.mark.requirement("return.shows")
@pytest.mark.parametrize(
    ("forced", "accepted", "language"),
    [
        ("ja", "de", "ja"), ("he", "", "he"), (None, "fr-CH, de;q=0.5", "fr"), (None, "iw", "he"),
        (None, "xx, pt-BR", "pt"), (None, "", "en"), (None, "x" * 5000, "en"),
    ],
)  # fmt: skip
async def test_the_page_speaks_the_sessions_language_and_else_the_browsers(
    world: PublicWorld, forced: str | None, accepted: str, language: str
) -> None:
    custom: dict[str, Any] = {"customization": {"force_language": forced}} if forced else {}
    session = await world.sell(**custom)
    html = await page(world, session, **{"accept-language": accepted})
    assert f'<html lang="{language}" dir="{"rtl" if language == "he" else "ltr"}">' in html


@pytest.mark.requirement("return.shows")
async def test_the_page_loads_and_runs_nothing_and_is_kept_nowhere(world: PublicWorld) -> None:
    session = await world.sell()
    for path in (world.path(session), NOWHERE):
        answer = await world.http.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'none'; frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers
        assert not re.search("<script|<img|<link|<form|http-equiv| style=", answer.text)


@pytest.mark.requirement("return.asked_rarely")
async def test_the_api_is_asked_once_in_five_seconds_and_the_ledger_answers_in_between(world: PublicWorld) -> None:
    session = await world.sell("prod_ebook_guide")
    asked = 0
    get_session = world.desk.gateway.get_session

    async def counted(session_id: str) -> Any:
        nonlocal asked
        asked += 1
        return await get_session(session_id)

    world.desk.gateway.get_session = counted
    pages = await asyncio.gather(*(page(world, session) for _ in range(20)))
    assert ({title(each) for each in pages}, asked) == ({ENGLISH["open_title"]}, 1)
    world.upstream.sandbox.pay(session, "succeeded")
    assert (title(await page(world, session)), asked) == (ENGLISH["open_title"], 1)
    assert await world.send(world.events[0]) == 204
    assert (title(await page(world, session)), asked) == (ENGLISH["paid_title"], 1), "an event came meanwhile"
    await wait_for_next_look(world)
    await page(world, session)
    assert asked == 2


@pytest.mark.requirement("return.shows")
async def test_an_api_that_does_not_answer_leaves_what_the_ledger_knows(world: PublicWorld) -> None:
    session = await world.sell("prod_ebook_guide")
    world.upstream.sandbox.pay(session, "succeeded")
    assert await world.send(world.events[0]) == 204
    world.upstream.sandbox.sessions.clear()
    assert title(await page(world, session)) == ENGLISH["paid_title"]


@pytest.mark.requirement("return.shows")
async def test_without_the_ledger_the_page_says_to_come_back(
    world: PublicWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await world.sell()

    async def away(*_: Any, **__: Any) -> Any:
        raise LedgerUnavailable("away")

    monkeypatch.setattr(world.desk.ledger, "find_return_page", away)
    answer = await world.http.get(world.path(session))
    assert (answer.status_code, "try again in a minute" in answer.text) == (503, True)
