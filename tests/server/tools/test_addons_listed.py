"""Add-ons and names in the buyer's language, read beside the list: bounded, remembered, and never in its way."""

import asyncio
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from checkout_server.checkout.catalogue import addons
from checkout_server.sandbox import catalogue
from checkout_server.sandbox.catalogue import Cycle, Product
from shop_windows import selling_only

TEAM = {"query": "prod_team_plan"}
SEAT = {"addon_id": "addon_seat", "name": "Extra seat", "price": 900, "display": {"price": "9.00"}}
SUPPORT = {"addon_id": "addon_support", "name": "Priority support", "price": 2500, "display": {"price": "25.00"}}


async def addons_of(shop: Any, **request: Any) -> list[dict[str, Any]] | None:
    [product] = (await shop.call("list_products", TEAM | request))["products"]
    return product.get("addons")


def reads(shop: Any) -> Counter[str]:
    paths = Counter(path for _, path, _ in shop.upstream.requests)
    shop.upstream.requests.clear()
    return paths


@pytest.mark.requirement("find.addons")
async def test_a_subscription_lists_its_addons_over_any_transport(open_shop: Any) -> None:
    async with open_shop() as shop:
        assert await shop.call("list_products", TEAM) == {
            "environment": "test_mode",
            "currency": "USD",
            "products": [
                {
                    "product_id": "prod_team_plan",
                    "name": "Team plan with add-ons",
                    "price": 4900,
                    "interval": "1 month",
                    "addons": [SEAT, SUPPORT],
                    "display": {"price": "49.00"},
                }
            ],
        }


