"""A lookup of what a customer has saved is logged as a call and a request, and says nothing of the customer."""

import logging
from typing import Any

import pytest

from checkout_server.privacy.logs.events import EventRecord

POLICY = "[confirm]\nlist_saved_payment_methods = true\nlist_any_customer = true"


@pytest.mark.requirement("privacy.events", "customer.audit")
@pytest.mark.parametrize(
    ("customer_id", "code", "status"), [("cus_123", "ok", 200), ("cus_none", "gateway_refused", 404)]
)
async def test_a_lookup_is_logged_without_its_customer(
    open_memory_shop: Any, caplog: pytest.LogCaptureFixture, customer_id: str, code: str, status: int
) -> None:
    caplog.set_level(logging.DEBUG, "checkout")
    async with open_memory_shop(policy=POLICY) as shop:
        await shop.client.call_tool("list_saved_payment_methods", {"customer_id": customer_id})
    lines = [record.line for record in caplog.records if isinstance(record, EventRecord)]
    told = [(line.event, line.fields.get("route") or line.fields["code"], line.fields.get("status")) for line in lines]
    assert told[-2:] == [
        ("gateway.answered" if code == "ok" else "gateway.failed", "/customers/{id}/payment-methods", status),
        ("tool.finished", code, status if code != "ok" else None),
    ]
    assert [each for each in (customer_id, "4242", "visa", "pm_abc123") if each in repr([lines, caplog.text])] == []
