"""Keys that change while clients are served: a new process beside the old one, and nobody notices."""

from pathlib import Path
from typing import Any

import pytest

from orders import CONFIRMED, TWO
from replicas import NEW, OLD, LoadBalancer, balanced_client, in_turn, replicas
from shops import Person, Shop

pytestmark = pytest.mark.thorough

CREATE = "create_checkout_session"
CHANGES = {
    "a new sealing key, which opens first": ({"CHECKOUT_SECRET_KEYS": OLD}, {"CHECKOUT_SECRET_KEYS": f"{OLD},{NEW}"}),
    "and then seals": (
        {"CHECKOUT_SECRET_KEYS": f"{OLD},{NEW}"},
        {"CHECKOUT_SECRET_KEYS": f"{NEW},{OLD}"},
    ),
    "a new API key": ({"DODO_PAYMENTS_API_KEY": "old_key"}, {"DODO_PAYMENTS_API_KEY": "new_key"}),
}


@pytest.mark.requirement("transport.rotation")
@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_previewed_at_one_is_sold_at_the_other(tmp_path: Path, change: str) -> None:
    at = 0
    async with (
        replicas(tmp_path, *CHANGES[change]) as (urls, upstream),
        balanced_client(LoadBalancer(urls, lambda _count, _message: at), "2026") as client,
    ):
        shop = Shop(client, upstream)
        for first in (0, 1):
            at = first
            preview_id = await shop.preview_id()
            at = 1 - first
            sold = await shop.call(CREATE, {"preview_id": preview_id})
            at = first
            assert await shop.call(CREATE, {"preview_id": preview_id}) == sold | {"replayed": True}
    assert len(upstream.created) == 2


@pytest.mark.requirement("transport.rotation")
@pytest.mark.parametrize("change", CHANGES)
async def test_a_question_asked_by_one_is_answered_at_the_other(tmp_path: Path, change: str) -> None:
    for first in (0, 1):
        folder, person = tmp_path / str(first), Person()
        folder.mkdir()

        def choose(count: int, _message: Any, first: int = first) -> int:
            return in_turn(count + first, _message)

        async with (
            replicas(folder, *CHANGES[change]) as (urls, upstream),
            balanced_client(balancer := LoadBalancer(urls, choose), "2026", person) as client,
        ):
            shop = Shop(client, upstream)
            await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
        calls = [number for number, method in balancer.sent if method == "tools/call"]
        assert calls[-2] != calls[-1]
        assert (len(person.questions), len(upstream.created)) == (1, 1)
