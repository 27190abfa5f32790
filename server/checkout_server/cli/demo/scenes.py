"""The scenes of the demo: a sale as it should be, and what protects the buyer when something goes otherwise."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checkout_server.cli.demo.buyer import BUYER, pay_on_page
from checkout_server.cli.demo.by_hand import open_in_browser
from checkout_server.cli.demo.conversation import Agent, Person, UnexpectedStep
from checkout_server.cli.demo.shop import Shop, another_price
from checkout_server.cli.screen import Screen, Styled
from checkout_server.sandbox.catalogue import CUSTOMERS

WAIT_SECONDS = 20
"""Of one look at a session that somebody pays by hand; then the agent looks again."""
COURSE = "prod_premium_course"
RISEN_PRICE = 24_900
"""Minor units of USD; the course's usual price is 19,900."""
ADDRESS = {"country": "US", "state": "CA", "city": "San Francisco", "street": "1 Market St", "zipcode": "94105"}
RETURNING = {"customer": {"customer_id": "cus_123"}}
CHARGE = RETURNING | {"confirm": True, "payment_method_id": "pm_abc123"}
"""Of a customer of the sandbox with a saved card: charged at once, without a page."""


@dataclass(slots=True)
class Stage:
    """What the scenes have in common."""

    screen: Screen
    shop: Shop
    agent: Agent
    person: Person
    by_hand: bool
    """Whether somebody pays the first sale by hand, in a browser."""
    sale: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The arguments of the first creation."""
    session: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Its result."""
    number: int = 0

    def begin(self, title: str) -> None:
        self.number += 1
        self.screen.write()
        self.screen.write(Styled(f"{self.number:>2}  {title}", "heading"), hang=4)

    def tell(self, *pieces: str | Styled) -> None:
        self.screen.write(*pieces, indent=2)

    def answer(self, *pieces: str | Styled) -> None:
        self.screen.write(Styled("← ", "good"), *pieces, indent=2, hang=2)

    async def quote(self, product_id: str) -> dict[str, Any]:
        """One unit of a product, to an address in California."""
        order = {"product_cart": [{"product_id": product_id, "quantity": 1}], "billing_address": ADDRESS}
        preview = await self.agent.call("preview_checkout", order, f"1 × {product_id}")
        self.answer(f"{preview['display']['total']} is due now")
        return preview


def expect(holds: bool, sentence: str) -> None:
    """Go on only where a step came out as it should.

    Raises:
        UnexpectedStep: it did not.
    """
    if not holds:
        raise UnexpectedStep(sentence)


async def find_product(stage: Stage) -> None:
    stage.begin("The agent looks for something to sell")
    found = await stage.agent.call("list_products", {"query": "course"}, '"course"')
    products = found["products"]
    expect(any(each["product_id"] == COURSE for each in products), "the course is not among the products.")
    stage.answer("products found:")
    stage.screen.table(
        [[Styled(each["product_id"], "name"), each["display"]["price"], each["name"]] for each in products],
        right=frozenset({1}),
        indent=4,
    )


async def quote_order(stage: Stage) -> None:
    stage.begin("It quotes the order: these are the amounts that the buyer is shown")
    order = {
        "product_cart": [{"product_id": COURSE, "quantity": 2}],
        "billing_address": ADDRESS,
        "discount_codes": ["SAVE20"],
    }
    about = f"2 × {COURSE}, to California, with the code SAVE20"
    preview = await stage.agent.call("preview_checkout", order, about)
    shown = preview["display"]
    stage.answer(f"{shown['total']} is due now:")
    rows = [
        [f"{each['quantity']} × {each['name']}", *(each["display"].get(name, "") for name in _COLUMNS)]
        for each in preview["lines"]
    ]
    sums = [_number(shown.get(name, "")) for name in ("subtotal", "discount", "tax")]
    stage.screen.table(
        [
            [Styled(f"in {preview['currency']}", "quiet"), *(Styled(name, "quiet") for name in _COLUMNS)],
            *rows,
            ["together", *sums],
        ],
        right=frozenset({1, 2, 3}),
        indent=4,
    )
    expect(preview["subtotal"] - preview["discount"] + preview["tax"] == preview["total"], "the quote does not add up.")
    stage.sale = {
        "preview_id": preview["preview_id"],
        "customer": BUYER,
        "return_url": "https://shop.example.com/thanks",
    }


_COLUMNS = ("amount", "discount", "tax")


def _number(display: str) -> str:
    """An amount without its currency."""
    return display.rpartition(" ")[2]


async def create_session(stage: Stage) -> None:
    stage.begin("The buyer agrees, and the agent creates the session of this very quote")
    about = "preview_id, the buyer's name and e-mail, return_url"
    stage.session = await stage.agent.call("create_checkout_session", stage.sale, about)
    shown = stage.session["display"]["total"]
    # Not the whole address: it would be printed last, and end with the demo.
    stage.answer(f"session {stage.session['session_id']} over {shown}, with the address of its hosted page")


