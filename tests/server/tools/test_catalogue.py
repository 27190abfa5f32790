"""What is listed: only what the policy allows to sell, all of it, and in pages that lead somewhere."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from checkout_server.checkout.catalogue import cache
from checkout_server.checkout.catalogue.listing import PAGE_SIZE, SEARCH_PAGES, may_be_sold
from checkout_server.checkout.policy.document import Limits, Policy
from checkout_server.gateway import answers
from checkout_server.sandbox.catalogue import PRODUCTS, Cycle, Product

FILLERS = 300
"""More than three pages of a search."""


@pytest.fixture
def many_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue that a call cannot read in one page: every third product recurs, every tenth is dear."""
    for number in range(FILLERS):
        product = Product(
            id=f"prod_filler_{number}",
            name=f"Filler {'even' if number % 2 == 0 else 'odd'}",
            price=90000 if number % 10 == 0 else 500,
            cycle=Cycle() if number % 3 == 0 else None,
        )
        monkeypatch.setitem(PRODUCTS, product.id, product)


def reads(shop: Any) -> int:
    """How many pages of products the API was asked for."""
    return sum(path == "/products" for _, path, _ in shop.upstream.requests)


async def pages_of(shop: Any, **request: Any) -> AsyncGenerator[list[str]]:
    """The ids of each page, following next_page."""
    page: int | None = 1
    while page is not None:
        shop.upstream.requests.clear()
        result = await shop.call("list_products", request | {"page": page})
        assert 1 <= reads(shop) <= SEARCH_PAGES
        yield [product["product_id"] for product in result["products"]]
        page = result.get("next_page")


def sold(**wanted: Any) -> list[str]:
    """Ids of the sandbox's own list, by a filter of its own."""
    return [
        product.id
        for product in PRODUCTS.values()
        if not product.archived
        and wanted.get("word", "") in product.name.lower()
        and wanted.get("recurring") in {None, product.cycle is not None}
        and (product.currency != "USD" or product.price <= wanted.get("most", product.price))
        and ("most" not in wanted or not product.meters)
        and product.id in wanted.get("ids", {product.id})
    ]


@pytest.mark.requirement("sell.catalogue")
async def test_only_allowed_products_are_listed(open_memory_shop: Any) -> None:
    policy = '[allow]\nproducts = ["prod_ebook_guide", "prod_monthly_plan", "prod_none"]'
    async with open_memory_shop(policy=policy) as shop:
        assert await shop.call("list_products", {}) == {
            "environment": "test_mode",
            "currency": "USD",
            "products": [
                {
                    "product_id": "prod_ebook_guide",
                    "name": "E-book: the complete guide",
                    "price": 1900,
                    "display": {"price": "19.00"},
                },
                {
                    "product_id": "prod_monthly_plan",
                    "name": "Professional plan",
                    "price": 2900,
                    "interval": "1 month",
                    "display": {"price": "29.00"},
                },
            ],
        }
        assert [ids async for ids in pages_of(shop, kind="one_time")] == [["prod_ebook_guide"]]
        assert [ids async for ids in pages_of(shop, query="laptop")] == [[]]
        assert {path for _, path, _ in shop.upstream.requests} == {"/products"}


@pytest.mark.requirement("sell.catalogue")
@pytest.mark.usefixtures("many_products")
@pytest.mark.parametrize(
    ("allowed", "listed"), [([], [[]]), (["prod_123"], [["prod_123"]]), (["prod_none"], [[]])], ids=str
)
async def test_a_list_ends_where_everything_allowed_was_seen(
    open_memory_shop: Any, allowed: list[str], listed: list[list[str]]
) -> None:
    async with open_memory_shop(policy=f"[allow]\nproducts = {allowed}") as shop:
        assert [ids async for ids in pages_of(shop)] == listed
        assert reads(shop) == (4 if allowed == ["prod_none"] else 1)


@pytest.mark.requirement("sell.catalogue")
@pytest.mark.usefixtures("many_products")
async def test_an_allowed_product_is_found_however_many_are_not(open_memory_shop: Any) -> None:
    last = f"prod_filler_{FILLERS - 1}"
    async with open_memory_shop(policy=f'[allow]\nproducts = ["{last}"]') as shop:
        assert [ids async for ids in pages_of(shop)] == [[last]]


