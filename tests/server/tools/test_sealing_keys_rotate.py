"""Sealing keys that are rotated lose no sale."""

import base64
from pathlib import Path
from typing import Any

import pytest

from forms import approving
from orders import CONFIRMED, TWO
from shops import open_shop_over

CREATE = "create_checkout_session"


@pytest.mark.requirement("preview.account")
async def test_a_rotation_of_sealing_keys_does_not_lose_an_unknown_charge(tmp_path: Path) -> None:
    old, new = (base64.urlsafe_b64encode(each * 32).decode() for each in (b"o", b"n"))

    def nameless(shop: Any) -> None:
        shop.upstream.rewrites["/brands"] = lambda _answer: {"items": []}
        shop.upstream.rewrites["/products"] = lambda _answer: {"items": []}

    async def yes(_context: Any, params: Any) -> Any:
        return approving(params)

    async with open_shop_over("memory", "2026", tmp_path, person=yes, CHECKOUT_SECRET_KEYS=old) as shop:
        nameless(shop)
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        assert (await shop.refusal(CREATE, sale))["code"] == "outcome_unknown"
    async with open_shop_over("memory", "2026", tmp_path, person=yes, CHECKOUT_SECRET_KEYS=f"{new},{old}") as shop:
        nameless(shop)
        error = await shop.refusal(CREATE, sale)
        assert (error["code"], error["retry"]) == ("outcome_unknown", "do_not_retry")
