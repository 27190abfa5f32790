"""What the tools answer in each state of a sale.

No state is a dead end: what a model is told leads to a sale, to a clear end or to a person. A refusal by status 429 is
``REFUSED`` where the request could not charge, and ``UNKNOWN_CHARGE`` where it could.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from checkout_schemas.errors import ErrorCode, Retry
from checkout_schemas.results import SessionState
from checkout_server.checkout.sessions.states import SaleState


@dataclass(frozen=True, slots=True)
class Sells:
    """``create_checkout_session`` goes on to the next guard."""


@dataclass(frozen=True, slots=True)
class Replays:
    """``create_checkout_session`` with the same arguments returns the recorded session again."""

    next_step: str


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
    """Of ``get_checkout_session``."""
    creation: Sells | Replays | Refuses | None
    """What asking for a creation again comes to; None where there is no preview to ask with."""
    has_page: bool = False
    """Whether the page is open to the buyer."""


_LOST = (
    "The request was sent and no readable answer came: a session may or may not exist. Do not report success or "
    "failure. "
)
_NOBODY_HOLDS_IT = "Whether a session exists is not known, but nobody holds its page and nothing was charged by it"
_NEW_PREVIEW = "Call preview_checkout for a new preview."
_EXPIRED = Refuses(
    "preview_expired",
    "new_preview",
    "This preview has expired and nothing was created. Call preview_checkout again for the present price.",
)
_OVER = "The session ended without a payment. Call preview_checkout if the buyer still wants to buy."
_WAIT = "Call get_checkout_session again later; do not create another session."

ANSWERS: Mapping[SaleState, Answers] = {
    SaleState.QUOTED: Answers(
        "not_created",
        "Nothing was created. Call create_checkout_session with this preview_id while the preview is valid.",
        Sells(),
    ),
    SaleState.QUOTED_EXPIRED: Answers(
        "not_created", f"Nothing was created, and the preview has expired. {_NEW_PREVIEW}", _EXPIRED
    ),
    SaleState.IN_PROGRESS: Answers(
        "in_progress",
        "The session is being created. Call get_checkout_session again in a few seconds.",
        Refuses(
            "outcome_unknown",
            "retry_later",
            "Another call is creating this session right now. Call get_checkout_session with this preview_id soon.",
        ),
    ),
    SaleState.REFUSED: Answers(
        "refused",
        "The payment API refused, and nothing was created. Call create_checkout_session with this preview_id again "
        "once the cause is mended, or call preview_checkout for a new preview.",
        Sells(),
    ),
    SaleState.REFUSED_EXPIRED: Answers(
        "refused",
        f"The payment API refused, nothing was created, and the preview has expired. {_NEW_PREVIEW}",
        _EXPIRED,
    ),
    SaleState.REFUSED_CHARGE: Answers(
        "refused",
        f"The charge was refused, and nothing was charged. The preview is used up. {_NEW_PREVIEW}",
        Refuses(
            "gateway_refused",
            "new_preview",
            "An attempt to charge with this preview failed, and nothing was charged. The preview is used up: call "
            "preview_checkout for a new one.",
        ),
    ),
    SaleState.UNKNOWN: Answers(
        "unknown",
        f"{_NOBODY_HOLDS_IT}. Call create_checkout_session with this preview_id again.",
        Sells(),
    ),
    SaleState.UNKNOWN_EXPIRED: Answers(
        "unknown",
        f"{_NOBODY_HOLDS_IT}. {_NEW_PREVIEW}",
        Refuses(
            "outcome_unknown",
            "new_preview",
            f"{_LOST}Nobody holds its page and nothing was charged by it, and the preview has expired: call "
            "preview_checkout for a new one.",
        ),
    ),
    SaleState.UNKNOWN_OVER: Answers("expired", _OVER, _EXPIRED),
    SaleState.UNKNOWN_CHARGE: Answers(
        "unknown",
        "Whether the buyer was charged is not known; no payment carries this preview so far. Call "
        "get_checkout_session again in a minute; do not sell this order again.",
        Refuses(
            "outcome_unknown",
            "do_not_retry",
            f"{_LOST}Call get_checkout_session with this preview_id; do not sell this order again.",
        ),
    ),
    SaleState.UNKNOWN_CHARGE_OVER: Answers(
        "unknown",
        "No payment carries this preview, and its session is over. Ask a person: the operator must look at the "
        "payments in the provider's dashboard before this order is sold again.",
        Refuses(
            "outcome_unknown",
            "ask_human",
            "Whether the buyer was charged was never answered, and the session is over. Ask a person: the operator "
            "must look at the payments in the provider's dashboard before this order is sold again.",
        ),
    ),
    SaleState.CHARGING: Answers(
        "open",
        "Call get_checkout_session with session_id for the payment's status.",
        Replays("Call get_checkout_session with session_id for the payment's status."),
    ),
    SaleState.OPEN: Answers(
        "open",
        "The buyer has not paid yet. Give them checkout_url, and call get_checkout_session again later.",
        Replays(
            "Give the buyer checkout_url to pay. Then call get_checkout_session with session_id to see whether they "
            "did."
        ),
        has_page=True,
    ),
    SaleState.OPEN_ELSEWHERE: Answers(
        "open",
        "The buyer has not paid yet, on a page that this server does not know. Call get_checkout_session again later.",
        None,
    ),
    SaleState.OPEN_WITHOUT_PAGE: Answers(
        "open",
        "The session exists, but nobody holds its page, and nothing was charged. Call preview_checkout for a new "
        "preview.",
        Replays(
            "The session exists, but nobody holds its page, and nothing was charged. Call preview_checkout for a new "
            "preview."
        ),
    ),
    SaleState.NEEDS_BUYER: Answers(
        "open",
        "The payment waits for the buyer, for example for 3-D Secure. Give them checkout_url, and call "
        "get_checkout_session again later.",
        Replays("The payment waits for the buyer. Give them checkout_url, and call get_checkout_session later."),
        has_page=True,
    ),
    SaleState.CHARGE_NOT_DONE: Answers(
        "open",
        "The payment is not done; it may wait for the buyer's bank, for example for 3-D Secure. Call "
        "get_checkout_session again later: the session ends at expires_at.",
        Replays("The payment is not done. Call get_checkout_session with session_id later."),
    ),
    SaleState.PROCESSING: Answers(
        "processing", f"The payment is being processed. {_WAIT}", Replays(f"The payment is being processed. {_WAIT}")
    ),
    SaleState.FAILED: Answers(
        "failed",
        "The payment failed. The buyer can try again at checkout_url until expires_at; or call preview_checkout for a "
        "new preview.",
        Replays("The payment failed. The buyer can try again at checkout_url until expires_at."),
        has_page=True,
    ),
    SaleState.FAILED_WITHOUT_PAGE: Answers(
        "failed",
        f"The payment failed, and nothing was charged. {_NEW_PREVIEW}",
        Replays(f"The payment failed, and nothing was charged. {_NEW_PREVIEW}"),
    ),
    SaleState.CANCELLED: Answers(
        "cancelled",
        "The payment was cancelled. Call preview_checkout if the buyer wants to go on.",
        Replays("The payment was cancelled. Call preview_checkout if the buyer wants to go on."),
    ),
    SaleState.PAID: Answers(
        "paid",
        "The payment succeeded. Nothing is left to do.",
        Replays("The payment succeeded. Nothing is left to do."),
    ),
    SaleState.REFUNDED: Answers(
        "refunded",
        "The payment succeeded and was refunded, in whole or in part. Nothing is left to do.",
        Replays("The payment succeeded and was refunded, in whole or in part. Nothing is left to do."),
    ),
    SaleState.EXPIRED: Answers("expired", _OVER, _EXPIRED),
    SaleState.PAYMENT_NOT_KNOWN: Answers(
        "unknown",
        "The payment has a status that this server does not know. Ask a person to look at it in the provider's "
        "dashboard; do not create another session.",
        Replays(
            "The payment has a status that this server does not know. Ask a person to look at it in the provider's "
            "dashboard."
        ),
    ),
}  # fmt: skip
