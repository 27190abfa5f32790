"""What the hosted page's addresses do, for a person with a browser and for a program that posts the form."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import cast, get_args

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from checkout_server.sandbox.body import part
from checkout_server.sandbox.hosted import ended
from checkout_server.sandbox.hosted.checkout import checkout_page
from checkout_server.sandbox.hosted.draft import Draft, begin_draft, words_of
from checkout_server.sandbox.hosted.frame import HEADERS
from checkout_server.sandbox.hosted.outcome import Outcome, read_outcome
from checkout_server.sandbox.hosted.reading import Form, Unacceptable, read_typed
from checkout_server.sandbox.payments import DECLINES, DisputeStatus, Payment
from checkout_server.sandbox.posted_form import read_form
from checkout_server.sandbox.sessions import Sandbox, Session
from checkout_server.words.languages import choose_words

Action = Callable[[Sandbox, Request], Awaitable[Response]]


async def _show(sandbox: Sandbox, request: Request) -> Response:
    return _shown(sandbox, _session(sandbox, request), _accepted(request))


async def _show_short(sandbox: Sandbox, request: Request) -> Response:
    return _shown(sandbox, sandbox.shorts.get(request.path_params["short"]), _accepted(request))


async def _price(sandbox: Sandbox, request: Request) -> Response:
    session, form = _session(sandbox, request), await read_form(request)
    if session is None or not _takes_payment(sandbox, session):
        return _shown(sandbox, session, _accepted(request))
    return checkout_page(begin_draft(sandbox, session, _accepted(request), form))


async def _invoice(sandbox: Sandbox, request: Request) -> Response:
    payments = {each.id: each for each in sandbox.payments if each.status == "succeeded"}
    payment = payments.get(request.path_params["payment_id"])
    if payment is None:
        return ended.missing_page(choose_words(None, _accepted(request)))
    return ended.invoice_page(payment, words_of(payment.order, _accepted(request)))


def _session(sandbox: Sandbox, request: Request) -> Session | None:
    return sandbox.sessions.get(request.path_params["session_id"])


def _accepted(request: Request) -> str:
    return request.headers.get("accept-language", "")


def _takes_payment(sandbox: Sandbox, session: Session) -> bool:
    return not sandbox.is_used(session) and not sandbox.expired(session) and not _is_challenged(session)


def _is_challenged(session: Session) -> bool:
    return session.payment is not None and session.payment.status == "requires_customer_action"


def _shown(sandbox: Sandbox, session: Session | None, accepted: str) -> Response:
    if session is None:
        return ended.missing_page(choose_words(None, accepted))
    words = words_of(session.order, accepted)
    if session.payment is not None and sandbox.is_used(session):
        return ended.used_page(session, session.payment, words)
    if sandbox.expired(session):
        return ended.expired_page(session, words)
    if session.payment is not None and _is_challenged(session):
        return ended.challenge_page(session, session.payment, words)
    return checkout_page(begin_draft(sandbox, session, accepted))


async def _attempt(sandbox: Sandbox, request: Request, forced: str | None = None) -> Response:
    """Pay, or try to, with what the form says; a challenge goes on with what it began with."""
    session, form = _session(sandbox, request), await read_form(request)
    # A second click finds the first payment: nobody pays twice. Nothing is awaited from here on, or a form that ends
    # after the payment would be answered with the buyer's receipt, and its keys.
    if session is None or sandbox.is_used(session) or sandbox.expired(session):
        return _shown(sandbox, session, _accepted(request))
    if session.payment is not None and _is_challenged(session):
        if "shown_total" in form:  # the checkout's form once more: a page that is reloaded confirms nothing
            return _shown(sandbox, session, _accepted(request))
        payment = _answer_challenge(sandbox, session, form, forced or "succeeded")
        return _after_attempt(sandbox, session, payment, begin_draft(sandbox, session, _accepted(request)))
    draft = begin_draft(sandbox, session, _accepted(request), form)
    try:
        outcome = _read(sandbox, draft, form, forced)
        typed = read_typed(session, draft.order, draft.changes, form, outcome.paid_by)
    except Unacceptable as problem:
        return checkout_page(replace(draft, problem=problem.word), 422)
    payment = sandbox.pay(session, outcome.status, typed=typed, error_code=outcome.error_code)
    return _after_attempt(sandbox, session, payment, draft)


def _read(sandbox: Sandbox, draft: Draft, form: Form, forced: str | None) -> Outcome:
    """What a form that can be used comes to, at the total that its buyer saw."""
    if draft.problem is not None:
        raise Unacceptable(draft.problem)
    if form.get("shown_total", draft.total) != draft.total:
        raise Unacceptable("price_changed")
    outcome = read_outcome(draft.session, draft.order, draft.document, form, sandbox.clock().date())
    if forced is None:
        return outcome
    return replace(outcome, status=forced, error_code=form.get("reason") or "CARD_DECLINED")


def _answer_challenge(sandbox: Sandbox, session: Session, form: Form, status: str) -> Payment:
    reason = form.get("reason", "AUTHENTICATION_FAILURE")
    return sandbox.pay(session, status, error_code=reason if reason in DECLINES else "AUTHENTICATION_FAILURE")


def _after_attempt(sandbox: Sandbox, session: Session, payment: Payment, draft: Draft) -> Response:
    if payment.status == "requires_customer_action":
        return ended.challenge_page(session, payment, draft.words)
    if payment.has_ended and not sandbox.is_used(session):
        return checkout_page(replace(draft, problem=None, decline=ended.decline_word(payment)))
    target = session.redirect_url(payment.status)
    if target and part(session.order, "feature_flags").get("redirect_immediately"):
        return RedirectResponse(target, 303, headers=HEADERS)
    page = ended.receipt_page if payment.status == "succeeded" else ended.failed_page
    return page(session, payment, draft.words)


async def _after_sale(
    action: Callable[[Sandbox, Payment, Mapping[str, str]], bool], sandbox: Sandbox, request: Request
) -> Response:
    session = _session(sandbox, request)
    if session is None or session.payment is None or session.payment.status != "succeeded":
        return _shown(sandbox, session, _accepted(request))
    words = words_of(session.order, _accepted(request))
    if not action(sandbox, session.payment, await read_form(request)):
        return ended.impossible_page(session)
    return ended.used_page(session, session.payment, words)


def _refund(sandbox: Sandbox, payment: Payment, form: Mapping[str, str]) -> bool:
    """Give back an amount in minor units, or all that is left."""
    left, text = payment.total - payment.refunded, form.get("amount", "").strip()
    amount = int(text) if text.isascii() and text.isdigit() else 0 if text else left
    if not 0 < amount <= left:
        return False
    sandbox.refund(payment, amount)
    return True


def _dispute(sandbox: Sandbox, payment: Payment, form: Mapping[str, str]) -> bool:
    status = form.get("status", "dispute_opened")
    if status not in get_args(DisputeStatus):
        return False
    sandbox.dispute(payment, cast(DisputeStatus, status))
    return True


ACTIONS: Mapping[str, Action] = {
    "show": _show,
    "show_short": _show_short,
    "price": _price,
    "pay": _attempt,
    "fail": partial(_attempt, forced="failed"),
    "challenge": partial(_attempt, forced="requires_customer_action"),
    "refund": partial(_after_sale, _refund),
    "dispute": partial(_after_sale, _dispute),
    "invoice": _invoice,
}
"""By the names that ``routes`` has for them."""
