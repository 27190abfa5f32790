"""What each status of a payment becomes, with a page that the buyer can be given and without one."""

from typing import Any, NamedTuple, get_args

import pytest
from dodopayments.types import IntentStatus

from orders import CONFIRMED, HOSTED, ORDER

CREATE, STATUS = "create_checkout_session", "get_checkout_session"


class Told(NamedTuple):
    """What a look tells."""

    status: str
    next_step: str
    has_page: bool = False
    ends: bool = False
    """Whether it says when the session ends."""
    is_repeated: bool = False
    """Whether the API's own word stands beside ours."""


GIVE_PAGE = "Give the buyer checkout_url; in a few minutes call get_checkout_session."
PAID = Told("paid", "Paid. Nothing is left to do.")
PROCESSING = Told(
    "processing",
    "The payment is being processed. Call get_checkout_session again in a few minutes. If it lasts longer than a day, "
    "ask a person to look at it in the provider's dashboard; do not create another session.",
)
NOT_YET = PROCESSING._replace(is_repeated=True)
OPEN = Told("open", GIVE_PAGE, has_page=True, ends=True, is_repeated=True)
AT_THE_BANK = OPEN._replace(
    next_step=f"The payment waits for the buyer, who has to confirm it on the page (3-D Secure). {GIVE_PAGE}"
)
NOT_DONE = Told(
    "open",
    "The payment is not done; the buyer may have to confirm it with their bank, in its app or by a message (3-D "
    "Secure). Call get_checkout_session again in a minute: the session ends at expires_at.",
    ends=True,
    is_repeated=True,
)
FAILED = Told(
    "failed",
    "The payment failed. If the buyer still wants to buy, call preview_checkout and give them the new page only: the "
    "old one may take money until expires_at.",
    ends=True,
)
FAILED_CHARGE = Told(
    "failed",
    "The payment failed, and nothing was charged. Call preview_checkout if the buyer still wants to buy.",
    ends=True,
)
CANCELLED = Told(
    "cancelled",
    "The payment was cancelled. If the buyer still wants to buy, call preview_checkout and give them the new page "
    "only.",
)

STATUSES: dict[str, tuple[Told, Told]] = {
    "succeeded": (PAID, PAID),
    "failed": (FAILED, FAILED_CHARGE),
    "cancelled": (CANCELLED, CANCELLED),
    "processing": (PROCESSING, PROCESSING),
    "requires_customer_action": (AT_THE_BANK, NOT_DONE),
    "requires_merchant_action": (NOT_YET, NOT_YET),
    "requires_payment_method": (OPEN, NOT_DONE),
    "requires_confirmation": (OPEN, NOT_DONE),
    "requires_capture": (NOT_YET, NOT_YET),
    "partially_captured": (NOT_YET, NOT_YET),
    "partially_captured_and_capturable": (NOT_YET, NOT_YET),
}
"""With a page and without."""


@pytest.mark.requirement("sell.status")
def test_every_status_of_the_sdk_has_its_answer() -> None:
    assert list(STATUSES) == list(get_args(IntentStatus))


def told_of(answer: dict[str, Any], payment_status: str) -> Told:
    assert answer.get("payment_status") in {None, payment_status}
    return Told(
        answer["status"],
        answer["next_step"],
        has_page="checkout_url" in answer,
        ends="expires_at" in answer,
        is_repeated="payment_status" in answer,
    )


async def pending(shop: Any, sale: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """The arguments of a sale, its session and its payment, which is begun."""
    preview = await shop.call("preview_checkout", ORDER)
    arguments = {"preview_id": preview["preview_id"], **sale}
    session = await shop.call(CREATE, arguments)
    sandbox = shop.upstream.sandbox
    return arguments, session, sandbox.pay(sandbox.sessions[session["session_id"]], "requires_payment_method")


@pytest.mark.requirement("sell.status")
@pytest.mark.parametrize(("place", "sale"), [(0, HOSTED), (1, CONFIRMED)], ids=["with a page", "without a page"])
async def test_a_status_is_told_by_both_ids_and_by_a_repeated_creation(
    open_memory_shop: Any, person: Any, subtests: pytest.Subtests, place: int, sale: dict[str, Any]
) -> None:
    async with open_memory_shop(person=person) as shop:
        arguments, session, payment = await pending(shop, sale)
        for subscription in payment.subscriptions:
            subscription.status = "active"
        for status, answers in STATUSES.items():
            with subtests.test(status):
                payment.status = status
                for asked in ({"session_id": session["session_id"]}, {"preview_id": arguments["preview_id"]}):
                    answer = await shop.call(STATUS, asked)
                    assert told_of(answer, status) == answers[place]
                    assert answer["payment_id"] == payment.id
                again = await shop.call(CREATE, arguments)
                assert (again["replayed"], again["session_id"]) == (True, session["session_id"])
                assert ("checkout_url" in again) == answers[place].has_page
                charges = "Call get_checkout_session with session_id in a few seconds for the payment's status."
                assert again["next_step"] == (charges if place else answers[place].next_step)
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("sell.status")
async def test_the_page_of_a_failed_payment_is_given_to_nobody_and_still_counts_when_it_is_paid(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop() as shop:
        arguments, session, payment = await pending(shop, HOSTED)
        payment.status = "failed"
        answers = [await shop.call(STATUS, {"session_id": session["session_id"]}), await shop.call(CREATE, arguments)]
        assert session["checkout_url"] not in str(answers)
        assert answers[0]["expires_at"] == session["expires_at"]
        preview = await shop.call("preview_checkout", ORDER)
        second = await shop.call(CREATE, {"preview_id": preview["preview_id"], **HOSTED})
        [warning] = [each for each in second["warnings"] if each.startswith("Another session")]
        assert warning == (
            "Another session for this buyer, with a product of this order, is unpaid, and its page may take money "
            f"until {session['expires_at']}: give them this page only."
        )
        sandbox = shop.upstream.sandbox
        sandbox.pay(sandbox.sessions[session["session_id"]], "succeeded")
        assert (await shop.call(STATUS, {"session_id": session["session_id"]}))["status"] == "paid"


@pytest.mark.requirement("sell.status", "once.lookup")
async def test_a_payment_that_names_no_session_is_told_by_its_status_and_sold_no_second_time(
    open_memory_shop: Any, person: Any, subtests: pytest.Subtests
) -> None:
    async with open_memory_shop(person=person) as shop:
        preview = await shop.call("preview_checkout", ORDER)
        arguments = {"preview_id": preview["preview_id"], **CONFIRMED}
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        assert (await shop.refusal(CREATE, arguments))["code"] == "outcome_unknown"
        [payment] = shop.upstream.sandbox.payments
        without = {"checkout_session_id": None}
        shop.upstream.rewrites["/payments"] = lambda page: {"items": [row | without for row in page["items"]]}
        shop.upstream.rewrites[f"/payments/{payment.id}"] = lambda answer: answer | without
        for status, (_, told) in STATUSES.items():
            with subtests.test(status):
                payment.status = status
                answer = await shop.call(STATUS, {"preview_id": preview["preview_id"]})
                assert (told_of(answer, status), answer["payment_id"]) == (told, payment.id)
                assert "session_id" not in answer
                error = await shop.refusal(CREATE, arguments)
                assert (error["code"], error["retry"]) == ("outcome_unknown", "do_not_retry")
        assert len(shop.upstream.created) == 1
