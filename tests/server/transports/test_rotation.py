"""Keys that change while clients are served: a new process beside the old one, and nobody notices."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from checkout_server.checkout.principal import Scope
from issuers import running_issuer
from orders import CONFIRMED, TWO
from processes import run_with
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
CALLERS = {
    "nobody is asked for a token": "sqlite",
    "a JWT": "postgres",
    "a static token": "postgres",
}
"""Each with the ledger that it is tried on; more would take minutes and say no more."""


@dataclass
class Rotation:
    """An old process and a new one of the same ledger, and whoever calls them with the token that they have."""

    urls: list[str]
    upstream: Any
    token: str | None

    @asynccontextmanager
    async def client(self, balancer: LoadBalancer, person: Any = None) -> AsyncGenerator[Client]:
        async with balanced_client(balancer, "2026", person, self.token) as client:
            yield client


@asynccontextmanager
async def rotating(folder: Path, ledger: str, change: str, caller: str) -> AsyncGenerator[Rotation]:
    old, new = ({"CHECKOUT_LEDGER": ledger} | each for each in CHANGES[change])
    async with running_issuer() as issuer:
        authorization = issuer.settings if caller == "a JWT" else {}
        token = issuer.token() if caller == "a JWT" else None
        if caller == "a static token":
            scopes = (word for scope in Scope for word in ("--scope", scope.removeprefix("checkout:")))
            made = run_with({"CHECKOUT_SECRET_KEYS": OLD} | old, "token", "create", "support-bot", *scopes)
            [token] = re.findall(r"dcm_\S+", made.stdout)
        async with replicas(folder, old | authorization, new | authorization) as (urls, upstream):
            yield Rotation(urls, upstream, token)


@pytest.fixture(params=CALLERS)
def caller(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def ledger(request: pytest.FixtureRequest, tmp_path: Path, caller: str) -> str:
    return request.getfixturevalue("empty_url") if CALLERS[caller] == "postgres" else str(tmp_path / "ledger.db")


@pytest.mark.requirement("transport.rotation")
@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_previewed_at_one_is_sold_at_the_other(
    tmp_path: Path, ledger: str, change: str, caller: str
) -> None:
    at = 0
    async with (
        rotating(tmp_path, ledger, change, caller) as rotation,
        rotation.client(LoadBalancer(rotation.urls, lambda _count, _message: at)) as client,
    ):
        shop = Shop(client, rotation.upstream)
        for first in (0, 1):
            at = first
            preview_id = await shop.preview_id()
            at = 1 - first
            sold = await shop.call(CREATE, {"preview_id": preview_id})
            at = first
            assert await shop.call(CREATE, {"preview_id": preview_id}) == sold | {"replayed": True}
        assert len(rotation.upstream.created) == 2


@pytest.mark.requirement("transport.rotation")
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.requirement("ledger.recent_sale")
async def test_a_question_asked_by_one_is_answered_at_the_other(
    tmp_path: Path, ledger: str, change: str, caller: str
) -> None:
    async with rotating(tmp_path, ledger, change, caller) as rotation:
        for first in (0, 1):
            person = Person()

            def choose(count: int, _message: Any, first: int = first) -> int:
                return in_turn(count + first, _message)

            balancer = LoadBalancer(rotation.urls, choose)
            async with rotation.client(balancer, person) as client:
                shop = Shop(client, rotation.upstream)
                await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
            calls = [number for number, method in balancer.sent if method == "tools/call"]
            assert calls[-2] != calls[-1]
            assert (len(person.questions), len(rotation.upstream.created)) == (1, first + 1)
