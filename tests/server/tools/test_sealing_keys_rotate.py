"""Sealing keys that are rotated lose no sale."""

import asyncio
import base64
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from checkout_server.app import build_server, open_desk
from checkout_server.checkout.ledger.contract import State
from checkout_server.checkout.ledger.ledger_key import LedgerKey
from checkout_server.checkout.sale.repeats import REPEATED
from checkout_server.privacy.sealing import Sealer, parse_keys
from checkout_server.settings import load_settings
from evals.upstream import running_upstream
from forms import approving, approving_together
from orders import CONFIRMED, HOSTED, TWO
from replicas import NEW, OLD
from shops import Person, Shop, open_shop_over

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


@pytest.mark.requirement("ledger.recent_sale")
async def test_a_repeated_order_is_recognised_after_the_first_sealing_key_has_changed(tmp_path: Path) -> None:
    person = Person()
    for keys in (OLD, f"{NEW},{OLD}"):
        async with open_shop_over("memory", "2026", tmp_path, person=person, CHECKOUT_SECRET_KEYS=keys) as shop:
            sold = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
    repeated = REPEATED[State.CREATED]
    assert [repeated in question for question in person.questions] == [False, True]
    assert repeated in sold["warnings"]


@pytest.mark.requirement("outcome.other_page")
async def test_an_open_page_for_the_same_is_warned_of_after_the_first_sealing_key_has_changed(tmp_path: Path) -> None:
    sold: dict[str, Any] = {}
    async with running_upstream() as upstream:
        for keys in (OLD, f"{NEW},{OLD}"):
            settings = load_settings(
                DODO_PAYMENTS_API_KEY="test_key", DODO_PAYMENTS_BASE_URL=upstream.url, CHECKOUT_SECRET_KEYS=keys,
                CHECKOUT_LEDGER=str(tmp_path / "ledger.db"),
            )  # fmt: skip
            async with open_desk(settings) as desk, Client(build_server(desk)) as client:
                shop = Shop(client, upstream)
                sold = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **HOSTED})
    assert any("its page may take money until" in warning for warning in sold["warnings"])


@pytest.mark.requirement("approval.repeats", "ledger.recent_sale")
async def test_two_approvals_side_by_side_sell_once_while_replicas_seal_with_different_keys(tmp_path: Path) -> None:
    people = approving_together([], 2)
    async with running_upstream() as upstream, AsyncExitStack() as stack:
        shops: list[Shop] = []
        for keys in (f"{OLD},{NEW}", f"{NEW},{OLD}"):
            settings = load_settings(
                DODO_PAYMENTS_API_KEY="test_key", DODO_PAYMENTS_BASE_URL=upstream.url, CHECKOUT_SECRET_KEYS=keys,
                CHECKOUT_LEDGER=str(tmp_path / "ledger.db"),
            )  # fmt: skip
            desk = await stack.enter_async_context(open_desk(settings))
            client = Client(build_server(desk), elicitation_callback=people)
            shops.append(Shop(await stack.enter_async_context(client), upstream))
        sales = [{"preview_id": await shop.preview_id(**TWO), **CONFIRMED} for shop in shops]
        results = await asyncio.gather(
            *(shop.client.call_tool(CREATE, sale) for shop, sale in zip(shops, sales, strict=True))
        )
        assert len(upstream.created) == 1
        [refused] = [each.structured_content["error"] for each in results if each.is_error]
        assert (refused["code"], refused["retry"]) == ("approval_required", "ask_human")
        assert "Another call sold the same order to this buyer" in refused["message"]


@pytest.mark.requirement("ledger.keys")
async def test_a_server_without_the_key_of_the_others_says_so_and_sells_nothing(tmp_path: Path) -> None:
    """It had it when it started: since then the others have dropped it."""
    async with open_shop_over("memory", "2026", tmp_path, CHECKOUT_SECRET_KEYS=OLD) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **HOSTED}
        await LedgerKey(shop.desk.ledger, Sealer(parse_keys(NEW))).load()
        error = await shop.refusal(CREATE, sale)
        assert (error["code"], error["retry"]) == ("gateway_unavailable", "do_not_retry")
        assert "CHECKOUT_SECRET_KEYS" in error["message"]
        assert shop.upstream.created == []
