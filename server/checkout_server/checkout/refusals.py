"""Why the domain said no: a code, a sentence of ours, and where to mend it."""

import re
from collections.abc import Sequence

from checkout_schemas.errors import ErrorCode, PriceChange, Problem, Retry
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.checkout.policy.denial import Denial
from checkout_server.checkout.sessions.answers import ANSWERS, CREATE_AGAIN, IF_IT_GOES_ON, LOST, NO_HARM, Refuses
from checkout_server.checkout.sessions.states import SaleState
from checkout_server.gateway.errors import GatewayError
from checkout_server.privacy.vocabulary.fields import PolicyRule


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
        rules: Sequence[PolicyRule] = (),
    ) -> None:
        super().__init__(code)
        self.code: ErrorCode = code
        self.message = message
        self.retry: Retry = retry
        self.problems = problems or []
        self.gateway_code = gateway_code
        self.price_change = price_change
        self.rules = list(dict.fromkeys(rules))
        """The policy's keys that denied the call."""


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


def unchecked() -> CheckoutRefusal:
    """The ledger takes the preview for unsold and its time is over, but the payments list could not be asked."""
    return CheckoutRefusal("outcome_unknown", ANSWERS[SaleState.QUOTED_UNCHECKED].next_step, retry="retry_later")


def refused_in(state: SaleState) -> CheckoutRefusal:
    """What asking for a creation is refused with in this state."""
    told = ANSWERS[state].creation
    if not isinstance(told, Refuses):
        raise TypeError(f"{state} refuses no creation")
    return CheckoutRefusal(told.code, told.message, retry=told.retry)


_THE_BUYERS_TO_DECIDE = re.compile(
    r"billing_address\.country|discount_code|discount_codes\[\d+\]|product_cart(.*\.quantity)?"
)
"""What a buyer said: no model may change it to get past a policy. The cart as a whole stands for what it costs."""


def is_of_order(path: str | None) -> bool:
    """Whether a field belongs to the order, which only a new preview can change."""
    return path is not None and path.partition(".")[0].partition("[")[0] in PreviewCheckout.model_fields


def policy_denied(problems: Sequence[Denial], *, at_creation: bool) -> CheckoutRefusal:
    """The operator's policy forbids the call.

    Args:
        problems: what is forbidden, by field.
        at_creation: whether a session was asked for, whose order only a new preview can change.
    """
    paths = [problem.path for problem in problems]
    retry: Retry = "fix_and_retry"
    if any(_THE_BUYERS_TO_DECIDE.fullmatch(path) for path in paths):
        retry = "ask_human"
    elif at_creation and any(is_of_order(path) for path in paths):
        retry = "new_preview"
    return CheckoutRefusal(
        "policy_denied",
        "The operator's policy does not allow this. Nothing was created.",
        retry=retry,
        problems=list(problems),
        rules=[problem.rule for problem in problems],
    )


def cart_refused(problems: list[Problem], gateway_code: str | None, *, retry: Retry) -> CheckoutRefusal:
    """The payment API refused rows of the cart, which were found."""
    return CheckoutRefusal(
        "gateway_refused",
        "The payment API refused what product_cart names. Nothing was created.",
        retry=retry,
        problems=problems,
        gateway_code=gateway_code,
    )


def too_many_creations() -> CheckoutRefusal:
    return CheckoutRefusal(
        "policy_denied",
        "The operator's policy (limits.creations_per_hour) allows no more creations this hour. Nothing was created; "
        "the preview can be used later, until it expires.",
        retry="retry_later",
        rules=["limits.creations_per_hour"],
    )


def price_changed(change: PriceChange) -> CheckoutRefusal:
    return CheckoutRefusal(
        "price_changed",
        "The price or its terms changed since the preview, and nothing was created. Show the buyer the new ones; when "
        "they agree, call create_checkout_session with the fresh preview_id.",
        retry="new_preview",
        price_change=change,
    )


_HOSTED_PAGE = {
    "confirm": "leave it out: the buyer then pays on the hosted page",
    "payment_method_id": "leave it out with confirm: the buyer then pays on the hosted page",
}
_LEFT_OUT = _HOSTED_PAGE | {
    "mandate_min_amount_inr_paise": "leave it out, or use a client that can ask",
    "feature_flags.allow_editing_addons": "leave it out: the buyer then adds nothing to what was shown",
}
_ORDER_NEEDS_A_PERSON = (
    "its charges are above what is sold unasked, or not all of them are known: use a client that can ask, or sell less"
)
_NEEDS_APPROVAL = "needs a person's approval"


