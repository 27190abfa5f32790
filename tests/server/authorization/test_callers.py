"""Callers of one server, told apart by real tokens: what they made, how fast they may go on, and what they may do."""

import asyncio
import base64
import json
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from checkout_server.authorization.static_tokens import make_token
from checkout_server.checkout.ledger.sqlite import SqliteLedger
from checkout_server.checkout.principal import Scope
from evals.upstream import running_upstream
from issuers import EVERYTHING, JANE, JOHN, Issuer, running_issuer
from processes import server_environment
from shops import ERAS, http_server

pytestmark = pytest.mark.thorough

PREVIEW, CREATE, STATUS = "preview_checkout", "create_checkout_session", "get_checkout_session"
SELLING = "checkout:read checkout:preview checkout:create"
EBOOK, PLAN = "prod_ebook_guide", "prod_monthly_plan"
KEYS = base64.urlsafe_b64encode(b"k" * 32).decode()
INVENTED = {"preview_id": "prv_AbCdEfGhIjKlMnOp", "session_id": "cks_AbCdEfGhIjKlMnOp"}


def order(product_id: str = EBOOK, quantity: int = 1) -> dict[str, Any]:
    return {"product_cart": [{"product_id": product_id, "quantity": quantity}]}


@dataclass
class Replicas:
    """Two server processes of one ledger, which ask for tokens."""

    urls: list[str]
    issuer: Issuer
    upstream: Any
    environment: dict[str, str]
    era: str

    @asynccontextmanager
    async def caller(self, token: str, replica: int = 0) -> AsyncGenerator["Caller"]:
        headers = {"authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, trust_env=False) as http,
            Client(streamable_http_client(self.urls[replica], http_client=http), mode=ERAS[self.era]) as client,
        ):
            yield Caller(client, self.upstream)


@dataclass
class Caller:
    """Whoever holds a token."""

    client: Client
    upstream: Any

    async def call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.structured_content
        return result.structured_content or {}

    async def refusal(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.structured_content
        return (result.structured_content or {})["error"]

    async def answer(self, tool: str, arguments: dict[str, Any]) -> tuple[str, list[str]]:
        """All that a call came to, without what is another each time, and what the API was asked for it."""
        before = len(self.upstream.requests)
        result = await self.client.call_tool(tool, arguments)
        told = re.sub(r"err_[0-9a-f]{12}", "err_", result.model_dump_json(exclude={"meta"}))
        asked = [f"{method} {path}" for method, path, _ in self.upstream.requests[before:]]
        return told, [re.sub(r"cks_[\w-]+", "cks_", each) for each in asked]


@asynccontextmanager
async def replicas(folder: Path, ledger: str, era: str, policy: str = "") -> AsyncGenerator[Replicas]:
    """With a policy in which ``ISSUER`` stands for the issuer's URL."""
    async with running_issuer() as issuer, running_upstream() as upstream, AsyncExitStack() as stack:
        (folder / "policy.toml").write_text(policy.replace("ISSUER", issuer.url))
        environment = server_environment(
            folder / "ledger.db", upstream.url, CHECKOUT_POLICY=str(folder / "policy.toml"), **issuer.settings
        ) | {"CHECKOUT_LEDGER": ledger, "CHECKOUT_SECRET_KEYS": KEYS}
        starts = (stack.enter_async_context(http_server(environment, folder / name)) for name in ("one", "two"))
        yield Replicas(list(await asyncio.gather(*starts)), issuer, upstream, environment, era)


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "ledger.db") if request.param == "sqlite" else request.getfixturevalue("empty_url")


@pytest.mark.requirement("preview.owner", "authorization.tokens")
@pytest.mark.parametrize("era", ERAS)
async def test_what_a_caller_made_is_theirs_on_every_replica_and_nobody_elses(
    tmp_path: Path, ledger: str, era: str
) -> None:
    async with replicas(tmp_path, ledger, era) as run:
        tokens = {subject: run.issuer.token(SELLING, sub=subject) for subject in (JANE, JOHN)}
        async with run.caller(tokens[JANE]) as jane:
            unsold = await jane.call(PREVIEW, order())
            sold = await jane.call(PREVIEW, order())
            session = await jane.call(CREATE, {"preview_id": sold["preview_id"]})
        hers = {"preview_id": sold["preview_id"], "session_id": session["session_id"]}
        async with run.caller(tokens[JOHN]) as john:
            for name, made in hers.items():
                assert await john.answer(STATUS, {name: made}) == await john.answer(STATUS, {name: INVENTED[name]})
            for preview in (unsold, sold):
                error = await john.refusal(CREATE, {"preview_id": preview["preview_id"]})
                assert error["code"] == "preview_not_found"
        assert len(run.upstream.created) == 1
        later = run.issuer.token(EVERYTHING, sub=JANE, jti="another token of hers")
        async with run.caller(later, replica=1) as jane:
            for name, made in hers.items():
                assert (await jane.call(STATUS, {name: made}))["status"] == "open"
            again = await jane.call(CREATE, {"preview_id": sold["preview_id"]})
            assert (again["session_id"], again["replayed"]) == (session["session_id"], True)
            assert (await jane.call(CREATE, {"preview_id": unsold["preview_id"]}))["session_id"]


