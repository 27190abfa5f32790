"""The fifth guard, at most one session for each preview: claim, send, record.

The claim is written before the request leaves. What the answer proves is recorded; what it does not prove is
unknown, and reported as unknown. The request itself is never repeated here, and runs in a task of its own so that
nobody's cancellation can cut it.
"""

import asyncio
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

from checkout_schemas.sale_rules import missing_fallbacks, unfilled_placeholders
from checkout_server.calls.deadline import present_deadline
from checkout_server.checkout import refusals
from checkout_server.checkout.after_sale.return_address import ReturnAddress, new_return_address
from checkout_server.checkout.caveats import caveats
from checkout_server.checkout.customers.digest import digest_customer_of
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Claim, Entry, LedgerUnavailable, State
from checkout_server.checkout.rates import too_many_claims
from checkout_server.checkout.sale.approval import ApprovedSale
from checkout_server.checkout.sale.arguments import Digests, digest_arguments, seal_arguments
from checkout_server.checkout.sale.caller import CLAIM_SECONDS, WaitingCaller
from checkout_server.checkout.sale.checked import find_payment_of_refused, is_fresh, is_sold_by_another
from checkout_server.checkout.sale.lease import LEASE_SECONDS, renewed_lease
from checkout_server.checkout.sale.other_page import warn_of_other_page
from checkout_server.checkout.sale.proof import proves_refusal
from checkout_server.checkout.sale.record import end_unsent, record_ending
from checkout_server.checkout.sale.recorded_failure import detail_of
from checkout_server.checkout.sale.repeats import REPEATED
from checkout_server.checkout.sale.replay import replay_sold
from checkout_server.checkout.sale.stages import PreparedSale, SoldSession
from checkout_server.checkout.sale.waiting import wait_for_creation, watch_creation
from checkout_server.checkout.sessions.found import FOUND, outcome_of_payment
from checkout_server.checkout.sessions.life import seconds_of_life
from checkout_server.checkout.sessions.outcome import Outcome
from checkout_server.checkout.sessions.payments import seal_buyer
from checkout_server.checkout.sessions.states import SaleState, SessionFacts, state_of_payment, state_when_created
from checkout_server.checkout.terms import later_charges
from checkout_server.checkout.wire import checkout_body
from checkout_server.gateway.answers import Session
from checkout_server.gateway.errors import GatewayError, Refused
from checkout_server.gateway.payment_answers import Payment
from checkout_server.privacy.logs.events import emit


@dataclass(frozen=True, slots=True)
class Attempt:
    """One claim of a preview, and what it is for."""

    sale: PreparedSale
    claimed: Entry
    """The preview as the claim left it."""
    arguments: Digests
    return_address: ReturnAddress | None
    """Of our own page, where the sale names none."""
    other_page: list[str] = field(default_factory=list[str])
    """What is to be said of another page on which the buyer may pay for the same."""

    @property
    def claim_id(self) -> str:
        return self.claimed.claim_id or ""


async def create_session(sale: ApprovedSale, desk: Desk) -> SoldSession:
    """Create the session of an approved sale, or join the call that creates it.

    Raises:
        TypeError: ``sale`` is not an approved sale.
        CheckoutRefusal: the outcome is unknown, too many were created this hour, or another call used the preview.
        OutOfTime: the call had too little time left; nothing was sent.
        GatewayError: the API provably refused, or was not reached.
        PreviewUsedUp: the same, for a request that could charge.
        LedgerUnavailable: the claim could not be written; nothing was sent.
    """
    prepared = _prepared(sale)
    preview_id = prepared.entry.preview_id
    if desk.creations.find(preview_id) is not None:
        sold = await wait_for_creation(preview_id, prepared.owner, desk)
    else:
        caller = WaitingCaller(present_deadline(), desk.gateway.creation_deadline)
        sold = await caller.wait_for(desk.creations.start(preview_id, _claim_and_send(sale, caller, desk)))
    return await replay_sold(prepared.request, sold, desk) if sold.replayed else sold


def _prepared(sale: ApprovedSale) -> PreparedSale:
    """What was approved. Types are not enforced while a program runs, and this one must be."""
    if type(sale) is not ApprovedSale:
        raise TypeError("only an approved sale can be sent")
    return sale.prepared


