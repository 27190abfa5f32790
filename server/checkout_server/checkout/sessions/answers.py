"""What the tools answer in each state of a sale.

No state is a dead end: what a model is told leads to a sale, to a clear end or to a person. A refusal by status 429 is
``REFUSED`` where the request could not charge, and ``UNKNOWN_CHARGE`` where it could.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checkout_schemas.errors import ErrorCode, Retry
from checkout_schemas.results import SessionState, SubscriptionState
from checkout_server.checkout.sessions.states import SaleState
from checkout_server.gateway.payment_answers import SubscriptionStatus


@dataclass(frozen=True, slots=True)
class Sells:
    """``create_checkout_session`` goes on to the next guard."""


@dataclass(frozen=True, slots=True)
class Replays:
    """``create_checkout_session`` with the same arguments returns the recorded session again, with the next step of
    its state. A charge without a page is not asked about before its session ends: ``STATUS_NOT_ASKED``."""


@dataclass(frozen=True, slots=True)
class Refuses:
    """``create_checkout_session`` refuses, whatever its arguments."""

    code: ErrorCode
    retry: Retry
    message: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What is told of a state."""

    status: SessionState
    """Of ``get_checkout_session``."""
    next_step: str
    """Of ``get_checkout_session``, and of a creation that returns the session again."""
    creation: Sells | Replays | Refuses | None
    """What asking for a creation again comes to; None where there is no preview to ask with."""
    has_page: bool = False
    """Whether the page is open to the buyer."""
    is_awaited: bool = False
    """Whether it can change while nobody but the buyer or the payment API does anything."""


STATUS_NOT_ASKED = "Call get_checkout_session with session_id in a few seconds for the payment's status."
"""The next step of a session that charges without a page, as it is created and as it is returned again."""
IF_IT_GOES_ON = "If it goes on, tell the operator."
"""Ends what would be tried again for ever."""
LOST = (
    "The request was sent and no readable answer came: a session may or may not exist. Do not report success or "
    "failure. "
)
NO_HARM = "Nobody holds its page, and nothing was charged by it. "
CREATE_AGAIN = (
    "Call create_checkout_session with this preview_id again: if the payment API refuses, the answer says why."
)

_NEW_PREVIEW = "Call preview_checkout for a new preview."
_IF_WANTED = "Call preview_checkout if the buyer still wants to buy."
_AFTER_TWO_TRIES = (
    "If the buyer still wants to buy, call preview_checkout in a minute. Tell the operator now that answers of the "
    "payment API get lost."
)
_GIVE_PAGE = "Give the buyer checkout_url; in a few minutes call get_checkout_session."
_OVER = f"The session ended without a payment. {_IF_WANTED}"
_EXPIRED = Refuses(
    "preview_expired",
    "new_preview",
    "This preview has expired and nothing was created. Call preview_checkout again for the present price.",
)
_BEING_CREATED = (
    "A call has begun to create this session; whether it still runs is known within 30 seconds. Call "
    "get_checkout_session with this preview_id in a few seconds."
)
_USED_UP = f"The attempt to charge failed, and nothing was charged. The preview is used up. {_NEW_PREVIEW}"
_OPERATOR_LOOKS = (
    "Whether the buyer was charged was never answered, and the session is over. Ask a person: the operator must look "
    "at the payments in the provider's dashboard before this order is sold again."
)

