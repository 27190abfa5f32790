"""Calls by which an agent tries what a policy says, and what comes of each."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import httpx2

from orders import ORDER
from shops import Person, Shop

Outcome = str
ALLOWED, ASKED = "allowed", "allowed once a person agrees"


def refused(code: str, *paths: str) -> Outcome:
    return f"{code}: {', '.join(paths)}"


def denied(*paths: str) -> Outcome:
    return refused("policy_denied", *paths)


class Situation:
    """A shop under a policy, the person behind its client, and a clock that is set manually."""

    def __init__(self, shop: Shop, person: Person) -> None:
        self.shop, self.person = shop, person
        self.now: float = shop.desk.clock()
        shop.desk.clock = lambda: self.now

    async def outcome(self, tool: str, arguments: Mapping[str, Any]) -> tuple[Outcome, Any]:
        """What became of a call, and its structured content."""
        asked = len(self.person.questions)
        result = await self.shop.client.call_tool(tool, dict(arguments))
        content = result.structured_content
        if result.is_error:
            error = content["error"]
            return refused(error["code"], *(each["path"] for each in error.get("problems", ()))), content
        return ASKED if len(self.person.questions) > asked else ALLOWED, content


Try = Callable[[Situation], Awaitable[Outcome]]


class Rule(NamedTuple):
    """A value of a key, the sentence that explains it, and what comes of calls, one after the other."""

    value: str | None
    """In TOML; None where the key is absent."""
    says: str
    tries: Sequence[tuple[Try, Outcome]]
    beside: str = ""
    """Another key, where this one counts only with it."""
    environment: str = "test_mode"


def cart(*product_ids: str, quantity: int = 1, **order: Any) -> dict[str, Any]:
    return {"product_cart": [{"product_id": each, "quantity": quantity} for each in product_ids]} | order


EBOOK = cart("prod_ebook_guide")
"""USD 19.00."""
COLLECTION = EBOOK | {"product_collection_id": "pdc_starters"}
METERED = cart("prod_metered_plan")
TRIAL = cart("prod_monthly_plan", subscription_data={"trial_period_days": 14})
"""Nothing now, USD 29.00 every month."""
EDITED: dict[str, Any] = {"feature_flags": {"allow_editing_addons": True}}


def team(seats: int) -> dict[str, Any]:
    item = {"product_id": "prod_team_plan", "quantity": 1, "addons": [{"addon_id": "addon_seat", "quantity": seats}]}
    return {"product_cart": [item]}


def in_country(country: str) -> dict[str, Any]:
    return EBOOK | {"billing_address": {"country": country}, "billing_currency": "USD"}


def quoting(order: Mapping[str, Any]) -> Try:
    async def attempt(at: Situation) -> Outcome:
        return (await at.outcome("preview_checkout", order))[0]

    return attempt


def selling(order: Mapping[str, Any], *, after: float = 0.0, answer: str = "accept", **sale: Any) -> Try:
    """Previews, and sells so many seconds later; the person, if asked, answers so."""

    async def attempt(at: Situation) -> Outcome:
        outcome, quoted = await at.outcome("preview_checkout", order)
        if outcome != ALLOWED:
            return outcome
        at.now += after
        at.person.answer = answer
        return (await at.outcome("create_checkout_session", {"preview_id": quoted["preview_id"], **sale}))[0]

    return attempt


def asking_the_price_again(after: float) -> Try:
    """Whether a sale so many seconds after its preview asks for the price again."""

    async def attempt(at: Situation) -> Outcome:
        at.shop.upstream.requests.clear()
        outcome = await selling(EBOOK, after=after)(at)
        return outcome if len(at.shop.upstream.bodies("POST", "/checkouts/preview")) == 1 else "priced again"

    return attempt


def refused_by_the_api(attempt_of_a_sale: Try) -> Try:
    async def attempt(at: Situation) -> Outcome:
        at.shop.upstream.statuses["/checkouts"] = 422
        try:
            return await attempt_of_a_sale(at)
        finally:
            del at.shop.upstream.statuses["/checkouts"]

    return attempt


def later(seconds: float, attempt: Try) -> Try:
    async def attempted(at: Situation) -> Outcome:
        at.now += seconds
        return await attempt(at)

    return attempted


def listing_methods(customer_id: str = "cus_123") -> Try:
    async def attempt(at: Situation) -> Outcome:
        return (await at.outcome("list_saved_payment_methods", {"customer_id": customer_id}))[0]

    return attempt


async def offering_the_list(at: Situation) -> Outcome:
    """Whether clients are told of list_saved_payment_methods."""
    names = [tool.name for tool in (await at.shop.client.list_tools(cache_mode="bypass")).tools]
    return ALLOWED if "list_saved_payment_methods" in names else "not offered"


def finding(product_id: str) -> Try:
    async def attempt(at: Situation) -> Outcome:
        _, page = await at.outcome("list_products", {"query": product_id})
        return ALLOWED if product_id in {row["product_id"] for row in page["products"]} else "not listed"

    return attempt


async def paid_sale(at: Situation) -> tuple[str, str]:
    """The ids of the preview and the session of a sale that has all there is to share."""
    _, quoted = await at.outcome("preview_checkout", cart("prod_license_bundle"))
    question = {"key": "size", "label": "Size", "field_type": "text"}
    sale = {"preview_id": quoted["preview_id"], "customer": {"email": "jane@example.com"}, "custom_fields": [question]}
    _, made = await at.outcome("create_checkout_session", sale)
    async with httpx2.AsyncClient(base_url=at.shop.upstream.url, trust_env=False) as browser:
        form = {"custom_size": "Large"}
        assert (await browser.post(f"/session/{made['session_id']}/pay", data=form)).status_code == 200
    return quoted["preview_id"], made["session_id"]


def reading(what: str) -> Try:
    """Whether a look at a paid sale gives this, or only says that it exists."""

    async def attempt(at: Situation) -> Outcome:
        _, session_id = await paid_sale(at)
        _, told = await at.outcome("get_checkout_session", {"session_id": session_id})
        given, withheld = what in told.get("shared", ()), what in told.get("withheld", ())
        assert given != withheld, told
        return ALLOWED if given else "withheld"

    return attempt


def keeping(days: float) -> Try:
    """Whether what became of a preview is still on record after so many days, when all is purged that may be."""

    async def attempt(at: Situation) -> Outcome:
        desk, purged = at.shop.desk, asyncio.Event()
        _, quoted = await at.outcome("preview_checkout", ORDER)
        await desk.upkeep.stop()  # what the preview has begun to purge
        purge = desk.ledger.purge

        async def observed(**what: float) -> Any:
            try:
                return await purge(**what)
            finally:
                purged.set()

        desk.ledger.purge = observed
        at.now += days * 24 * 3600
        desk.purge_when_due()
        await purged.wait()
        del desk.ledger.purge
        return "kept" if await desk.ledger.audit(quoted["preview_id"]) else "gone"

    return attempt