@pytest.mark.requirement("sell.catalogue")
async def test_a_search_without_an_end_says_where_to_go_on(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(600):
        monkeypatch.setitem(PRODUCTS, f"prod_f{number}", Product(id=f"prod_f{number}", name="Filler", price=1))
    async with open_memory_shop(policy='[allow]\nproducts = ["prod_f599"]') as shop:
        assert [ids async for ids in pages_of(shop)] == [[], ["prod_f599"]]


@pytest.mark.requirement("sell.catalogue")
@pytest.mark.usefixtures("many_products")
@pytest.mark.parametrize(
    ("policy", "request_", "wanted"),
    [
        ("", {}, {}),
        ("", {"kind": "subscription"}, {"recurring": True}),
        ("", {"query": "EVEN filler"}, {"word": "filler even"}),
        ("[limits]\nmax_total = { USD = 2900 }", {}, {"most": 2900}),
        ("[limits]\nmax_total = { USD = 2899 }", {"kind": "one_time"}, {"most": 2899, "recurring": False}),
        ("[limits]\nmax_total = { USD = 499 }", {"query": "filler"}, {"most": 499, "word": "filler"}),
        (
            "[limits]\nmax_total = { USD = 600 }",
            {"query": "odd", "kind": "subscription"},
            {"most": 600, "word": "odd", "recurring": True},
        ),
    ],
    ids=str,
)
async def test_pages_together_hold_every_product_once(
    open_memory_shop: Any, policy: str, request_: dict[str, Any], wanted: dict[str, Any]
) -> None:
    async with open_memory_shop(policy=policy) as shop:
        pages = [ids async for ids in pages_of(shop, **request_)]
        assert [product_id for ids in pages for product_id in ids] == sold(**wanted)
        assert all(PAGE_SIZE <= len(ids) < 2 * PAGE_SIZE for ids in pages[:-1])


@pytest.mark.requirement("sell.catalogue")
async def test_no_next_page_is_offered_when_the_rest_was_read_and_holds_nothing(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        name = "Needle" if number < PAGE_SIZE else "Hay"
        monkeypatch.setitem(PRODUCTS, f"prod_f{number}", Product(id=f"prod_f{number}", name=name, price=1))
    async with open_memory_shop() as shop:
        assert [ids async for ids in pages_of(shop, query="needle")] == [sold(word="needle")]


@pytest.mark.requirement("sell.catalogue")
@pytest.mark.usefixtures("many_products")
@pytest.mark.parametrize("policy", ["", "[limits]\nmax_total = { USD = 99999999 }"])
async def test_a_full_page_reads_no_further(open_memory_shop: Any, policy: str) -> None:
    async with open_memory_shop(policy=policy) as shop:
        assert (await shop.call("list_products", {}))["next_page"] == 2
        assert reads(shop) == 1


@pytest.mark.requirement("sell.catalogue")
async def test_a_product_in_a_currency_without_a_limit_may_be_sold_in_another(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy="[limits]\nmax_total = { USD = 1 }") as shop:
        ids = [product_id async for page in pages_of(shop) for product_id in page]
        assert {PRODUCTS[product_id].currency for product_id in ids} == {"GBP", "INR", "JPY", "KWD", "EUR"}


@pytest.mark.requirement("sell.catalogue")
@pytest.mark.parametrize(("limits", "listed"), [(Limits(), True), (Limits(max_total={"USD": 900}), False)])
def test_usage_is_not_sold_under_a_limit_that_it_could_exceed(limits: Limits, listed: bool) -> None:
    plan = {"product_id": "prod_meter", "is_recurring": True, "price": 100, "currency": "USD"}
    metered = plan | {"price_detail": {"type": "usage_based_price"}}
    assert may_be_sold(answers.Product.model_validate(metered), Policy(limits=limits)) is listed
    assert may_be_sold(answers.Product.model_validate(plan), Policy(limits=limits)) is True


PLANS = ("prod_monthly_plan", "prod_quarterly_plan", "prod_yearly_plan")


def read_plans(shop: Any) -> list[str]:
    paths = [path.rpartition("/")[2] for _, path, _ in shop.upstream.requests]
    shop.upstream.requests.clear()
    return sorted(paths)


@pytest.mark.requirement("sell.cycles")
async def test_a_billing_cycle_is_read_again_when_it_is_no_longer_trusted(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        products, gateway = shop.desk.products, shop.desk.gateway
        cycles = {"prod_monthly_plan": "1 month", "prod_quarterly_plan": "3 months", "prod_yearly_plan": "1 year"}
        expected = {  # seconds since the first reading, seconds of trust → what is read
            (0, 300): list(PLANS),
            (299, 300): [],
            (300, 300): list(PLANS),
            (300, 0): list(PLANS),
            (200, 300): list(PLANS),  # the clock jumped back
        }
        seen: dict[tuple[int, int], list[str]] = {}
        for seconds, trusted in expected:
            assert cycles == await products.find_cycles(PLANS, gateway, now=1e9 + seconds, trusted_seconds=trusted)
            seen[seconds, trusted] = read_plans(shop)
        assert seen == expected


@pytest.mark.requirement("sell.cycles")
async def test_a_cycle_that_cannot_be_read_is_the_one_before_or_none(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        products, gateway = shop.desk.products, shop.desk.gateway
        await products.find_cycles(["prod_yearly_plan"], gateway, now=0)
        shop.upstream.rewrites["/products/prod_yearly_plan"] = lambda _product: "not a product"
        wanted = ["prod_yearly_plan", "prod_none"]
        assert await products.find_cycles(wanted, gateway, now=0, trusted_seconds=0) == {"prod_yearly_plan": "1 year"}
        products.clear()
        assert await products.find_cycles(wanted, gateway, now=0) == {}


@pytest.mark.requirement("sell.cycles")
async def test_what_was_read_longest_ago_is_forgotten_first(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "CAPACITY", 2)
    async with open_memory_shop() as shop:
        products, gateway = shop.desk.products, shop.desk.gateway
        for now, plan in enumerate([*PLANS[:2], PLANS[0], PLANS[2]]):
            await products.find_cycles([plan], gateway, now=now, trusted_seconds=0)
        read_plans(shop)
        await products.find_cycles([PLANS[0], PLANS[2]], gateway, now=4)
        assert read_plans(shop) == []
        await products.find_cycles([PLANS[1]], gateway, now=4)
        assert read_plans(shop) == [PLANS[1]]