async def pay(stage: Stage) -> None:
    session_id, url = stage.session["session_id"], stage.session["checkout_url"]
    if stage.by_hand:
        status = await _wait_until_paid(stage, session_id, url)
    else:
        stage.begin("The buyer pays on the hosted page; here the demo does, over HTTP")
        sent = await pay_on_page(url)
        if sent is None or sent.status >= 400:
            raise UnexpectedStep("the hosted page did not take the payment.")
        stage.tell(f"The page's form, sent to {sent.action} with {', '.join(sent.fields)}: HTTP {sent.status}")
        status = await stage.agent.call("get_checkout_session", {"session_id": session_id}, session_id)
    expect(status["status"] == "paid", "the session is not paid.")
    stage.answer(Styled("paid", "good"), f", {status['paid']['currency']} {status['paid']['display']['total']}")


async def _wait_until_paid(stage: Stage, session_id: str, url: str) -> dict[str, Any]:
    """The session once it is paid; or expired, which ends the demo."""
    stage.begin("You pay on the hosted page; it stays open until it is paid, or until Ctrl-C")
    stage.tell(Styled(url, "name"))
    open_in_browser(url)
    waiting = {"session_id": session_id, "wait_seconds": WAIT_SECONDS}
    try:
        status = await stage.agent.call("get_checkout_session", waiting, f"waits for {session_id}")
        while status["status"] not in {"paid", "expired"}:
            status = await stage.agent.call("get_checkout_session", waiting)
    except asyncio.CancelledError:
        stage.tell("Nothing was paid. The page ends with this demo.")
        raise
    return status


async def change_price(stage: Stage) -> None:
    stage.begin("The price rises between the quote and the sale: nothing is sold at another price")
    preview = await stage.quote(COURSE)
    with another_price(COURSE, RISEN_PRICE):
        stage.tell("The demo raises the price of the course in the stand-in API.")
        about = "preview_id, the returning customer cus_123"
        error = await stage.agent.expect_refusal(
            "price_changed", {"preview_id": preview["preview_id"]} | RETURNING, about
        )
    change = error["price_change"]
    was, now = change["old"]["display"]["total"], change["new"]["display"]["total"]
    stage.tell(f"It was {was} and is {now}. A fresh preview_id is there to show the buyer the new amount.")


async def refuse_charge(stage: Stage) -> None:
    stage.begin("The agent wants to charge a saved card: a person is asked, and refuses")
    preview = await stage.quote("prod_ebook_guide")
    stage.person.approves = False
    await stage.agent.expect_refusal("approval_declined", {"preview_id": preview["preview_id"]} | CHARGE, _CHARGING)


async def approve_charge(stage: Stage) -> None:
    stage.begin("Another charge, which the person approves")
    preview = await stage.quote("prod_mouse")
    stage.person.approves, stage.person.reads_aloud = True, False
    arguments = {"preview_id": preview["preview_id"]} | CHARGE
    session = await stage.agent.call("create_checkout_session", arguments, _CHARGING)
    stage.answer(f"session {session['session_id']}, charged at once: {session['display']['total']}")


_CHARGING = "preview_id, cus_123, payment_method_id, confirm"


async def lose_answer(stage: Stage) -> None:
    stage.begin("An answer is lost after a charge: nothing is charged twice, and the sale is found")
    preview = await stage.quote("prod_warranty")
    stage.shop.network.loses_next_creation = True
    before = len(stage.shop.sandbox.sessions)
    by_preview = {"preview_id": preview["preview_id"]}
    await stage.agent.expect_refusal("outcome_unknown", by_preview | CHARGE, _CHARGING)
    stage.tell("The demo's network cut the connection once the stand-in API had charged the card.")
    found = await stage.agent.call("get_checkout_session", by_preview, "the same preview_id")
    expect(found["status"] == "paid", "the sale whose answer was lost was not found.")
    expect(len(stage.shop.sandbox.sessions) == before + 1, "the stand-in API made another number of sessions than one.")
    stage.answer(Styled("paid", "good"), f", session {found['session_id']}, which was found among the payments")


async def replay(stage: Stage) -> None:
    stage.begin("The agent repeats its first creation: the same session comes back")
    again = await stage.agent.call("create_checkout_session", stage.sale, "the same arguments")
    expect(again["session_id"] == stage.session["session_id"], "the repeated creation made another session.")
    expect(again.get("replayed") is True, "the repeated creation does not say that it is one.")
    made = len(stage.shop.sandbox.sessions)
    stage.answer(f"session {again['session_id']}, replayed; in all {made} sessions exist, one for each sale")


async def read_log(stage: Stage) -> None:
    stage.begin("What the server wrote into its log of that sale")
    text = stage.shop.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    session_id = stage.session["session_id"]
    calls = [each for each in lines if _is_creation(each) and each.get("session_id") == session_id]
    expect(bool(calls), "the log has no line about the sale.")
    stage.tell(Styled(json.dumps(calls[0], ensure_ascii=False), "quiet"))
    known = CUSTOMERS[RETURNING["customer"]["customer_id"]]
    personal = [BUYER["email"], *BUYER["name"].split(), known.email, *known.name.split()]
    expect(not any(each.casefold() in text.casefold() for each in personal), "the log names a buyer.")
    stage.tell(f"The log has {len(lines)} lines. None has a buyer's name or e-mail address.")


def _is_creation(line: Mapping[str, Any]) -> bool:
    return (line["event"], line.get("tool")) == ("tool.finished", "create_checkout_session")


SCENES = (
    find_product,
    quote_order,
    create_session,
    pay,
    change_price,
    refuse_charge,
    approve_charge,
    lose_answer,
    replay,
    read_log,
)
