"""The fourth guard: a person, where one is needed. Nothing that a model can type counts.

An ``ApprovedSale`` is made only here: from a person's yes to a price that still holds after it, or from a sale that
needs nobody's approval.
"""

import contextlib
from typing import final

from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.policy.enforcement import fields_above
from checkout_server.checkout.sale.price import refuse_changed_price
from checkout_server.checkout.sale.question_limit import record_answer
from checkout_server.checkout.sale.repeats import find_other_sales
from checkout_server.checkout.sale.stages import FoundSale, PreparedSale, SoldSession
from checkout_server.checkout.sale.usable_preview import find_sale
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.fields import Decision

_REFUSALS: dict[Decision, str] = {
    "refused": "The person refused.",
    "declined": "The person declined.",
    "closed": "The person closed the question.",
}
_MADE_BY_APPROVAL = object()


@final
class ApprovedSale:
    """A prepared sale that a person approved, or that needs nobody's approval; for one attempt to create it."""

    __slots__ = ("_by_person", "_prepared")

    def __init__(self, prepared: PreparedSale, made_by: object, *, by_person: bool) -> None:
        if made_by is not _MADE_BY_APPROVAL:
            raise TypeError("only approve_sale makes an ApprovedSale")
        self._prepared, self._by_person = prepared, by_person

    @property
    def prepared(self) -> PreparedSale:
        return self._prepared

    @property
    def was_approved_as_the_only_one(self) -> bool:
        """Whether a person approved it without reading of another sale of the same goods to the same buyer."""
        return self._by_person and self._prepared.sold_to is not None and self._prepared.others.recent is None


def fields_to_approve(sale: FoundSale, desk: Desk) -> list[str]:
    """The fields that a person must approve; none when the sale may go on without a person."""
    unattended = desk.policy.confirm.mode == "unattended" and desk.environment != "live_mode"
    fields: list[str] = []
    if not unattended:
        fields += ["confirm"] if sale.can_charge else []
        fields += ["payment_method_id"] if sale.request.payment_method_id is not None else []
    return fields + fields_above(sale.order, sale.request, desk.policy)


async def approve_sale(sale: PreparedSale, decision: Decision | None, desk: Desk) -> ApprovedSale | SoldSession:
    """Go on only with a person's yes where one is needed, and only if what they said yes to still holds.

    Raises:
        CheckoutRefusal: ``approval_declined`` without a yes, ``outcome_unknown`` after another attempt meanwhile, or
            ``price_changed``.
        GatewayError: the price could not be asked for again.
        LedgerUnavailable: the ledger cannot be used.
    """
    if not fields_to_approve(sale, desk):
        return ApprovedSale(sale, _MADE_BY_APPROVAL, by_person=False)
    if decision is None:
        raise refusals.approval_required(fields_to_approve(sale, desk))
    emit("approval.answered", preview_id=sale.entry.preview_id, decision=decision)
    if decision != "approved":
        with contextlib.suppress(LedgerUnavailable):  # a no is a no, also where it cannot be counted
            await record_answer(sale, desk, approved=False)
        raise refusals.approval_declined(_REFUSALS[decision], hosted_page=sale.can_charge)
    if not await record_answer(sale, desk, approved=True):
        raise refusals.approval_declined("The question was already answered.", hosted_page=sale.can_charge)
    current = await find_sale(sale.request, desk)
    if isinstance(current, SoldSession):
        return current
    if current.entry.attempts != sale.entry.attempts:
        raise refusals.attempted_meanwhile()  # a yes is for one attempt, and that one is made
    others = await find_other_sales(current, desk)
    if others.recent != sale.others.recent:
        raise refusals.repeated_meanwhile()  # the question did not say so
    await refuse_changed_price(current, desk)
    prepared = PreparedSale.of(current, others=others, searched_at=sale.searched_at)
    return ApprovedSale(prepared, _MADE_BY_APPROVAL, by_person=True)
