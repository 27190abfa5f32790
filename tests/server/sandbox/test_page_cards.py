"""The page's card form: it takes test cards, and every other number stays where it was typed."""

from pathlib import Path

import httpx2
import pytest

from browser import needs_browser
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.cards import CARDS
from checkout_server.sandbox.embedded import running_kept_sandbox
from checkout_server.sandbox.kept import SandboxFile, Seal
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.payments import DECLINES
from checkout_server.sandbox.sessions import Sandbox
from hosted_page import ADDRESS, CART, CUSTOMER, PAYS, STOLEN, visiting

pytestmark = pytest.mark.timeout(120)

NOT_A_TEST_CARD = "4012888888881881"
ORDER = {"product_cart": CART, "customer": CUSTOMER, "billing_address": ADDRESS}


def luhn_sum(number: str) -> int:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(number))]
    return sum(each - 9 if each > 9 else each for each in doubled)


async def attempt(sandbox: Sandbox, **form: str) -> httpx2.Response:
    session = sandbox.create(dict(ORDER))
    async with running_app(create_app(sandbox)) as url, httpx2.AsyncClient() as http:
        return await http.post(f"{url}/session/{session.id}/pay", data=form)


@pytest.mark.requirement("sandbox.cards")
def test_a_test_card_has_a_valid_number_and_a_documented_reason() -> None:
    assert len(CARDS) == 16
    assert all(luhn_sum(number) % 10 == 0 for number in CARDS)
    assert {card.error_code for card in CARDS.values()} - {None} <= set(DECLINES)


@pytest.mark.requirement("sandbox.cards")
@pytest.mark.parametrize("number", CARDS)
async def test_a_test_card_does_what_it_is_for(number: str) -> None:
    sandbox, card = Sandbox(), CARDS[number]
    await attempt(sandbox, card_number=number, expiry="06/32", cvc="123")
    [payment] = sandbox.payments
    status = "requires_customer_action" if card.is_challenged else "failed" if card.error_code else "succeeded"
    assert (payment.status, payment.error_code) == (status, card.error_code)
    assert (payment.paid_by.last_four, payment.paid_by.network) == (number[-4:], card.network)


WRONG = {
    "another number": {"card_number": NOT_A_TEST_CARD},
    "no number": {"card_number": ""},
    "a month that there is not": {"card_number": PAYS, "expiry": "13/34"},
    "a year that is over": {"card_number": PAYS, "expiry": "01/20"},
    "a code that is too short": {"card_number": PAYS, "cvc": "1"},
    "a way that is not offered": {"method": "pm_abc123"},
    "a reason that there is not": {"card_number": PAYS, "reason": "BORED"},
}


@pytest.mark.requirement("sandbox.cards")
@pytest.mark.parametrize("case", WRONG)
async def test_a_server_that_is_sent_anything_else_refuses_it_and_repeats_nothing_of_it(case: str) -> None:
    sandbox = Sandbox()
    answer = await attempt(sandbox, **WRONG[case])
    assert (answer.status_code, sandbox.payments) == (422, [])
    assert NOT_A_TEST_CARD not in answer.text


@pytest.mark.requirement("sandbox.cards")
async def test_a_test_card_is_declined_for_a_chosen_reason() -> None:
    sandbox = Sandbox()
    await attempt(sandbox, card_number=PAYS, reason="MANDATE_REQUIRED")
    assert sandbox.payments[0].error_code == "MANDATE_REQUIRED"


@pytest.mark.requirement("sandbox.cards")
async def test_a_stolen_card_is_any_decline_to_its_buyer() -> None:
    answer = await attempt(Sandbox(), card_number=STOLEN)
    problem = answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert problem == "Your payment was declined. Please use another card or contact your bank."


@pytest.mark.requirement("sandbox.cards")
async def test_a_number_is_in_no_file_no_log_and_no_payment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    file = SandboxFile(tmp_path / "sandbox", Seal(lambda content, _: content, lambda sealed, _: sealed))
    async with (
        running_kept_sandbox(file) as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http,
    ):
        made = (await http.post("/checkouts", json=ORDER)).json()
        page = f"{url}/session/{made['session_id']}"
        shown = ""
        for number in (NOT_A_TEST_CARD, STOLEN, PAYS):
            for action in ("price", "pay"):
                shown += (await http.post(f"{page}/{action}", data={"card_number": number})).text
        [failed, paid] = (await http.get("/payments")).json()["items"]
        kept = str([(await http.get(f"/payments/{each['payment_id']}")).json() for each in (failed, paid)])
    written = capfd.readouterr()
    kept += caplog.text + written.out + written.err
    kept += "".join(each.read_bytes().decode(errors="replace") for each in tmp_path.iterdir())
    assert not any(number in kept for number in (NOT_A_TEST_CARD, STOLEN, PAYS))
    assert NOT_A_TEST_CARD not in shown


@pytest.mark.requirement("sandbox.cards")
@needs_browser
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_another_number_is_refused_by_the_browser_and_never_leaves_it(scripts: bool) -> None:
    async with visiting(browser={"java_script_enabled": scripts, "locale": "en-US"}) as visit:
        assert "Do not type a real card" in await visit.page.inner_text("#never")
        await visit.pay(NOT_A_TEST_CARD)
        if scripts:
            await visit.page.select_option("#currency", "EUR")
            await visit.page.locator("#total", has_text="EUR").wait_for()
            message = await visit.page.evaluate("document.getElementById('card_number').validationMessage")
            assert message == "Only test cards work here. Choose one from the list."
            await visit.page.click("#pay")
        assert "/pay" not in visit.page.url
        sent = "".join(url + body for url, body in visit.requests)
        assert NOT_A_TEST_CARD not in sent.replace("+", "").replace("%20", "")
        assert visit.sandbox.payments == []
        await visit.pay(PAYS)
        await visit.page.wait_for_selector("#receipt")
        assert len(visit.sandbox.payments) == 1


@pytest.mark.requirement("sandbox.cards")
@needs_browser
async def test_the_browser_refuses_in_the_language_of_the_page() -> None:
    async with visiting(customization={"force_language": "fr"}) as visit:
        await visit.pay(NOT_A_TEST_CARD)
        message = await visit.page.evaluate("document.getElementById('card_number').validationMessage")
        assert message == "Seules les cartes de test fonctionnent ici. Choisissez-en une dans la liste."


@pytest.mark.requirement("sandbox.cards")
@needs_browser
async def test_a_card_of_the_list_fills_in_the_form() -> None:
    async with visiting() as visit:
        await visit.page.click("#cards summary")
        await visit.page.click(f"[data-card='{STOLEN}']")
        await visit.page.click("#pay")
        await visit.page.wait_for_selector("#continue")
        assert visit.sandbox.payments[0].error_code == "STOLEN_CARD"
