"""A session ends: its page is handed out while it is open, and never afterwards."""

from datetime import UTC, datetime
from typing import Any

import pytest

from checkout_server.checkout.sessions.life import CONFIRMED_SESSION_SECONDS, SESSION_SECONDS
from orders import CONFIRMED, TWO

CREATE, STATUS = "create_checkout_session", "get_checkout_session"
BY_EMAIL: dict[str, Any] = {"customer": {"email": "jane.doe@example.com"}, "confirm": True}
LIVES: dict[str, tuple[dict[str, Any], float]] = {"hosted": ({}, 24 * 3600.0), "confirmed": (BY_EMAIL, 15 * 60.0)}
ENDED = {
    "status": "expired",
    "next_step": "The session ended without a payment. Call preview_checkout if the buyer still wants to buy.",
}


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.requirement("session.ends")
def test_a_session_lives_a_day_and_a_confirmed_one_a_quarter_of_an_hour() -> None:
    assert (SESSION_SECONDS, CONFIRMED_SESSION_SECONDS) == (86_400.0, 900.0)


class Sale:
    """A session at a clock that is set by hand."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.now = datetime.now(UTC).timestamp()
        shop.desk.clock = lambda: self.now

    async def begin(self, rest: dict[str, Any]) -> None:
        self.began = self.now
        self.arguments = {"preview_id": await self.shop.preview_id(**TWO), **rest}
        self.session = await self.shop.call(CREATE, self.arguments)
        self.ids = {"preview_id": self.arguments["preview_id"]}, {"session_id": self.session["session_id"]}

    def pay(self, status: str | None) -> None:
        path = f"/checkouts/{self.session['session_id']}"
        self.shop.upstream.rewrites[path] = lambda answer: answer | {"payment_status": status}

    async def statuses(self) -> list[dict[str, Any]]:
        """By both ids."""
        return [await self.shop.call(STATUS, each) for each in self.ids]


@pytest.mark.requirement("session.ends")
@pytest.mark.parametrize("life", LIVES)
async def test_just_before_its_end_both_ways_of_asking_give_page_and_end(
    open_memory_shop: Any, person: Any, life: str
) -> None:
    rest, seconds = LIVES[life]
    async with open_memory_shop(person=person) as shop:
        sale = Sale(shop)
        await sale.begin(rest)
        assert 0 <= sale.began + seconds - moment(sale.session["expires_at"]) < 1
        sale.now = sale.began + seconds - 1
        sale.pay(None)
        for told in await sale.statuses():
            assert (told["status"], told["checkout_url"]) == ("open", sale.session["checkout_url"])
            assert told["expires_at"] == sale.session["expires_at"]
            assert told["next_step"].startswith("Give the buyer checkout_url")
        assert (await shop.call(CREATE, sale.arguments))["checkout_url"] == sale.session["checkout_url"]


UNPAID = (None, "failed", "cancelled", "requires_customer_action", "requires_payment_method", "requires_confirmation")


@pytest.mark.requirement("session.ends")
@pytest.mark.parametrize("life", LIVES)
async def test_from_its_end_on_an_unpaid_one_is_expired_everywhere_and_has_no_page(
    open_memory_shop: Any, person: Any, life: str
) -> None:
    rest, seconds = LIVES[life]
    async with open_memory_shop(person=person) as shop:
        sale = Sale(shop)
        await sale.begin(rest)
        sale.now = sale.began + seconds
        for status in UNPAID:
            sale.pay(status)
            for told in await sale.statuses():
                assert {name: told[name] for name in ENDED} == ENDED, status
                assert not {"checkout_url", "expires_at"} & told.keys()
            error = await shop.refusal(CREATE, sale.arguments)
            assert (error["code"], error["retry"]) == ("preview_expired", "new_preview")
            assert sale.session["checkout_url"] not in str(error)
        assert len(shop.upstream.created) == 1


SOLD: dict[str, tuple[str, str]] = {
    "succeeded": ("paid", "Nothing is left to do."),
    "processing": ("processing", "do not create another session."),
    "requires_capture": ("processing", "do not create another session."),
    "a word of next year": ("unknown", "do not create another session."),
}


@pytest.mark.requirement("session.ends")
@pytest.mark.parametrize("life", LIVES)
async def test_after_its_end_a_sale_that_took_money_is_told_as_such_and_never_sold_again(
    open_memory_shop: Any, person: Any, life: str
) -> None:
    rest, seconds = LIVES[life]
    async with open_memory_shop(person=person) as shop:
        sale = Sale(shop)
        await sale.begin(rest)
        sale.now = sale.began + seconds + 3600
        for begun in shop.upstream.sandbox.payments:
            for subscription in begun.subscriptions:
                subscription.status = "active"
        for payment, (status, says) in SOLD.items():
            sale.pay(payment.replace(" ", "_"))
            for told in await sale.statuses():
                assert (told["status"], "checkout_url" in told) == (status, False)
                assert told["next_step"].endswith(says)
            again = await shop.call(CREATE, sale.arguments)
            assert (again["session_id"], again["replayed"]) == (sale.session["session_id"], True)
            assert "checkout_url" not in again
            assert "preview_checkout" not in again["next_step"]
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("session.ends")
async def test_a_session_that_was_made_elsewhere_ends_a_day_after_it_began(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        sale = Sale(shop)
        await sale.begin({})
        path = f"/checkouts/{sale.session['session_id']}"
        shop.upstream.rewrites[path] = lambda answer: answer | {"id": "cks_elsewhere"}
        elsewhere = {"session_id": "cks_elsewhere"}
        shop.upstream.rewrites["/checkouts/cks_elsewhere"] = lambda _answer: {
            "id": "cks_elsewhere",
            "created_at": datetime.fromtimestamp(sale.began, UTC).isoformat(),
        }
        shop.upstream.statuses["/checkouts/cks_elsewhere"] = 200
        sale.now = sale.began + 86_399
        told = await shop.call(STATUS, elsewhere)
        assert told["status"] == "open"
        assert "checkout_url" not in told["next_step"]
        sale.now = sale.began + 86_401
        assert (await shop.call(STATUS, elsewhere))["status"] == "expired"


@pytest.mark.requirement("session.ends")
async def test_a_charge_that_was_answered_by_nobody_and_found_later_ends_with_its_own_life(
    open_memory_shop: Any, person: Any
) -> None:
    async with open_memory_shop(person=person) as shop:
        sale = Sale(shop)
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        arguments = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        assert (await shop.refusal(CREATE, arguments))["code"] == "outcome_unknown"
        found = await shop.call(STATUS, {"preview_id": arguments["preview_id"]})
        path = f"/checkouts/{found['session_id']}"
        shop.upstream.rewrites[path] = lambda answer: answer | {"payment_status": None}
        shop.upstream.rewrites[f"/payments/{found['payment_id']}"] = lambda payment: payment | {"status": None}
        shop.upstream.rewrites["/payments"] = lambda _page: {"items": []}
        began, by_session = sale.now, {"session_id": found["session_id"]}
        sale.now = began + 899
        assert (await shop.call(STATUS, by_session))["status"] == "open"
        sale.now = began + 901
        assert (await shop.call(STATUS, by_session))["status"] == "expired"


@pytest.mark.requirement("session.ends")
async def test_a_session_lives_from_the_answer_on_and_not_from_the_claim(open_memory_shop: Any) -> None:
    """It must not end here while the API still takes money."""
    async with open_memory_shop() as shop:
        sale = Sale(shop)
        preview_id = await shop.preview_id()
        claimed = sale.now

        async def slow() -> None:
            sale.now = claimed + 39

        shop.upstream.gates["/checkouts"] = slow
        session = await shop.call(CREATE, {"preview_id": preview_id})
        assert moment(session["expires_at"]) == int(claimed + 39) + 86_400
