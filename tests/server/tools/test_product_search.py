"""Products are found by the words that buyers use, and a search that finds nothing says what to do."""

from collections.abc import Generator
from typing import Any

import pytest

from checkout_server.checkout.catalogue.listing import PAGE_SIZE
from checkout_server.sandbox.catalogue import PRODUCTS, Cycle, Meter, Product
from shop_windows import selling_only

METER = Meter(id="mtr_1", name="Calls", unit="calls", price_per_unit="1", free_threshold=0)
SHOP = (
    Product(id="pdt_aB3xY9", name="Women’s Running Shoe", price=8900),
    Product(id="pdt_cD4zW8", name="Café-Crème coffee box", price=1500, description="Roasted for pâtisseries."),
    Product(id="pdt_eF5vU7", name="Team licence", price=29000, cycle=Cycle(interval="Year")),
    Product(id="pdt_gH6tS6", name="Team licence", price=2900, cycle=Cycle()),
    Product(id="pdt_iJ7rR5", name="Veg crate", price=990, cycle=Cycle(interval="Week")),
    Product(id="pdt_kL8qQ4", name="Storage", price=8100, cycle=Cycle(count=3, trial_days=14)),
    Product(id="pdt_mN9pP3", name="API access", price=0, cycle=Cycle(), meters=(METER,)),
    Product(id="pdt_oP1oO2", name="Tip jar", price=100, pay_what_you_want=True),
    Product(id="pdt_qR2nN1", name="Support hours", price=100, cycle=Cycle(count=12, trial_days=3, trial_amount=5)),
)
SHOE, COFFEE, YEARLY, MONTHLY, WEEKLY, QUARTERLY, METERED, TIP, TWELVE = (product.id for product in SHOP)
SUBSCRIPTIONS = [YEARLY, MONTHLY, WEEKLY, QUARTERLY, METERED, TWELVE]


@pytest.fixture(autouse=True)
def _small_shop() -> Generator[None]:
    with selling_only(*SHOP):
        yield


async def found(shop: Any, query: str, **request: Any) -> tuple[list[str], bool]:
    """Ids, and whether all words were matched."""
    page = await shop.call("list_products", {"query": query, **request})
    return [product["product_id"] for product in page["products"]], "next_step" not in page


FINDS: dict[str, list[str]] = {
    "womens running shoes": [SHOE],
    "WOMEN'S SHOE": [SHOE],
    "woman shoes": [SHOE],
    "cafe creme": [COFFEE],
    "café‑crème": [COFFEE],
    "coffee boxes": [COFFEE],
    "patisserie": [COFFEE],
    "team licences": [YEARLY, MONTHLY],
    "yearly": [YEARLY, TWELVE],
    "annual team licence": [YEARLY],
    "Team licence, billed annually": [YEARLY],
    "licence per year": [YEARLY],
    "a monthly licence for my team please": [MONTHLY],
    "weekly": [WEEKLY],
    "quarterly storage": [QUARTERLY],
    "every 3 months": [QUARTERLY],
    "12 months": [YEARLY, TWELVE],
    "subscriptions": SUBSCRIPTIONS,
    "one-time": [SHOE, COFFEE, TIP],
    "one_time purchase": [],
    "one time": [SHOE, COFFEE, TIP],
    "free trial": [QUARTERLY],
    "trial": [QUARTERLY, TWELVE],
    "metered": [METERED],
    "usage-based API": [METERED],
    "pay-what-you-want": [TIP],
    "pay as you go": [METERED],
    "pdt_gH6tS6": [MONTHLY],
    "gh6ts6": [MONTHLY],
    "gh6ts": [],
    "pdt": [],
    "the": [product.id for product in SHOP],
    "what do you sell": [product.id for product in SHOP],
    "!?": [product.id for product in SHOP],
}


@pytest.mark.requirement("find.words")
async def test_words_find_what_they_mean(open_memory_shop: Any, subtests: pytest.Subtests) -> None:
    async with open_memory_shop() as shop:
        for query, ids in FINDS.items():
            with subtests.test(query):
                listed, whole = await found(shop, query)
                assert (listed if whole else []) == ids


MOST = "No product has all of these words; these have the most of them; "
NEAR: dict[str, list[str]] = {
    "blue running shoe": [SHOE],
    "yearly gold licence": [YEARLY],
    "gold licence": [YEARLY, MONTHLY],
    "gold team yearly licence": [YEARLY],
    "heavy duty gold licence": [],
}


