"""A shop that tests share is as if it were new, whatever the test before did in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from orders import CONFIRMED, ORDER
from shared_shops import SharedShops
from shops import Person, Shop

KNOWN_BY_THE_SERVER = {"key_account", "key_probe", "ledger_key"}


@pytest.mark.requirement("tests.apart")
async def test_nothing_of_a_sale_is_there_for_the_next_test(tmp_path: Path) -> None:
    shops = SharedShops(tmp_path)
    shop = await shops.get("memory", "2026", Person())
    await sell(shop)
    sold = rows(tmp_path)
    assert sold >= {"preview", "customer", "question", "creation_attempt", "audit", *KNOWN_BY_THE_SERVER}
    assert shop.upstream.sandbox.sessions
    assert shop.upstream.requests

    shop.upstream.statuses["/products"] = 500
    assert await shops.get("memory", "2026", Person()) is shop
    assert rows(tmp_path) == KNOWN_BY_THE_SERVER
    assert (shop.upstream.requests, shop.upstream.statuses) == ([], {})
    assert not shop.upstream.sandbox.sessions
    await sell(shop)
    assert rows(tmp_path) == sold
    await shops.close()


async def sell(shop: Shop) -> None:
    await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**ORDER), **CONFIRMED})


def rows(folder: Path) -> set[str]:
    """The tables of the shop's ledger that hold anything."""
    with closing(sqlite3.connect(folder / "memory" / "ledger.db")) as ledger:
        tables = ledger.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        asked = {name: f"SELECT 1 FROM {name} LIMIT 1" for (name,) in tables.fetchall()}  # noqa: S608 - our schema
        return {name for name, statement in asked.items() if ledger.execute(statement).fetchone()}