@pytest.mark.requirement("rate.minute")
async def test_the_rate_of_a_caller_is_counted_over_replicas_and_is_nobody_elses(tmp_path: Path, ledger: str) -> None:
    policy = "[rates]\npreviews_per_minute = 3\n"
    async with replicas(tmp_path, ledger, "2026", policy) as run, AsyncExitStack() as stack:
        tokens = (run.issuer.token(sub=subject) for subject in (JANE, JANE, JOHN, JOHN))
        callers = [
            await stack.enter_async_context(run.caller(token, number % 2)) for number, token in enumerate(tokens)
        ]
        jane, john = callers[:2], callers[2:]
        calls = (caller.client.call_tool(PREVIEW, order()) for caller in jane * 3)
        results = [result.structured_content or {} for result in await asyncio.gather(*calls)]
        codes = sorted(each["error"]["code"] if "error" in each else "quoted" for each in results)
        assert codes == ["quoted"] * 3 + ["rate_limited"] * 3
        for caller in john:
            await caller.call(PREVIEW, order())


SECTIONS = """
confirm = { list_saved_payment_methods = true, list_any_customer = true }
limits.max_quantity = 3
[principal."ISSUER|john@example.com"]
limits.max_quantity = 1
confirm = { list_saved_payment_methods = false, saved_payment_methods = false }
[scope."checkout:confirm"]
allow.products = ["prod_ebook_guide"]
"""


@pytest.mark.requirement("principal.policy", "authorization.scopes")
@pytest.mark.parametrize("era", ERAS)
async def test_a_section_holds_for_the_caller_that_it_names_and_for_who_has_its_scope(tmp_path: Path, era: str) -> None:
    async with replicas(tmp_path, str(tmp_path / "ledger.db"), era, SECTIONS) as run:
        may: dict[tuple[str, str], tuple[dict[str, bool], set[str], set[str]]] = {}
        for subject in (JANE, JOHN):
            for scope in (SELLING, EVERYTHING):
                async with run.caller(run.issuer.token(scope, sub=subject)) as caller:
                    listed = {tool.name: tool for tool in (await caller.client.list_tools()).tools}
                    fields = set(listed[CREATE].input_schema["properties"])
                    carts = {"two": order(quantity=2), "another product": order(PLAN)}
                    quoted = {
                        name: not (await caller.client.call_tool(PREVIEW, cart)).is_error
                        for name, cart in carts.items()
                    }
                    may[subject, scope] = (
                        quoted,
                        listed.keys() & {"list_saved_payment_methods"},
                        fields & {"confirm", "payment_method_id"},
                    )
    saved = {"list_saved_payment_methods"}
    assert may == {
        (JANE, SELLING): ({"two": True, "another product": True}, set(), set()),
        (JANE, EVERYTHING): ({"two": True, "another product": False}, saved, {"confirm", "payment_method_id"}),
        (JOHN, SELLING): ({"two": False, "another product": True}, set(), set()),
        (JOHN, EVERYTHING): ({"two": False, "another product": False}, set(), {"confirm"}),
    }


@pytest.mark.requirement("principal.policy", "authorization.static")
async def test_a_section_can_name_a_static_token(tmp_path: Path) -> None:
    token, stored = make_token("support-bot", [Scope.PREVIEW], now=1.0)
    path = tmp_path / "ledger.db"
    opened = await SqliteLedger.open(path)
    await opened.store_token(stored)
    await opened.close()
    policy = f'[principal."token|{stored.token_id}"]\nlimits.max_quantity = 1\n'
    async with (
        replicas(tmp_path, str(path), "2026", policy) as run,
        run.caller(token) as bot,
        run.caller(run.issuer.token()) as jane,
    ):
        assert (await bot.refusal(PREVIEW, order(quantity=2)))["code"] == "policy_denied"
        await jane.call(PREVIEW, order(quantity=2))


@pytest.mark.requirement("principal.id")
async def test_the_log_and_the_operator_know_callers_by_ids_that_name_nobody(tmp_path: Path) -> None:
    async with replicas(tmp_path, str(tmp_path / "ledger.db"), "2026") as run:
        for subject in (JANE, JOHN):
            async with run.caller(run.issuer.token(sub=subject)) as caller:
                preview = await caller.call(PREVIEW, order())
                await caller.call(CREATE, {"preview_id": preview["preview_id"]})
        sold = await sales_of(f"{run.issuer.url}|{JANE}", run.environment)
    log = (tmp_path / "one").read_text()
    assert "example.com" not in log
    lines = [json.loads(line) for line in log.splitlines() if '"tool.finished"' in line]
    ids = list(dict.fromkeys(line["principal"] for line in lines))
    assert [bool(re.fullmatch("[0-9a-f]{32}", each)) for each in ids] == [True, True]
    assert [sale["principal"] for sale in sold] == [ids[0]]


async def sales_of(principal: str, environment: dict[str, str]) -> list[dict[str, Any]]:
    """What the operator is listed of one principal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "sales", "--principal", principal, "--json",
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await process.communicate()
    return [json.loads(line) for line in out.splitlines()]
