"""Lists: a row that does not fit is left out and counted, and costs the others nothing."""

import json
from typing import Any

import pytest

from answer_fields import LENIENT, REQUIRED, ROWS, STRICT, dotted, mistyped, of, parent
from checkout_server.gateway.errors import UnreadableAnswer
from checkout_server.gateway.fields import MOST_CHARACTERS

LARGEST_PAGE = 20
"""What the operations of these tests ask for."""


def left_out(operation: str, count: int) -> list[tuple[str, dict[str, Any]]]:
    return [("gateway.rows_left_out", {"operation": operation, "count": count})]


def product(product_id: str, **changes: Any) -> dict[str, Any]:
    return {"product_id": product_id, "is_recurring": False, "price": 1000, "currency": "USD"} | changes


ODD_PRODUCTS: dict[str, Any] = {
    "a small currency": product("prod_odd", currency="usd"),
    "a price of 10.5": product("prod_odd", price=10.5),
    "a price in text": product("prod_odd", price="1000"),
    "a negative price": product("prod_odd", price=-1),
    "a price of 5,000 digits": product("prod_odd") | {"price": 10**4000},
    "an id with a space": product("prod odd"),
    "an id with a dot": product("prod.odd"),
    "an id with a slash": product("../payments"),
    "an id with a newline": product("prod_odd\n"),
    "an id of 300 characters": product("p" * 300),
    "an id of another script": product("prоd_odd"),
    "an id that turns the text around": product("prod\u202e"),
    "no id": {"is_recurring": False},
    "an unknown interval": product("prod_odd", price_detail={"payment_frequency_interval": "Fortnight"}),
    "a price detail in text": product("prod_odd", price_detail="monthly"),
    "an id with half a surrogate pair": product("prod_odd\ud800"),
    "a name that is a number": product("prod_odd", name=7),
    "null": None,
    "text": "prod_odd",
    "a list": [],
}


@pytest.mark.requirement("gateway.rows")
@pytest.mark.parametrize("odd", ODD_PRODUCTS.values(), ids=ODD_PRODUCTS)
async def test_an_odd_product_among_good_ones_is_left_out_and_counted(api, gateway, call, logged, odd):
    api.answers(200, {"items": [product("prod_1"), odd, product("prod_2")]})
    rows = await call(gateway, "list_products")
    assert ([row.product_id for row in rows.items], rows.is_last) == (["prod_1", "prod_2"], True)
    assert logged() == left_out("list_products", 1)


@pytest.mark.requirement("gateway.rows")
async def test_a_number_of_more_digits_than_python_reads_costs_its_row_alone(api, gateway, call):
    digits = b"9" * 5000
    good, odd = json.dumps(product("prod_1")).encode(), json.dumps(product("prod_2")).encode().replace(b"1000", digits)
    api.answers(200, b'{"items":[' + odd + b"," + good + b"]}")
    assert [row.product_id for row in (await call(gateway, "list_products")).items] == ["prod_1"]


@pytest.mark.requirement("gateway.rows")
async def test_all_odd_rows_are_one_event(api, gateway, call, logged):
    api.answers(200, {"items": [*ODD_PRODUCTS.values()]})
    assert (await call(gateway, "list_products")).items == []
    assert logged() == left_out("list_products", len(ODD_PRODUCTS))


@pytest.mark.requirement("gateway.rows")
@pytest.mark.parametrize(
    "items",
    [
        [],
        [product("prod_1", name="Mug \u202e\u2066gum\u2069"), product("prod_2")],
    ],
    ids=["none", "bidi names"],
)
async def test_a_page_without_odd_rows_is_no_event(api, gateway, call, logged, items):
    api.answers(200, {"items": items})
    assert len((await call(gateway, "list_products")).items) == len(items)
    assert logged() == []


@pytest.mark.requirement("gateway.rows")
async def test_of_a_name_of_a_megabyte_only_the_start_is_held(api, gateway, call):
    api.answers(200, {"items": [product("prod_1", name="n" * 2**20), product("prod_2", name="Mug")]})
    names = [row.name for row in (await call(gateway, "list_products")).items]
    assert names == ["n" * MOST_CHARACTERS, "Mug"]


@pytest.mark.requirement("gateway.rows")
async def test_half_a_surrogate_pair_is_cut_out_of_a_name(api, gateway, call):
    api.answers(200, {"items": [product("prod_1", name="Mug\ud800 \U0001f9fe", description="\udfff")]})
    [row] = (await call(gateway, "list_products")).items
    assert (row.name, row.description) == ("Mug \U0001f9fe", "")


@pytest.mark.requirement("gateway.bounds")
async def test_no_more_rows_are_held_than_were_asked_for(api, gateway, call, logged):
    api.answers(200, {"items": [product(f"prod_{number}") for number in range(3000)]})
    rows = await call(gateway, "list_products")
    assert [row.product_id for row in rows.items] == [f"prod_{number}" for number in range(LARGEST_PAGE)]
    assert (rows.is_last, logged()) == (False, left_out("list_products", 3000 - LARGEST_PAGE))


