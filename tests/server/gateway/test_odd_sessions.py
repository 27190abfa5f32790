"""A session that was made is a session, however odd the rest of the answer is."""

from typing import Any

import pytest

from checkout_server.gateway.errors import UnreadableAnswer
from checkout_server.privacy.personal_values import tripwire

ODD = [("gateway.answer_odd", {"operation": "create"})]

ODD_VALUES: dict[str, list[Any]] = {
    "checkout_url": [
        "http://checkout.example/pay",
        "https://buyer:secret@checkout.example/pay",
        "https://checkout.example/\u202epay",
        "https://checkout.example/\u200bpay",
        "https://checkout.example/pay\r\nx: y",
        "https://checkout.example\\@evil.example/pay",
        "https://checkout.example/" + "p" * 4096,
        "https://checkout.example:port/",
        "https://[::1/pay",
        "javascript:alert(1)",
        "//checkout.example/pay",
        "https://",
        "\ud800",
        "",
        7,
        ["https://checkout.example/pay"],
    ],
    "payment_id": [7, "pay 1", "../pay_1", "", "p" * 65, {}],
    "client_secret": [7, True, ["secret"], {}],
    "publishable_key": [7, False, ["key"], {}],
}
CASES = [(name, value) for name, values in ODD_VALUES.items() for value in values]


@pytest.mark.requirement("gateway.odd_session")
@pytest.mark.parametrize(("name", "value"), CASES, ids=lambda value: repr(value)[:60])
async def test_a_value_that_cannot_be_used_is_missing_from_the_session(
    api, gateway, call, documents, logged, name, value
):
    api.script = [api.http(200, documents["create"]), api.http(200, documents["create"] | {name: value})]
    plain, odd = await call(gateway, "create"), await call(gateway, "create")
    assert odd == plain.model_copy(update={name: None})
    assert logged() == ODD


@pytest.mark.requirement("gateway.odd_session")
async def test_an_answer_in_which_all_but_the_id_is_odd_is_one_session_and_one_event(api, gateway, call, logged):
    api.answers(200, {"session_id": "cks_1"} | dict.fromkeys(ODD_VALUES, 7))
    session = await call(gateway, "create")
    assert session.model_dump() == {"session_id": "cks_1"} | dict.fromkeys(ODD_VALUES)
    assert logged() == ODD


@pytest.mark.requirement("gateway.odd_session")
@pytest.mark.parametrize(
    ("body", "events"),
    [
        ({}, ODD),
        ({"confirm": True}, ODD),
        ({"confirm": True, "payment_method_id": "pm_1"}, []),
    ],
    ids=["hosted", "confirmed", "charged"],
)
@pytest.mark.parametrize("answer", [{"session_id": "cks_1"}, {"session_id": "cks_1", "checkout_url": None}], ids=len)
async def test_a_missing_page_is_odd_unless_a_saved_method_was_charged(api, gateway, logged, answer, body, events):
    api.answers(200, answer)
    assert (await gateway.create(body)).checkout_url is None
    assert logged() == events


@pytest.mark.requirement("gateway.odd_session")
async def test_a_whole_answer_is_no_event(api, gateway, call, documents, logged):
    api.answers(200, documents["create"])
    assert (await call(gateway, "create")).checkout_url == "https://checkout.example.com/cks_1"
    assert logged() == []


@pytest.mark.requirement("gateway.odd_session")
@pytest.mark.parametrize(
    "session_id", ["left out", None, 7, "", "cks 1", "cks/1", "cks.1", "cks_1\n", "c" * 300, "\ud800", ["cks_1"]],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
async def test_without_an_id_the_answer_is_unreadable(api, gateway, call, documents, session_id):
    document = documents["create"] | {"session_id": session_id}
    if session_id == "left out":
        del document["session_id"]
    api.answers(200, document)
    with pytest.raises(UnreadableAnswer):
        await call(gateway, "create")


@pytest.mark.requirement("gateway.odd_session")
async def test_secrets_are_known_to_the_tripwire_whatever_else_is_odd(api, gateway, call, documents, monkeypatch):
    noted: list[str] = []
    monkeypatch.setattr(tripwire.in_flight, "note", lambda *values: noted.extend(values))
    api.answers(200, documents["create"] | {"checkout_url": 7, "payment_id": 7})
    await call(gateway, "create")
    assert noted == ["secret_of_the_buyer", "pk_of_the_merchant"]


@pytest.mark.requirement("gateway.odd_session")
@pytest.mark.parametrize("secret", ["\ud800", "secret\ud800_of", "", "s" * 2**20], ids=lambda secret: str(len(secret)))
async def test_a_secret_of_any_text_costs_no_session(api, gateway, call, documents, secret):
    api.answers(200, documents["create"] | {"client_secret": secret})
    session = await call(gateway, "create")
    assert (session.session_id, session.client_secret.get_secret_value()) == ("cks_1", secret)


@pytest.mark.requirement("gateway.odd_session")
@pytest.mark.parametrize("value", [1764000000, "soon", "", [], "2026-02-30T00:00:00Z"], ids=repr)
async def test_where_a_session_stands_is_told_without_an_odd_date(api, gateway, call, documents, logged, value):
    answers = [documents["get_session"], documents["get_session"] | {"created_at": value}]
    api.script = [api.http(200, each) for each in answers]
    plain, odd = await call(gateway, "get_session"), await call(gateway, "get_session")
    assert odd == plain.model_copy(update={"created_at": None})
    assert logged() == [("gateway.answer_odd", {"operation": "get_session"})]