async def _claim_and_send(sale: ApprovedSale, caller: WaitingCaller, desk: Desk) -> SoldSession:
    prepared = _prepared(sale)
    with caller.handing_down():
        if prepared.can_charge and not is_fresh(prepared.searched_at, desk):
            await is_sold_by_another(prepared.entry, prepared.owner, desk)  # if it is, the claim fails
        other_page = await warn_of_other_page(prepared, desk)
    async with AsyncExitStack() as until_sent:
        with caller.handing_down():
            await until_sent.enter_async_context(desk.gateway.place_for_creation())
            caller.refuse_if_late(spare=CLAIM_SECONDS)
            attempt = await _claim(sale, desk)
        caller.is_claimed = True
        if attempt is not None:
            await until_sent.enter_async_context(renewed_lease(attempt.claimed, desk))
            return await _send_and_record(sale, replace(attempt, other_page=other_page), caller, desk)
    with caller.handing_down():
        return await watch_creation(prepared.entry.preview_id, prepared.owner, desk)


async def _send_and_record(sale: ApprovedSale, attempt: Attempt, caller: WaitingCaller, desk: Desk) -> SoldSession:
    try:
        caller.refuse_if_late()  # the claim may have waited long for its ledger
        session = await _send(sale, attempt.return_address, desk)
    except GatewayError as error:
        return await _end_failed(attempt, error, caller, desk)
    except BaseException as error:
        # A cancellation at shutdown, or a defect of ours: whatever was sent may have been answered.
        await asyncio.shield(
            record_ending(
                attempt.sale, attempt.claim_id, desk, State.UNKNOWN, detail="interrupted", failure="interrupted"
            )
        )
        if isinstance(error, Exception):
            emit("session.crashed", preview_id=attempt.sale.entry.preview_id, error=error)
            raise _unknown(attempt) from None
        raise
    return await _record_session(attempt, session, desk)


async def _claim(sale: ApprovedSale, desk: Desk) -> Attempt | None:
    """Take the preview for one attempt, exactly as it was approved; None when another call has it."""
    prepared = _prepared(sale)
    entry, now = prepared.entry, desk.clock()
    arguments = digest_arguments(prepared.request)
    claimed = replace(
        entry,
        state=State.CLAIMED,
        claim_id=secrets.token_urlsafe(12),
        claimed_at=now,
        attempts=entry.attempts + 1,
        can_charge=prepared.can_charge,
        buyer=_sealed_buyer(prepared, desk),
    )
    attempt = Attempt(
        sale=prepared, claimed=claimed, arguments=arguments,
        return_address=new_return_address(prepared.request, desk.public_url),
    )  # fmt: skip
    try:
        taken = await desk.ledger.claim(
            entry.preview_id,
            owner=prepared.owner,
            claim_id=attempt.claim_id,
            from_state=entry.state,
            attempts=entry.attempts,
            can_charge=prepared.can_charge,
            arguments=seal_arguments(arguments, desk.sealer, entry.preview_id),
            goods=prepared.goods,
            sold_to=prepared.sold_to,
            customer=digest_customer_of(prepared.request, desk.sealer),
            buyer=claimed.buyer,
            now=now,
            lease_seconds=LEASE_SECONDS,
            hourly_limit=desk.policy.limits.creations_per_hour,
            minute_limit=desk.policy.rates.creations_per_minute,
            unless_sold=sale.was_approved_as_the_only_one,
            return_token=attempt.return_address.token if attempt.return_address is not None else None,
        )
    except LedgerUnavailable:
        end_unsent(prepared, attempt.claim_id, desk)
        raise
    if taken is Claim.TOO_MANY:
        raise refusals.too_many_creations()
    if taken is Claim.TOO_FAST:
        most = desk.policy.rates.creations_per_minute or 0
        raise too_many_claims(await desk.ledger.seconds_until_claim(owner=prepared.owner, now=now, most=most))
    if taken is Claim.REPEATED:
        raise refusals.repeated_meanwhile()
    if taken is Claim.NOT_FREE:
        return None
    emit("session.claimed", preview_id=entry.preview_id, total=entry.total, currency=entry.currency)
    return attempt


def _sealed_buyer(sale: PreparedSale, desk: Desk) -> bytes | None:
    customer = sale.request.customer
    if customer is None or customer.customer_id is None:
        return None
    return seal_buyer(customer.customer_id, desk.sealer, sale.entry.preview_id)


async def _send(sale: ApprovedSale, back: ReturnAddress | None, desk: Desk) -> Session:
    """The one place from which ``POST /checkouts`` leaves, and the one in which its body is made."""
    prepared = _prepared(sale)
    return_url = back.url if back is not None else None
    return await desk.gateway.create(checkout_body(prepared.order.order, prepared.request, return_url=return_url))


