"""The five guards of a sale, in the order in which a call of ``create_checkout_session`` passes them.

1. The preview: it exists, is this owner's and can still be used; or it was used with the same arguments, and the
   recorded session is returned again (``usable_preview``, ``replay``).
2. The policy of the operator (``policy/enforcement``).
3. The price: what was shown is what is sold (``price``).
4. A person, where one is needed (``approval``).
5. Claim, send, record: at most one session for each preview (``creation``).

The types carry the order. Guards 1 to 3 make a ``PreparedSale``, guard 4 alone makes an ``ApprovedSale`` of it, and
guard 5, which sends the request, takes nothing else. What was sold earlier leaves as a ``SoldSession`` at any point.
"""

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.policy.enforcement import denied_order, denied_price, denied_sale, refuse_denied
from checkout_server.checkout.refusals import CheckoutRefusal
from checkout_server.checkout.sale.approval import approve_sale
from checkout_server.checkout.sale.checked import is_sold_by_another
from checkout_server.checkout.sale.creation import create_session
from checkout_server.checkout.sale.creation_limit import refuse_above_limits
from checkout_server.checkout.sale.price import price_may_have_changed, refuse_changed_price
from checkout_server.checkout.sale.repeats import find_other_sales
from checkout_server.checkout.sale.stages import FoundSale, PreparedSale, SoldSession
from checkout_server.checkout.sale.usable_preview import find_sale
from checkout_server.gateway.errors import RateLimited, Refused
from checkout_server.privacy.vocabulary.fields import Decision


async def prepare_sale(request: CreateCheckoutSession, desk: Desk) -> PreparedSale | SoldSession:
    """Guards 1 to 3: everything that can be checked before a person is asked and anything is claimed.

    For a request that can charge the payments list is asked too, whatever the guards say: neither a person nor a model
    is to act on a sale that the ledger forgot.

    Raises:
        InvalidArguments: the whole order breaks a rule of the API.
        CheckoutRefusal: a guard refused, or the preview was paid for before.
        GatewayError: the price could not be asked for again, or the payments list could not be read.
        LedgerUnavailable: the ledger cannot be used.
    """
    sale = await find_sale(request, desk)
    if isinstance(sale, SoldSession):
        return sale
    if not sale.can_charge:
        await _pass_policy_and_price(sale, desk)
        return PreparedSale.of(sale, others=await find_other_sales(sale, desk), searched_at=None)
    try:
        await _pass_policy_and_price(sale, desk)
    except (CheckoutRefusal, Refused) as refusal:
        if _may_lead_to_another_sale(refusal) and await is_sold_by_another(sale.entry, sale.owner, desk):
            return await prepare_sale(request, desk)
        raise
    searched_at = desk.clock()
    if await is_sold_by_another(sale.entry, sale.owner, desk):
        return await prepare_sale(request, desk)
    return PreparedSale.of(sale, others=await find_other_sales(sale, desk), searched_at=searched_at)


async def complete_sale(sale: PreparedSale | SoldSession, decision: Decision | None, desk: Desk) -> SoldSession:
    """Guards 4 and 5.

    Args:
        sale: what ``prepare_sale`` returned.
        decision: what a person answered; None when nobody was asked.
        desk: the context of the call.

    Raises:
        CheckoutRefusal: nobody approved, the price changed meanwhile, or the outcome is unknown.
        GatewayError: the API provably refused, or was not reached.
        PreviewUsedUp: the same, for a request that could charge.
        LedgerUnavailable: the claim could not be written; nothing was sent.
    """
    if isinstance(sale, SoldSession):
        return sale
    approved = await approve_sale(sale, decision, desk)
    if isinstance(approved, SoldSession):
        return approved
    return await create_session(approved, desk)


async def _pass_policy_and_price(sale: FoundSale, desk: Desk) -> None:
    _enforce_policy(sale, desk)
    await refuse_above_limits(sale, desk)
    if price_may_have_changed(sale, desk):
        await refuse_changed_price(sale, desk)


def _may_lead_to_another_sale(refusal: CheckoutRefusal | Refused) -> bool:
    """Whether the caller may sell anew. Who is to come later comes with this preview, and it is looked for then."""
    if isinstance(refusal, CheckoutRefusal):
        return refusal.retry != "retry_later"
    return not isinstance(refusal, RateLimited)


def _enforce_policy(sale: FoundSale, desk: Desk) -> None:
    refuse_denied(
        [
            *denied_sale(sale.request, desk.policy, desk.environment),
            *denied_order(sale.order.order, desk.policy),
            *denied_price(sale.order, desk.policy),
        ],
        at_creation=True,
    )
