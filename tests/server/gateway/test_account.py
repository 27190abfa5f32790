"""Which merchant account a key belongs to: asked of two lists, once each."""

from typing import Any

import pytest

from checkout_server.gateway import account, reading
from checkout_server.gateway.errors import NoAnswer, NotSent, RateLimited, ServerFailed
from echoing_api import FAULTS, running_echo
from faulty_upstream import FaultyUpstream, drop_before
from gateway_failures import failure_of
from shops import running_upstream

BRANDS, PRODUCTS = ("GET", "/brands"), ("GET", "/products?page_number=0&page_size=1")


def owned(*business_ids: Any) -> dict[str, Any]:
    return {"items": [{"business_id": each} for each in business_ids]}


def asked(api: Any) -> list[tuple[str, str]]:
    return [(each.method, each.target) for each in api.heard]


@pytest.mark.requirement("gateway.account")
@pytest.mark.parametrize(
    "brands",
    [owned("bus_1"), owned("bus_1", "bus_1"), owned("bus 2", "bus_1", 7, "../bus", "b" * 300)],
    ids=["one", "two of one account", "odd ones beside it"],
)
async def test_the_brands_say_it(api, gateway, brands):
    api.answers(200, brands)
    assert (await gateway.find_business_id(), asked(api)) == ("bus_1", [BRANDS])


@pytest.mark.requirement("gateway.account")
async def test_the_documented_answers_say_it(api, gateway, documents):
    api.script = [api.http(200, documents["list_brands"]), api.http(403), api.http(200, documents["list_products"])]
    assert [await gateway.find_business_id() for _ in range(2)] == ["bus_1", "bus_1"]


@pytest.mark.requirement("gateway.account")
async def test_brands_of_two_accounts_do_not_say_it(api, gateway):
    api.answers(200, owned("bus_1", "bus_2"))
    assert (await gateway.find_business_id(), asked(api)) == (None, [BRANDS])


@pytest.mark.requirement("gateway.bounds")
async def test_no_more_than_a_thousand_rows_are_looked_at(api, gateway):
    api.answers(200, owned(*["bus_1"] * reading.MOST_OWNERS, "bus_2"))
    assert await gateway.find_business_id() == "bus_1"


SILENT: dict[str, Any] = {
    "no rows": (200, owned()),
    "odd rows only": (200, owned("bus 1", None, 7)),
    "rows without it": (200, {"items": [{"brand_id": "brd_1"}, None]}),
    "another shape": (200, {"brands": []}),
    "no JSON": (200, b"<html>"),
    "400": (400, {}),
    "401": (401, {}),
    "403": (403, {"code": "UNAUTHORIZED"}),
    "404": (404, {"code": "NOT_FOUND"}),
    "405": (405, {}),
}
PASSING: dict[str, Any] = {
    "429": ((429, {}), RateLimited),
    "500": ((500, {}), ServerFailed),
    "503": ((503, {}), ServerFailed),
    "dropped": ("drop", NoAnswer),
    "no answer in time": ("hang", NoAnswer),
}


def step(api: Any, what: Any) -> Any:
    return what if isinstance(what, str) else api.http(*what)


@pytest.fixture(autouse=True)
def _short_deadline(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where an answer never comes: a busy machine answers late, too."""
    if "no answer in time" in request.node.name:
        monkeypatch.setattr(account, "DEADLINE", 1.0)


@pytest.mark.requirement("gateway.account")
@pytest.mark.parametrize("brands", SILENT.values(), ids=SILENT)
async def test_where_the_brands_do_not_say_it_a_product_does(api, gateway, waits, brands):
    api.script = [step(api, brands), api.http(200, owned("bus_1"))]
    assert (await gateway.find_business_id(), asked(api), waits) == ("bus_1", [BRANDS, PRODUCTS], [])


@pytest.mark.requirement("gateway.account")
@pytest.mark.parametrize("fault", [fault for fault, _ in PASSING.values()], ids=PASSING)
async def test_a_failure_of_the_brands_that_may_pass_is_no_matter_when_a_product_says_it(api, gateway, waits, fault):
    api.script = [step(api, fault), api.http(200, owned("bus_1"))]
    assert (await gateway.find_business_id(), asked(api), waits) == ("bus_1", [BRANDS, PRODUCTS], [])


@pytest.mark.requirement("gateway.account")
@pytest.mark.parametrize("products", [*SILENT.values(), (200, owned("bus_1", "bus_2"))], ids=[*SILENT, "two accounts"])
async def test_where_neither_says_it_nobody_does(api, gateway, products):
    api.script = [api.http(403), step(api, products)]
    assert (await gateway.find_business_id(), asked(api)) == (None, [BRANDS, PRODUCTS])


@pytest.mark.requirement("gateway.account")
@pytest.mark.parametrize("order", ["brands fail", "products fail"])
@pytest.mark.parametrize(("fault", "kind"), PASSING.values(), ids=PASSING)
async def test_a_failure_that_may_pass_is_told_when_nothing_else_said_it(api, gateway, waits, fault, kind, order):
    steps = [step(api, fault), api.http(200, owned())]
    api.script = steps if order == "brands fail" else steps[::-1]
    assert type(await failure_of(gateway.find_business_id())) is kind
    assert (asked(api), waits) == ([BRANDS, PRODUCTS], [])


@pytest.mark.requirement("gateway.account")
async def test_an_api_that_cannot_be_reached_is_told(open_gateway, unused_port):
    gateway = open_gateway(base_url=f"http://127.0.0.1:{unused_port}")
    assert type(await failure_of(gateway.find_business_id())) is NotSent


@pytest.mark.requirement("gateway.account")
async def test_rows_that_name_no_account_are_counted(api, gateway, logged):
    api.script = [api.http(200, owned(7, None)), api.http(200, owned("bus 1"))]
    assert await gateway.find_business_id() is None
    assert logged() == [
        ("gateway.rows_left_out", {"operation": "list_brands", "count": 2}),
        ("gateway.rows_left_out", {"operation": "list_products", "count": 1}),
    ]


@pytest.mark.requirement("gateway.account")
async def test_the_sandbox_says_it_and_upstreams_of_other_tests_say_it_whatever_fault_is_set(open_gateway):
    async with running_upstream() as sandbox, FaultyUpstream(drop_before).running() as faulty, running_echo() as echo:
        found = [await open_gateway(base_url=each.url).find_business_id() for each in (sandbox, faulty)]
        for echo.fault in ("", *FAULTS, "hang"):
            found.append(await open_gateway(base_url=echo.url).find_business_id())
        assert found == ["bus_sandbox"] * 2 + ["bus_echo"] * (len(FAULTS) + 2)
        assert (sandbox.requests, faulty.posts, faulty.arrived.is_set(), echo.answered) == ([], [], False, 0)
