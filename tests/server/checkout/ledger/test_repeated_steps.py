"""A step whose answer was lost is carried out again: that may change nothing which the first time has done."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.checkout.ledger.fragments import Step
from checkout_server.checkout.ledger.sql_ledger import SqlLedger
from checkout_server.checkout.ledger.statements import COUNT_QUESTION
from ledger_filling import NOW, filling
from ledger_statements import STATEMENTS, VALUES
from ledger_storages import SqliteStorage

STEPS = {name: step for name, step in STATEMENTS.items() if isinstance(step, Step)}
CLAIMED = {"preview_id": "old_400"}
QUOTED = {"preview_id": "old_2"}
LATER = NOW + 2_000_000
MET: dict[str, dict[str, Any]] = {
    "ADD": {"preview_id": "new"},
    "CLAIM": QUOTED | {"from_state": "quoted", "return_token": "new", "now": NOW},
    "RENEW_LEASE": CLAIMED,
    "FINISH": CLAIMED,
    "LAPSE_ONE": CLAIMED | {"now": LATER},
    "LAPSE_SOME": {"now": LATER},
    "PURGE": {"now": LATER},
    "EMPTY_UNSETTLED": {"now": LATER},
    "STORE_ACCOUNT": {"key_fingerprint": "new"},
    "RESTORE": QUOTED,
    "STORE_PART": {"part_id": "new"},
    "STORE_WEBHOOK": {"webhook_id": "new", "part_id": "new"},
    "STORE_TOKEN": {"token_hash": "new", "token_id": "new"},
}
"""Where a step does nothing with what the other statements are tried with: values with which it does."""
TAKES_THE_NEXT = {"TAKE_UNKNOWN"}
"""The first one that it took stays taken, and waits for its next turn."""


@pytest.fixture
async def ledger(tmp_path: Path) -> Any:
    storage = SqliteStorage(tmp_path / "ledger.db")
    ledger = await storage.open()
    for statement in filling(401, expired=0):
        await storage.run(statement)
    await storage.run("UPDATE {schema}preview SET state = 'quoted' WHERE preview_id = 'old_2'")
    await storage.run("UPDATE {schema}preview SET can_charge = true WHERE preview_id = 'old_401'")
    yield ledger
    await ledger.close()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.mark.requirement("ledger.storage")
@pytest.mark.parametrize("name", [name for name in STEPS if name not in TAKES_THE_NEXT])
async def test_a_step_is_repeatable_if_a_second_time_changes_nothing(ledger: Ledger, tmp_path: Path, name: str) -> None:
    async def change(step: Step, values: dict[str, Any]) -> list[str]:
        await cast(SqlLedger, ledger)._change(step, values)  # pyright: ignore[reportPrivateUsage] - no call of a ledger is one step alone
        return dump(tmp_path / "ledger.db")

    values = VALUES | {"batch": 1000} | MET.get(name, {})
    before = await change(COUNT_QUESTION, values)  # a second open question, of which one may be withdrawn
    once = await change(STEPS[name], values)
    twice = await change(STEPS[name], values)
    assert once != before
    assert (twice == once) is STEPS[name].repeatable