@pytest.mark.requirement("gateway.rows")
@pytest.mark.parametrize(
    ("sent", "odd", "is_last"),
    [(0, 0, True), (19, 0, True), (19, 19, True), (20, 0, False), (20, 1, False), (20, 20, False)],
)
@pytest.mark.parametrize("operation", ROWS)
async def test_a_page_is_the_last_by_what_was_sent_and_not_by_what_was_usable(
    api, gateway, call, documents, operation, sent, odd, is_last
):
    [row] = documents[operation]["items"]
    api.answers(200, {"items": [None] * odd + [row] * (sent - odd)})
    rows = await call(gateway, operation)
    assert (len(rows.items), rows.is_last) == (sent - odd, is_last)


@pytest.mark.requirement("gateway.rows")
@pytest.mark.parametrize("envelope", [{}, {"items": None}, {"items": {}}, {"items": "[]"}, [], None], ids=repr)
@pytest.mark.parametrize("operation", ROWS)
async def test_what_holds_no_list_is_unreadable(api, gateway, call, operation, envelope):
    api.answers(200, envelope)
    with pytest.raises(UnreadableAnswer):
        await call(gateway, operation)


def beside(documents: Any, operation: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A page of two equal rows, and the first of them."""
    [row] = documents[operation]["items"]
    first = json.loads(json.dumps(row))
    return {"items": [first, row]}, first


@pytest.mark.requirement("gateway.rows")
@pytest.mark.parametrize("value", ["left out", None])
@pytest.mark.parametrize(("operation", "path"), of(REQUIRED, ROWS), ids=dotted)
async def test_a_row_without_a_required_field_is_left_out(api, gateway, call, documents, operation, path, value):
    page, row = beside(documents, operation)
    parent(row, path)[path[-1]] = value
    if value == "left out":
        del parent(row, path)[path[-1]]
    api.answers(200, page)
    assert len((await call(gateway, operation)).items) == 1


@pytest.mark.requirement("gateway.rows")
@pytest.mark.parametrize(("operation", "path"), of(STRICT, ROWS), ids=dotted)
async def test_a_row_with_a_field_of_another_type_is_left_out(api, gateway, call, documents, operation, path):
    page, row = beside(documents, operation)
    parent(row, path)[path[-1]] = mistyped(parent(row, path)[path[-1]])
    api.answers(200, page)
    assert len((await call(gateway, operation)).items) == 1


ODD_VALUES: dict[str, list[Any]] = {
    "payment_id": [7, "pay 1", "pay/../1", "", "p" * 300, {"id": "pay_1"}],
    "checkout_session_id": [7, "cks 1", "cks_1\n", ["cks_1"]],
    "status": [True, "paid, says the buyer", "s" * 65, ""],
    "refund_status": ["none", "FULL", 1, []],
    "currency": ["usd", "US$", 840],
    "total_amount": ["3132", -1, 31.32, 10**20],
    "charge_type": ["gift", True],
    "customer": ["cus_1", {}, {"customer_id": "cus 1"}, []],
    "has_license_key": ["true", 1],
    "dispute_status": ["lost", 7],
    "created_at": [1764000000, "1764000000", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59"],
}


@pytest.mark.requirement("gateway.rows")
@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in ODD_VALUES.items() for value in values], ids=repr
)
@pytest.mark.parametrize("operation", ["list_payments", "get_payment"])
async def test_a_payment_that_carries_metadata_counts_whatever_else_is_odd(
    api, gateway, call, documents, operation, name, value
):
    row = documents["get_payment"]
    page = {"items": [row]} if operation == "list_payments" else row
    api.script = [api.http(200, page)]
    plain = await call(gateway, operation)
    row[name] = value
    api.answers(200, page)
    odd = await call(gateway, operation)
    before, after = (plain.items[0], odd.items[0]) if operation == "list_payments" else (plain, odd)
    assert after == before.model_copy(update={name: None})


@pytest.mark.requirement("gateway.rows")
async def test_what_metadata_holds_is_the_merchants_own_business(api, gateway, call, logged):
    metadata = {"mcp_preview_id": "prv_1", "count": 10**30, "\ud800": ["\udfff"], "": None, "deep": {"a": [1.5]}}
    api.answers(200, {"items": [{"metadata": metadata}, {"metadata": {}}]})
    rows = (await call(gateway, "list_payments")).items
    assert [row.metadata.get("mcp_preview_id") for row in rows] == ["prv_1", None]
    assert logged() == []


@pytest.mark.requirement("gateway.rows")
@pytest.mark.parametrize("metadata", [None, [], "{}", 7, [["mcp_preview_id", "prv_1"]]], ids=repr)
async def test_a_payment_whose_metadata_is_no_object_is_left_out(api, gateway, call, documents, logged, metadata):
    page, row = beside(documents, "list_payments")
    row["metadata"] = metadata
    api.answers(200, page)
    assert len((await call(gateway, "list_payments")).items) == 1
    assert logged() == left_out("list_payments", 1)


@pytest.mark.requirement("gateway.rows")
def test_every_field_of_a_payment_but_its_metadata_is_lenient():
    assert {path[-1] for operation, path in LENIENT if operation == "list_payments"} == ODD_VALUES.keys()
