"""Several processes of one ledger: any of them answers any request, and a question is answered where it can be."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from orders import CONFIRMED, TWO
from processes import server_environment
from replicas import OLD, LoadBalancer, balanced_client, in_turn, replicas
from shops import Person, Shop, http_server

pytestmark = pytest.mark.thorough

CREATE = "create_checkout_session"
ACCEPT = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}


@pytest.fixture(params=["sqlite", "postgres"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The settings of every replica: one ledger, of either kind, and one sealing key."""
    is_postgres = request.param == "postgres"
    ledger = request.getfixturevalue("empty_url") if is_postgres else str(tmp_path / "ledger.db")
    return {"CHECKOUT_LEDGER": ledger, "CHECKOUT_SECRET_KEYS": OLD}


def opening(**capabilities: Any) -> dict[str, Any]:
    about = {"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": {"name": "a", "version": "1"}}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}


def except_the_first(method: str) -> Any:
    """Leads the message of this method to the first replica, and all others to the second."""
    return lambda _count, message: int(message.get("method") != method)


@pytest.mark.requirement("transport.replicas")
@pytest.mark.parametrize("person", [None, Person()], ids=["asks nobody", "can ask"])
@pytest.mark.parametrize("era", ["2025", "2026"])
async def test_replicas_that_take_turns_sell_as_one(
    tmp_path: Path, shared: dict[str, str], era: str, person: Any
) -> None:
    async with replicas(tmp_path, shared, shared) as (urls, upstream):
        balancer = LoadBalancer(urls, in_turn)
        async with balanced_client(balancer, era, person) as client:
            shop = Shop(client, upstream)
            for _ in range(2):
                sold = await shop.call(CREATE, {"preview_id": await shop.preview_id()})
                await shop.call("list_products", {})
                assert (await shop.call("get_checkout_session", {"session_id": sold["session_id"]}))["status"] == "open"
    calls = [number for number, method in balancer.sent if method == "tools/call"]
    assert set(calls) == {0, 1}
    assert len(upstream.created) == 2


@pytest.mark.requirement("transport.replicas")
async def test_a_question_of_the_2026_era_is_answered_at_another_replica(
    tmp_path: Path, shared: dict[str, str]
) -> None:
    person, answers = Person(), 0

    def choose(_count: int, message: Any) -> int:
        nonlocal answers
        answers += "inputResponses" in json.dumps(message)
        return int("inputResponses" in json.dumps(message))

    async with (
        replicas(tmp_path, shared, shared) as (urls, upstream),
        balanced_client(LoadBalancer(urls, choose), "2026", person) as client,
    ):
        shop = Shop(client, upstream)
        sold = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
    assert sold["session_id"]
    assert (len(person.questions), answers, len(upstream.created)) == (1, 1, 1)


@pytest.mark.requirement("transport.replicas")
async def test_a_question_of_the_2025_era_works_where_the_session_stays_at_one_replica(
    tmp_path: Path, shared: dict[str, str]
) -> None:
    person = Person()
    async with (
        replicas(tmp_path, shared, shared) as (urls, upstream),
        balanced_client(LoadBalancer(urls, lambda _count, _message: 1), "2025", person) as client,
    ):
        shop = Shop(client, upstream)
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
    assert (len(person.questions), len(upstream.created)) == (1, 1)


@pytest.mark.requirement("transport.replicas")
async def test_a_2025_client_away_from_its_session_is_offered_the_hosted_page(
    tmp_path: Path, shared: dict[str, str]
) -> None:
    person = Person()
    async with (
        replicas(tmp_path, shared, shared) as (urls, upstream),
        balanced_client(LoadBalancer(urls, except_the_first("initialize")), "2025", person) as client,
    ):
        shop = Shop(client, upstream)
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        error = await shop.refusal(CREATE, sale)
        assert error["code"] == "approval_required"
        hosted = {"preview_id": sale["preview_id"], "customer": CONFIRMED["customer"]}
        assert (await shop.call(CREATE, hosted))["checkout_url"]
    assert person.questions == []


@pytest.mark.requirement("transport.replicas")
async def test_a_2025_client_goes_on_when_its_replica_was_replaced(tmp_path: Path, shared: dict[str, str]) -> None:
    urls = ["", ""]
    environment = server_environment(tmp_path / "ledger.db", None, **shared)
    restarted = 0
    balancer = LoadBalancer(urls, lambda _count, _message: restarted)
    async with http_server(environment, tmp_path / "new") as urls[1]:
        async with http_server(environment, tmp_path / "old") as urls[0]:
            client_of_both = balanced_client(balancer, "2025", Person())
            client = await client_of_both.__aenter__()
            await client.list_tools()
        restarted = 1
        assert not (await client.call_tool("list_products", {})).is_error
        await client_of_both.__aexit__(None, None, None)


@pytest.mark.requirement("transport.replicas")
async def test_only_a_client_that_can_be_asked_is_bound_to_a_session(tmp_path: Path) -> None:
    environment = server_environment(tmp_path / "ledger.db", None)
    bound = {"plainly": {}, "by form": {"form": {}}, "by form and page": {"form": {}, "url": {}}}
    async with http_server(environment, tmp_path / "errors") as url, httpx2.AsyncClient(trust_env=False) as http:

        async def session_for(**capabilities: Any) -> str | None:
            answer = await http.post(url, json=opening(**capabilities), headers=ACCEPT)
            assert answer.status_code == 200
            return answer.headers.get("mcp-session-id")

        for name, elicitation in bound.items():
            assert await session_for(elicitation=elicitation), name
        assert await session_for() is None
        assert await session_for(sampling={}) is None
        assert await session_for(elicitation={"url": {}}) is None


@pytest.mark.requirement("transport.replicas")
async def test_a_session_that_ended_is_over_and_a_stream_needs_one(tmp_path: Path) -> None:
    environment = server_environment(tmp_path / "ledger.db", None)
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    async with http_server(environment, tmp_path / "errors") as url, httpx2.AsyncClient(trust_env=False) as http:
        session = (await http.post(url, json=opening(elicitation={}), headers=ACCEPT)).headers["mcp-session-id"]
        of_session = ACCEPT | {"mcp-session-id": session}
        elsewhere = ACCEPT | {"mcp-session-id": f"{'0' * 8}-{'0' * 32}"}
        assert (await http.post(url, json=listing, headers=of_session)).status_code == 200
        assert (await http.delete(url, headers=of_session)).status_code == 200
        assert (await http.post(url, json=listing, headers=of_session)).status_code == 404
        for headers in (ACCEPT, elsewhere):
            for method in ("GET", "DELETE"):
                answer = await http.request(method, url, headers=headers)
                assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.requirement("transport.replicas")
async def test_an_answer_that_misses_the_replica_that_asked_is_told_so(tmp_path: Path) -> None:
    environment = server_environment(tmp_path / "ledger.db", None)
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"action": "accept", "content": {"decision": "hunter2"}}}
    async with http_server(environment, tmp_path / "errors") as url, httpx2.AsyncClient(trust_env=False) as http:
        elsewhere = ACCEPT | {"mcp-session-id": f"{'0' * 8}-{'0' * 32}"}
        refused = await http.post(url, json=answer, headers=elsewhere)
    assert refused.status_code == 421
    assert "Another replica asked this." in refused.json()["error"]["message"]
    lines = [json.loads(line) for line in (tmp_path / "errors").read_text().splitlines()]
    assert [line["level"] for line in lines if line["event"] == "approval.misdirected"] == ["WARNING"]
    assert "hunter2" not in (tmp_path / "errors").read_text()