@pytest.mark.requirement("find.words")
@pytest.mark.parametrize("query", NEAR)
async def test_most_words_are_better_than_nothing(open_memory_shop: Any, query: str) -> None:
    ids = NEAR[query]
    async with open_memory_shop() as shop:
        page = await shop.call("list_products", {"query": query})
        assert [product["product_id"] for product in page["products"]] == ids
        everything = "to see everything, call list_products without query."
        assert page["next_step"] == (MOST if ids else "No product matches: ") + everything


@pytest.mark.requirement("find.words")
async def test_the_closest_are_at_most_a_page_and_on_the_first_alone(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(600):
        monkeypatch.setitem(PRODUCTS, f"pdt_f{number}", Product(id=f"pdt_f{number}", name="Filler", price=1))
    async with open_memory_shop() as shop:
        first = await shop.call("list_products", {"query": "golden filler"})
        second = await shop.call("list_products", {"query": "golden filler", "page": first["next_page"]})
        assert len(first["products"]) == PAGE_SIZE
        assert second == {
            "environment": "test_mode",
            "products": [],
            "next_step": "There are no more products: leave page out to start again.",
        }


EMPTY: dict[str, tuple[str, dict[str, Any], str]] = {
    "query": ("", {"query": "umbrella"}, "No product matches: to see everything, call list_products without query."),
    "kind": (
        '[allow]\nproducts = ["pdt_aB3xY9"]',
        {"kind": "subscription"},
        "No product matches: to see everything, call list_products without kind.",
    ),
    "query and kind": (
        "",
        {"query": "shoe", "kind": "subscription"},
        "No product matches: to see everything, call list_products without query and kind.",
    ),
    "a page past the end": ("", {"page": 9}, "There are no more products: leave page out to start again."),
    "nothing is allowed": (
        "[allow]\nproducts = []",
        {},
        "Nothing can be sold here. The merchant's operator must add products or allow them.",
    ),
}


@pytest.mark.requirement("find.words")
@pytest.mark.parametrize("case", EMPTY)
async def test_an_empty_list_says_what_to_do(open_memory_shop: Any, case: str) -> None:
    policy, request, next_step = EMPTY[case]
    async with open_memory_shop(policy=policy) as shop:
        assert await shop.call("list_products", request) == {
            "environment": "test_mode",
            "products": [],
            "next_step": next_step,
        }


@pytest.mark.requirement("find.words")
async def test_a_search_that_is_not_over_says_where_it_goes_on(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(600):
        monkeypatch.setitem(PRODUCTS, f"pdt_f{number}", Product(id=f"pdt_f{number}", name="Filler", price=1))
    async with open_memory_shop() as shop:
        page = await shop.call("list_products", {"query": "umbrella"})
        assert page["next_page"] == 26
        assert page["next_step"] == (
            "Nothing so far: call list_products with page 26, or to see everything, call list_products without query."
        )


@pytest.mark.requirement("find.special")
async def test_only_what_is_special_about_a_price_is_said(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        products = (await shop.call("list_products", {}))["products"]
        assert {each["product_id"]: each["special"] for each in products if "special" in each} == {
            QUARTERLY: "14-day free trial",
            METERED: "usage billed on top",
            TIP: "pay what you want, from price up",
            TWELVE: "3-day trial for USD 0.05",
        }
        assert all(value is not False and value not in (None, "", []) for each in products for value in each.values())
        assert [each for each in products if each["product_id"] == SHOE] == [
            {
                "product_id": SHOE,
                "name": "Women’s Running Shoe",
                "price": 8900,
                "display": {"price": "89.00"},
            }
        ]


@pytest.mark.requirement("find.special")
async def test_several_special_things_stand_in_one_line(open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Product(id="pdt_x", name="Book", price=2400, currency="EUR", tax_inclusive=True, cycle=Cycle(trial_days=7))
    monkeypatch.setitem(PRODUCTS, book.id, book)
    async with open_memory_shop() as shop:
        [listed] = (await shop.call("list_products", {"query": "book"}))["products"]
        assert listed["special"] == "7-day free trial, tax included"


@pytest.mark.requirement("find.words")
async def test_what_costs_nothing_is_found_as_free_and_what_is_metered_is_not(open_memory_shop: Any) -> None:
    free = Product(id="pdt_sT3mM1", name="Newsletter", price=0)
    with selling_only(free, *SHOP):
        async with open_memory_shop() as shop:
            assert await found(shop, "free newsletter") == ([free.id], True)
            assert METERED not in (await found(shop, "free"))[0]
