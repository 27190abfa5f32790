"""A session that was handed out while the ledger was away."""

import time
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from fault_cases import FaultyUpstream, call, opened
from orders import HOSTED, ORDER

CREATE = "create_checkout_session"


@pytest.mark.requirement("once.proof")
async def test_a_session_that_was_handed_out_but_not_recorded_is_not_made_again(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        now = time.time()
        desk.clock = lambda: now
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        whole = desk.ledger

        class Full:
            def __getattr__(self, name: str) -> Any:
                return getattr(whole, name)

            async def finish(self, *_arguments: Any, **_named: Any) -> bool:
                raise LedgerUnavailable("The disk is full.")

        desk.ledger = Full()  # pyright: ignore[reportAttributeAccessIssue] - it passes everything on
        first = await call(client, CREATE, preview_id=preview_id, **HOSTED)
        assert first["checkout_url"]
        now += 61
        second = await call(client, CREATE, preview_id=preview_id, **HOSTED)
        assert second.get("checkout_url") in {None, first["checkout_url"]}, "two payable pages of one preview"