def approval_required(paths: list[str]) -> CheckoutRefusal:
    """A person must approve, and this client cannot ask one: what can be left out, or that nothing can be done here."""
    if "preview_id" in paths:
        problems = [Problem(path="preview_id", problem=_NEEDS_APPROVAL, suggestion=_ORDER_NEEDS_A_PERSON)]
    else:
        problems = [Problem(path=path, problem=_NEEDS_APPROVAL, suggestion=_LEFT_OUT[path]) for path in paths]
    return CheckoutRefusal(
        "approval_required",
        "A person must approve this sale, and this client cannot ask one. Nothing was created.",
        retry="do_not_retry" if "preview_id" in paths else "fix_and_retry",
        problems=problems,
    )


def could_not_ask(sale: CreateCheckoutSession) -> CheckoutRefusal:
    """The client said that it can ask, and failed."""
    problems = [
        Problem(path=path, problem=_NEEDS_APPROVAL, suggestion=suggestion)
        for path, suggestion in _HOSTED_PAGE.items()
        if getattr(sale, path)
    ]
    return CheckoutRefusal(
        "approval_required",
        "A person must approve this sale, and this client failed to ask one. Nothing was created.",
        retry="fix_and_retry" if problems else "do_not_retry",
        problems=problems,
    )


_HOSTED_INSTEAD = " Without confirm and payment_method_id the buyer can pay on the hosted page."


def approval_declined(reason: str, *, hosted_page: bool) -> CheckoutRefusal:
    """Nobody said yes.

    Args:
        reason: how the question ended, a sentence.
        hosted_page: whether the sale needs nobody's approval once the buyer pays on the hosted page.
    """
    return CheckoutRefusal(
        "approval_declined",
        f"{reason} Nothing was created. Do not ask again unless the person says so."
        + (_HOSTED_INSTEAD if hosted_page else ""),
        retry="do_not_retry",
    )


def too_many_questions() -> CheckoutRefusal:
    return CheckoutRefusal(
        "approval_declined",
        "People were asked about this order for this buyer several times within the hour and did not approve it. "
        "Nobody was asked again and nothing was created.",
        retry="do_not_retry",
    )


def being_asked() -> CheckoutRefusal:
    """Others asked about this very preview, and nobody has answered yet."""
    return CheckoutRefusal(
        "approval_required",
        "A person is being asked about this sale by another call and has not answered yet. Nothing was created. Call "
        "create_checkout_session again with the same arguments in a minute.",
        retry="retry_later",
    )


def preview_used(paths: list[str], *, may_have_charged: bool) -> CheckoutRefusal:
    """A session was made of this preview by a call with other arguments.

    Args:
        paths: the arguments that differ.
        may_have_charged: whether that session took money, or may have.
    """
    instead = (
        "It may have charged the buyer: do not sell this order again."
        if may_have_charged
        else "For another sale call preview_checkout."
    )
    return CheckoutRefusal(
        "preview_used",
        "A session was already created from this preview, with other arguments; nothing was created by this call. "
        f"Call get_checkout_session with this preview_id to see it. {instead}",
        retry="do_not_retry" if may_have_charged else "new_preview",
        problems=[Problem(path=path, problem="differs from the call that created the session") for path in paths],
    )


def sold_before() -> CheckoutRefusal:
    """The payments list has a payment of this preview, of which the ledger knows nothing."""
    return CheckoutRefusal(
        "preview_used",
        "This preview was paid for before, or is being paid for: nothing was created by this call. Call "
        "get_checkout_session with this preview_id to see it. Do not sell this order again unless that payment failed.",
        retry="do_not_retry",
    )


def outcome_unknown() -> CheckoutRefusal:
    """Of a request that cannot charge by itself."""
    return CheckoutRefusal(
        "outcome_unknown",
        f"{LOST}{NO_HARM}Call create_checkout_session with the same arguments again in a minute. {IF_IT_GOES_ON}",
        retry="retry_later",
    )


def repeated_meanwhile() -> CheckoutRefusal:
    """The person did not read that the same order was sold to the same buyer beside this sale."""
    return CheckoutRefusal(
        "approval_required",
        "Another call sold the same order to this buyer while the person was asked, and their approval does not cover "
        "a second sale. Nothing was created by this call. If the buyer wants both, call create_checkout_session again: "
        "the person is asked anew.",
        retry="ask_human",
    )


def attempted_meanwhile() -> CheckoutRefusal:
    """A yes is for one attempt, and another call made it while the person was asked."""
    return CheckoutRefusal(
        "outcome_unknown",
        "Another call tried to create this session while the person was asked, and their approval does not cover a "
        "second try. Nothing was created by this call. Call get_checkout_session with this preview_id in a few "
        "seconds.",
        retry="retry_later",
    )


def refused_elsewhere() -> CheckoutRefusal:
    return CheckoutRefusal(
        "gateway_refused",
        f"Another call with this preview failed before anything was created. {CREATE_AGAIN}",
        retry="retry_later",
    )
