"""Replicas on one PostgreSQL whose network fails: whether a balancer may send them calls."""

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from postgres import socket_of, through
from processes import server_environment
from served import Served, running_serve
from unsteady_network import UnsteadyNetwork, unsteady_network

pytestmark = pytest.mark.thorough


def goes(network: UnsteadyNetwork) -> None:
    network.down = True
    network.cut_all()


def comes_back(network: UnsteadyNetwork) -> None:
    network.down = False


def goes_deaf(network: UnsteadyNetwork) -> None:
    network.deaf = True


def hears_again(network: UnsteadyNetwork) -> None:
    network.deaf = False


Change = Callable[[UnsteadyNetwork], None]


@pytest.mark.requirement("health.probes")
@pytest.mark.parametrize(("fail", "mend"), [(goes, comes_back), (goes_deaf, hears_again)], ids=["away", "deaf"])
async def test_replicas_are_alive_and_not_ready_until_their_database_is_back(
    fail: Change, mend: Change, empty_url: str, tmp_path: Path
) -> None:
    async with unsteady_network(socket_of(empty_url)) as network:
        url = through(network, empty_url)
        settings = server_environment(tmp_path / "none.db", None, CHECKOUT_LEDGER=url, CHECKOUT_SECRET_KEYS="ab" * 32)
        async with running_serve(settings) as one, running_serve(settings) as other:
            assert await probed(one, other, until="ok") == {200}
            fail(network)
            assert await probed(one, other, until="ledger") == {200}
            mend(network)
            assert await probed(one, other, until="ok") == {200}


async def probed(*replicas: Served, until: str) -> set[int]:
    """Ask every replica until it says this; what it answers then to whether it is alive."""
    alive: set[int] = set()
    async with httpx2.AsyncClient(trust_env=False, timeout=30) as client:
        for replica in replicas:
            base = replica.urls["mcp"].removesuffix("/mcp")
            while (answer := await client.get(f"{base}/readyz")).json() != {"status": until}:
                pass
            assert answer.status_code == (200 if until == "ok" else 503)
            alive.add((await client.get(f"{base}/healthz")).status_code)
    return alive
