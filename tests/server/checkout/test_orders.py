"""The sealed order: what an earlier version sealed with less than is asked about now is quoted again."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

WRITTEN_BY_VERSION_1: dict[str, Any] = {
    "order": {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}], "tax_id": "DE-jane-doe"},
    "currency": "USD",
    "total": 1900,
    "recurring": None,
    "undiscounted": 0,
    "lines": [["E-book: the complete guide", 1]],
    "renewals": [],
    "notes": ["Usage is billed on top of these amounts."],
    "cycles": {},
}


def of_version_1(_order: dict[str, Any]) -> dict[str, Any]:
    return WRITTEN_BY_VERSION_1


def of_version_2(order: dict[str, Any]) -> dict[str, Any]:
    """It knew of no lines and assumed no country."""
    later = ("lines_add_up", "sums_add_up", "assumed_country", "converted_from", "tax_included")
    return {name: value for name, value in order.items() if name not in later} | {"version": 2}


@pytest.mark.requirement("seal.orders", "preview.expires")
@pytest.mark.parametrize("written", [of_version_1, of_version_2])
async def test_an_order_that_an_earlier_version_sealed_is_quoted_again(
    open_memory_shop: Any, tmp_path: Path, written: Any
) -> None:
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id()}
        context = f"order:{sale['preview_id']}"
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger, ledger:
            [(order,)] = ledger.execute('SELECT "order" FROM preview')
            earlier = written(json.loads(shop.desk.sealer.open(order, context=context)))
            sealed = shop.desk.sealer.seal(json.dumps(earlier).encode(), context=context)
            ledger.execute('UPDATE preview SET "order" = ?', (sealed,))
        error = await shop.refusal("create_checkout_session", sale)
        assert (error["code"], error["retry"]) == ("preview_expired", "new_preview")
        assert "jane" not in str(error)
        assert shop.upstream.created == []