async def _end_failed(attempt: Attempt, error: GatewayError, caller: WaitingCaller, desk: Desk) -> SoldSession:
    """Record what a failure proves. A refusal of a request that could charge is looked into once before it counts.

    Raises:
        CheckoutRefusal: the outcome is unknown.
        GatewayError: the API provably refused, or was not reached.
        PreviewUsedUp: the same, for a request that could charge.
    """
    proven = proves_refusal(error, can_charge=attempt.sale.can_charge)
    if attempt.sale.can_charge and isinstance(error, Refused):
        try:
            with caller.handing_down():  # without time to look it is unknown, not refused
                found = await find_payment_of_refused(attempt.claimed, desk)
        except asyncio.CancelledError:  # at shutdown
            await asyncio.shield(
                record_ending(
                    attempt.sale, attempt.claim_id, desk, State.UNKNOWN, detail=detail_of(error), failure=error.name
                )
            )
            raise
        if found.payment is not None and (sold := await _record_found(attempt, found.payment, desk)) is not None:
            return sold
        proven = proven and found.payment is None and found.is_complete
    await record_ending(
        attempt.sale,
        attempt.claim_id,
        desk,
        # What a refusal proves of this attempt says nothing of an earlier one whose answer was lost.
        State.REFUSED if proven and attempt.sale.entry.state is not State.UNKNOWN else State.UNKNOWN,
        detail=detail_of(error),
        failure=error.name,
    )
    if not proven:
        raise _unknown(attempt) from None
    raise (refusals.PreviewUsedUp(error) if attempt.sale.can_charge else error) from None


async def _record_found(attempt: Attempt, payment: Payment, desk: Desk) -> SoldSession | None:
    """The session that a payment proves, in the payment's state; None where the payment does not name it."""
    outcome = outcome_of_payment(attempt.claimed, payment)
    if outcome is None:
        return None
    await record_ending(attempt.sale, attempt.claim_id, desk, State.CREATED, outcome=outcome, detail=FOUND)
    facts = SessionFacts(ends_at=outcome.expires_at, has_page=False, can_charge=True)
    return _sold(attempt, outcome, state_of_payment(payment.status, facts, now=desk.clock()))


def _unknown(attempt: Attempt) -> refusals.CheckoutRefusal:
    if attempt.sale.can_charge:
        return refusals.refused_in(SaleState.UNKNOWN_CHARGE)
    if attempt.sale.entry.state is State.UNKNOWN:
        return refusals.refused_in(SaleState.UNKNOWN_TWICE)
    return refusals.outcome_unknown()


async def _record_session(attempt: Attempt, session: Session, desk: Desk) -> SoldSession:
    sale = attempt.sale
    outcome = Outcome(
        session_id=session.session_id,
        checkout_url=session.checkout_url,
        payment_id=session.payment_id,
        # From now on, not from the claim: it must not end here while the API still takes money.
        expires_at=desk.clock() + seconds_of_life(can_charge=sale.can_charge),
        warnings=_warnings(sale, attempt.other_page),
    )
    if not await record_ending(sale, attempt.claim_id, desk, State.CREATED, outcome=outcome):
        not_recorded = "The session exists but could not be recorded here yet: keep session_id, do not create again."
        outcome = outcome.model_copy(update={"warnings": [not_recorded, *outcome.warnings]})
    has_page = outcome.checkout_url is not None
    facts = SessionFacts(ends_at=outcome.expires_at, has_page=has_page, can_charge=sale.can_charge)
    return _sold(attempt, outcome, state_when_created(facts))


def _sold(attempt: Attempt, outcome: Outcome, state: SaleState | None) -> SoldSession:
    return SoldSession(
        entry=attempt.sale.entry,
        outcome=outcome,
        arguments=attempt.arguments,
        can_charge=attempt.sale.can_charge,
        replayed=False,
        state=state,
    )


def _warnings(sale: PreparedSale, other_page: list[str]) -> list[str]:
    """The same facts that a person reads before they approve, and what may keep the buyer from paying."""
    lacking = missing_fallbacks(sale.request)
    return [
        *([REPEATED[sale.others.recent]] if sale.others.recent is not None else []),
        *other_page,
        *(f"Charged later: {each}." for each in later_charges(sale.order, str)),
        *caveats(sale.order, str, sale.request),
        *unfilled_placeholders(sale.request),
        *(
            [f"allowed_payment_method_types lacks {' and '.join(lacking)}: the buyer may find no method to pay by."]
            if lacking
            else []
        ),
    ]