ANSWERS: Mapping[SaleState, Answers] = {
    SaleState.QUOTED: Answers(
        "not_created",
        "Nothing was created. Call create_checkout_session with this preview_id while the preview is valid.",
        Sells(),
    ),
    SaleState.QUOTED_EXPIRED: Answers(
        "not_created", f"Nothing was created, and the preview has expired. {_NEW_PREVIEW}", _EXPIRED
    ),
    SaleState.QUOTED_UNCHECKED: Answers(
        "unknown",
        "No sale of this preview is recorded here, but the payment API could not be asked whether there is one. Call "
        f"get_checkout_session with this preview_id again in a minute. {IF_IT_GOES_ON}",
        Sells(),
    ),
    SaleState.IN_PROGRESS: Answers(
        "in_progress", _BEING_CREATED, Refuses("outcome_unknown", "retry_later", _BEING_CREATED), is_awaited=True
    ),
    SaleState.REFUSED: Answers(
        "refused", f"The last try failed before anything was created. {CREATE_AGAIN}", Sells()
    ),
    SaleState.REFUSED_EXPIRED: Answers(
        "refused",
        f"The last try failed before anything was created, and the preview has expired. {_NEW_PREVIEW}",
        _EXPIRED,
    ),
    SaleState.REFUSED_CHARGE: Answers("refused", _USED_UP, Refuses("gateway_refused", "new_preview", _USED_UP)),
    SaleState.UNKNOWN: Answers(
        "unknown",
        f"Whether a session exists is not known. {NO_HARM}Call create_checkout_session with this preview_id again.",
        Sells(),
    ),
    SaleState.UNKNOWN_TWICE: Answers(
        "unknown",
        f"Whether a session exists is not known after two tries. {NO_HARM}{_AFTER_TWO_TRIES}",
        Refuses("outcome_unknown", "new_preview", f"{LOST}{NO_HARM}It was the second try. {_AFTER_TWO_TRIES}"),
    ),
    SaleState.UNKNOWN_EXPIRED: Answers(
        "unknown",
        f"Whether a session exists is not known, and the preview has expired. {NO_HARM}{_NEW_PREVIEW}",
        Refuses("outcome_unknown", "new_preview", f"{LOST}{NO_HARM}The preview has expired. {_NEW_PREVIEW}"),
    ),
    SaleState.UNKNOWN_OVER: Answers("expired", _OVER, Refuses("preview_expired", "new_preview", _OVER)),
    SaleState.UNKNOWN_CHARGE: Answers(
        "unknown",
        "Whether the buyer was charged is not known; no payment carries this preview so far. Call "
        "get_checkout_session again in a minute; do not sell this order again.",
        Refuses(
            "outcome_unknown",
            "do_not_retry",
            f"{LOST}Call get_checkout_session with this preview_id in a minute; do not sell this order again.",
        ),
    ),
    SaleState.UNKNOWN_CHARGE_OVER: Answers(
        "unknown", _OPERATOR_LOOKS, Refuses("outcome_unknown", "ask_human", _OPERATOR_LOOKS)
    ),
    SaleState.OPEN: Answers("open", _GIVE_PAGE, Replays(), has_page=True, is_awaited=True),
    SaleState.OPEN_ELSEWHERE: Answers(
        "open",
        "The buyer has not paid yet, on a page that this server does not know. Call get_checkout_session again in an "
        "hour. If it lasts longer than a day, ask a person who can look at the session in the provider's dashboard.",
        None,
        is_awaited=True,
    ),
    SaleState.OPEN_WITHOUT_PAGE: Answers(
        "open",
        f"The session exists, but nobody holds its page, and nothing was charged. {_NEW_PREVIEW}",
        Replays(),
    ),
    SaleState.NEEDS_BUYER: Answers(
        "open",
        f"The payment waits for the buyer, who has to confirm it on the page (3-D Secure). {_GIVE_PAGE}",
        Replays(),
        has_page=True,
        is_awaited=True,
    ),
    SaleState.CHARGE_NOT_DONE: Answers(
        "open",
        "The payment is not done; the buyer may have to confirm it with their bank, in its app or by a message (3-D "
        "Secure). Call get_checkout_session again in a minute: the session ends at expires_at.",
        Replays(),
        is_awaited=True,
    ),
    SaleState.PROCESSING: Answers(
        "processing",
        "The payment is being processed. Call get_checkout_session again in a few minutes. If it lasts longer than a "
        "day, ask a person to look at it in the provider's dashboard; do not create another session.",
        Replays(),
        is_awaited=True,
    ),
    SaleState.FAILED: Answers(
        "failed",
        "The payment failed. If the buyer still wants to buy, call preview_checkout and give them the new page only: "
        "the old one may take money until expires_at.",
        Replays(),
    ),
    SaleState.FAILED_WITHOUT_PAGE: Answers(
        "failed", f"The payment failed, and nothing was charged. {_IF_WANTED}", Replays()
    ),
    SaleState.FAILED_ELSEWHERE: Answers(
        "failed",
        "The payment failed. If the buyer still wants to buy, call preview_checkout and give them the new page only: "
        "the page of this session may still take money.",
        None,
    ),
    SaleState.CANCELLED: Answers(
        "cancelled",
        "The payment was cancelled. If the buyer still wants to buy, call preview_checkout and give them the new page "
        "only.",
        Replays(),
    ),
    SaleState.PAID: Answers("paid", "Paid. Nothing is left to do.", Replays()),
    SaleState.REFUNDED: Answers(
        "refunded", "Refunded, wholly or in part. Nothing is left to do.", Replays()
    ),
    SaleState.DISPUTED: Answers(
        "disputed",
        "Disputed; the merchant deals with it. Nothing is left to do; do not sell this order again.",
        Replays(),
    ),
    SaleState.DISPUTE_OVER: Answers(
        "disputed",
        "The buyer gets the disputed money back. Nothing is left to do; do not sell this order again.",
        Replays(),
    ),
    SaleState.EXPIRED: Answers("expired", _OVER, Refuses("preview_expired", "new_preview", _OVER)),
    SaleState.PAYMENT_NOT_KNOWN: Answers(
        "unknown",
        "The payment has a status that this server does not know. Ask a person to look at it in the provider's "
        "dashboard; do not create another session.",
        Replays(),
    ),
    SaleState.FORGOTTEN: Answers(
        "unknown",
        "The payment API does not know this session any more. Ask a person to look for its payment in the provider's "
        "dashboard; do not create another session.",
        Replays(),
    ),
}  # fmt: skip

_UNPAID_RENEWAL = (
    "Paid, but a renewal is unpaid: the buyer has to update the payment method with the merchant. Nothing else is left "
    "to do."
)
SUBSCRIPTIONS: Mapping[SubscriptionStatus, str] = {
    "failed": "Paid, but a subscription failed: tell the operator.",
    "on_hold": _UNPAID_RENEWAL,
    "past_due": _UNPAID_RENEWAL,
    "pending": (
        "Paid; a subscription is pending. Call get_checkout_session in a few minutes. If it lasts longer than a day, "
        "tell the operator."
    ),
}
"""The next step of a paid sale by the state of its subscriptions, the most pressing first; others leave nothing to do.
The states are the official SDK's (``SubscriptionStatus``)."""


def next_step_of(state: SaleState, subscriptions: Sequence[SubscriptionState] | None) -> str:
    """What ``get_checkout_session`` says to do: by the state of the sale, and of its subscriptions once it is paid."""
    if state is SaleState.PAID:
        known = {each.status for each in subscriptions or ()}
        for status, next_step in SUBSCRIPTIONS.items():
            if status in known:
                return next_step
    return ANSWERS[state].next_step