@pytest.mark.requirement("find.locale")
async def test_names_are_in_the_buyers_language_where_there_are_any(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        for locale in ("fr", "fr-CA", "fr_FR"):
            [product] = (await shop.call("list_products", {"query": "equipe abonnement", "locale": locale}))["products"]
            assert (product["name"], [each["name"] for each in product["addons"]]) == (
                "Abonnement d’équipe avec options",
                ["Place supplémentaire", "Assistance prioritaire"],
            )
        german = (await shop.call("list_products", TEAM | {"locale": "de"}))["products"][0]
        unknown = (await shop.call("list_products", TEAM | {"locale": "xx"}))["products"][0]
        assert (german["name"], german["addons"]) == ("Teamtarif mit Zusatzleistungen", [SEAT, SUPPORT])
        assert (unknown["name"], unknown["addons"]) == ("Team plan with add-ons", [SEAT, SUPPORT])


@pytest.mark.requirement("find.locale")
async def test_a_locale_that_is_none_is_refused_before_anything_is_sent(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        error = await shop.refusal("list_products", {"locale": "French, please"})
        assert [(each["path"], each["suggestion"]) for each in error["problems"]] == [
            ("locale", "use a locale code such as fr or pt-BR, or leave it out")
        ]
        assert shop.upstream.requests == []


@pytest.mark.requirement("find.addons")
async def test_addons_are_remembered_for_a_while(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        now = shop.desk.clock()
        seen: dict[float, Counter[str]] = {}
        for seconds in (0, addons.TRUSTED_SECONDS - 1, addons.TRUSTED_SECONDS, 10):  # at last, the clock jumped back
            shop.desk.clock = lambda moment=now + seconds: moment
            assert await addons_of(shop) == [SEAT, SUPPORT]
            seen[seconds] = reads(shop)
        read = Counter({"/products": 1, "/addons": 1, "/products/prod_team_plan": 1})
        remembered = Counter({"/products": 1})
        assert list(seen.values()) == [read, remembered, read, read]


@pytest.mark.requirement("find.addons")
async def test_a_merchant_without_addons_costs_one_request_more(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "ADDONS", {})
    async with open_memory_shop() as shop:
        shop.upstream.rewrites["/addons"] = lambda page: page | {"items": []}
        assert await addons_of(shop) is None
        assert reads(shop) == Counter({"/products": 1, "/addons": 1})


@pytest.mark.requirement("find.addons")
@pytest.mark.parametrize("query", ["prod_123", "prod_metered_plan"])
async def test_what_takes_no_addons_is_not_asked_about(open_memory_shop: Any, query: str) -> None:
    async with open_memory_shop() as shop:
        await shop.call("list_products", {"query": query})
        assert reads(shop) == Counter({"/products": 1})


UNREADABLE: dict[str, tuple[str, Any, list[dict[str, Any]] | None]] = {
    "the API's list of add-ons": ("/addons", 400, [{"addon_id": "addon_seat"}, {"addon_id": "addon_support"}]),
    "the product": ("/products/prod_team_plan", 404, None),
    "an odd add-on": (
        "/addons",
        lambda page: {"items": [None, page["items"][1]]},
        [{"addon_id": "addon_seat"}, SUPPORT],
    ),
    "another currency": (
        "/addons",
        lambda page: {"items": [page["items"][0] | {"currency": "JPY"}, page["items"][1] | {"price": None}]},
        [
            SEAT | {"currency": "JPY", "display": {"price": "900"}},
            {"addon_id": "addon_support", "name": "Priority support"},
        ],
    ),
    "a name that is none": (
        "/addons",
        lambda page: {"items": [page["items"][0] | {"name": "\u202eSeat\n\u200b"}, page["items"][1]]},
        [SEAT | {"name": "Seat"}, SUPPORT],
    ),
}


@pytest.mark.requirement("find.addons")
@pytest.mark.parametrize("case", UNREADABLE)
async def test_what_cannot_be_read_of_addons_is_left_out(open_memory_shop: Any, case: str) -> None:
    path, change, listed = UNREADABLE[case]
    async with open_memory_shop() as shop:
        if isinstance(change, int):
            shop.upstream.statuses[path] = change
        else:
            shop.upstream.rewrites[path] = change
        assert await addons_of(shop) == listed


@pytest.mark.requirement("find.addons")
@pytest.mark.parametrize("path", ["/addons", "/products/prod_team_plan"])
async def test_a_list_does_not_wait_for_addons(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(addons, "READ_SECONDS", 0.2)
    released = asyncio.Event()
    async with open_memory_shop() as shop:
        shop.upstream.gates[path] = released.wait
        async with asyncio.timeout(10):  # well before the gateway itself gives up
            assert await addons_of(shop) is None
        released.set()
        monkeypatch.setattr(addons, "READ_SECONDS", 30.0)
        assert await addons_of(shop) == [SEAT, SUPPORT]


@pytest.fixture
def many_plans() -> Generator[None]:
    plans = (Product(id=f"pdt_{n}", name="Plan", price=100, cycle=Cycle(), addons=("addon_seat",)) for n in range(60))
    with selling_only(*plans):
        yield


@pytest.mark.requirement("find.addons")
@pytest.mark.usefixtures("many_plans")
async def test_no_more_than_so_many_products_are_asked_about_at_once_and_in_all(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addons, "MOST_PRODUCTS", 15)
    asking, most = 0, 0

    async with open_memory_shop() as shop:

        async def count() -> None:
            nonlocal asking, most
            asking += 1
            most = max(most, asking)
            await asyncio.sleep(0)
            asking -= 1

        shop.upstream.gates |= {f"/products/pdt_{number}": count for number in range(60)}
        products = (await shop.call("list_products", {}))["products"]
        assert [each.get("addons") for each in products] == [[SEAT]] * 15 + [None] * 5
        assert reads(shop).total() == 1 + 1 + 15
        assert most <= addons.PRODUCTS_AT_ONCE


@pytest.mark.requirement("find.addons")
@pytest.mark.usefixtures("many_plans")
async def test_what_was_read_longest_ago_is_forgotten_first(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addons, "MOST_PRODUCTS_KEPT", 2)
    monkeypatch.setattr(addons, "MOST_LOCALES_KEPT", 1)
    async with open_memory_shop() as shop:
        for query in ("pdt_1", "pdt_2", "pdt_3", "pdt_1"):
            await shop.call("list_products", {"query": query})
        assert [reads(shop)[f"/products/pdt_{number}"] for number in (1,)] == [2]
        await shop.call("list_products", {"query": "pdt_3"})
        await shop.call("list_products", {"query": "pdt_3", "locale": "fr"})
        await shop.call("list_products", {"query": "pdt_3"})
        assert reads(shop) == Counter({"/products": 3, "/addons": 2})
