"""Why the domain said no: a code, a sentence of ours, and where to mend it."""

from checkout_schemas.errors import ErrorCode, PriceChange, Problem, Retry
from checkout_server.gateway.errors import GatewayError


class CheckoutRefusal(Exception):
    """A call that was refused before, or proven to be refused by, the payment API. Nothing was created."""

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        retry: Retry,
        problems: list[Problem] | None = None,
        gateway_code: str | None = None,
        price_change: PriceChange | None = None,
    ) -> None:
        super().__init__(code)
        self.code: ErrorCode = code
        self.message = message
        self.retry: Retry = retry
        self.problems = problems or []
        self.gateway_code = gateway_code
        self.price_change = price_change


class PreviewUsedUp(Exception):
    """A request that could charge failed for certain: nothing was charged, and the preview sells nothing any more."""

    def __init__(self, error: GatewayError) -> None:
        super().__init__(error.name)
        self.error = error


def preview_required(problems: list[Problem]) -> CheckoutRefusal:
    return CheckoutRefusal(
        "preview_required",
        "A session is created from a preview: call preview_checkout first and pass its preview_id.",
        retry="new_preview",
        problems=problems,
    )


def preview_not_found() -> CheckoutRefusal:
    return CheckoutRefusal(
        "preview_not_found",
        "No such preview exists here. Call preview_checkout and use the preview_id that it returns.",
        retry="new_preview",
    )


def preview_expired() -> CheckoutRefusal:
    return CheckoutRefusal(
        "preview_expired",
        "This preview has expired and nothing was created. Call preview_checkout again for the present price.",
        retry="new_preview",
    )


def policy_denied(problems: list[Problem]) -> CheckoutRefusal:
    return CheckoutRefusal(
        "policy_denied",
        "The operator's policy does not allow this. Nothing was created.",
        retry="fix_and_retry",
        problems=problems,
    )


def too_many_creations() -> CheckoutRefusal:
    return CheckoutRefusal(
        "policy_denied",
        "The operator's policy (limits.creations_per_hour) allows no more creations this hour. Nothing was created; "
        "the preview can be used later, until it expires.",
        retry="retry_later",
    )


def price_changed(change: PriceChange) -> CheckoutRefusal:
    return CheckoutRefusal(
        "price_changed",
        "The price or its terms changed since the preview, and nothing was created. Show the buyer the new ones; "
        "when they agree, create with the fresh preview_id.",
        retry="new_preview",
        price_change=change,
    )


_WITHOUT_APPROVAL = {
    "confirm": "leave it out: the buyer then pays on the hosted page",
    "payment_method_id": "leave it out with confirm: the buyer then pays on the hosted page",
    "preview_id": "its amount is above what is sold unasked: make the order smaller, or use a client that can ask",
}


def approval_required(paths: list[str]) -> CheckoutRefusal:
    return CheckoutRefusal(
        "approval_required",
        "A person must approve this sale, and this client cannot ask one. Nothing was created.",
        retry="ask_human",
        problems=[
            Problem(path=path, problem="needs a person's approval", suggestion=_WITHOUT_APPROVAL[path])
            for path in paths
        ],
    )


def could_not_ask() -> CheckoutRefusal:
    return CheckoutRefusal(
        "approval_required",
        "A person must approve this sale, and this client failed to ask one. Nothing was created. Without confirm and "
        "payment_method_id the buyer can pay on the hosted page.",
        retry="ask_human",
    )


def approval_declined(reason: str) -> CheckoutRefusal:
    return CheckoutRefusal(
        "approval_declined",
        f"{reason} Nothing was created. Do not ask again unless the person says so; without confirm and "
        "payment_method_id the buyer can pay on the hosted page.",
        retry="do_not_retry",
    )


def outcome_unknown(*, second_attempt: bool) -> CheckoutRefusal:
    message = (
        "The request was sent and no readable answer came: a session may or may not exist. Do not report success "
        "or failure. Call get_checkout_session with this preview_id."
    )
    if second_attempt:
        message += " Nobody holds the lost checkout_url, so creating again with the same preview_id is safe too."
    return CheckoutRefusal("outcome_unknown", message, retry="retry_later" if second_attempt else "do_not_retry")


def still_in_progress() -> CheckoutRefusal:
    return CheckoutRefusal(
        "outcome_unknown",
        "Another call is creating this session right now. Call get_checkout_session with this preview_id soon.",
        retry="retry_later",
    )


def refused_for_good() -> CheckoutRefusal:
    return CheckoutRefusal(
        "gateway_refused",
        "An attempt to charge with this preview failed, and nothing was charged. The preview is used up: call "
        "preview_checkout for a new one.",
        retry="new_preview",
    )


def refused_elsewhere() -> CheckoutRefusal:
    return CheckoutRefusal(
        "gateway_refused",
        "Another call with this preview was refused by the payment API. Nothing was created.",
        retry="fix_and_retry",
    )
