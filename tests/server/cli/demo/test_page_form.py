"""What the demo's buyer sends of a page's form: what a browser would."""

import pytest

from checkout_server.cli.demo.buyer import find_form


@pytest.mark.requirement("cli.demo")
def test_every_kind_of_field_has_the_value_that_a_browser_sends() -> None:
    form = find_form(
        """<form method="post" action="/pay?x=1">
        <input name="email" type="email" autocomplete="section-a billing email">
        <input name="card" autocomplete="cc-number"><input name="kept" autocomplete="name" value="Ada">
        <input name="cvc" data-required placeholder="123" autocomplete="off"><input name="hint" placeholder="unneeded">
        <input type="hidden" name="token" value="t&amp;1"><input name="no" disabled value="1"><input value="nameless">
        <input type="checkbox" name="unticked"><input type="checkbox" name="ticked" checked>
        <input type="radio" name="method" value="card" required><input type="radio" name="method" value="upi" required>
        <input type="radio" name="given" value="a"><input type="radio" name="given" value="b" checked>
        <select name="first"><option>One</option><option>Two</option></select>
        <select name="chosen"><option value="1">One</option><option value="2" selected>Two</option></select>
        <select name="words"><option value="">Choose</option><option selected>Two words</option></select>
        <textarea name="note"></textarea>
        <button type="button" name="help" value="1">?</button>
        <button name="decline" formaction="/fail">Decline</button>
        <button name="action" value="pay">Pay</button><button name="action" value="later">Later</button></form>"""
    )
    assert form is not None
    assert form.action == "/pay?x=1"
    assert form.filled_in() == {
        "email": "marguerite.fairweather@example.com",
        "card": "4242 4242 4242 4242",
        "kept": "Ada",
        "cvc": "123",
        "hint": "",
        "token": "t&1",
        "ticked": "on",
        "method": "card",
        "given": "b",
        "first": "One",
        "chosen": "2",
        "words": "Two words",
        "note": "",
        "action": "pay",
    }


@pytest.mark.requirement("cli.demo")
def test_the_form_that_asks_for_an_e_mail_address_is_meant() -> None:
    form = find_form(
        """<form action="/search"><input name="q"></form><form method="post" action="/code"><input name="code"></form>
        <form method="POST" action="/pay"><input name="mail" autocomplete="email"></form>"""
    )
    assert form is not None
    assert (form.action, form.filled_in()) == ("/pay", {"mail": "marguerite.fairweather@example.com"})


@pytest.mark.requirement("cli.demo")
def test_a_page_without_a_form_has_none() -> None:
    assert find_form("<p>Expired</p><form action='/search'><input name='q'></form>") is None
