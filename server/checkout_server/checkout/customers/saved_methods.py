"""``list_saved_payment_methods``: what an existing customer can be charged by, for those whom this server sold to."""

from checkout_schemas.requests.list_saved_payment_methods import ListSavedPaymentMethods
from checkout_schemas.results import SavedPaymentMethod, SavedPaymentMethods
from checkout_server.checkout.customers import refusals
from checkout_server.checkout.customers.digest import digest_customer
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.customers import Lookup
from checkout_server.checkout.policy.document import Policy
from checkout_server.gateway.customer_answers import Card, SavedMethod
from checkout_server.privacy.text import shown

MOST_BRAND = 40
"""Characters of a card scheme's name."""
_CHARGE = (
    "Ask the buyer which one. Then call create_checkout_session with the preview_id, its payment_method_id, this "
    "customer_id and confirm."
)
_HOSTED = "The buyer pays on the hosted page: call create_checkout_session with the preview_id and this customer_id."
_HOSTED_SAVED = (
    "None of them may be charged from here: call create_checkout_session with the preview_id, this customer_id and "
    "show_saved_payment_methods, and the buyer picks one on the hosted page."
)


async def list_saved_methods(request: ListSavedPaymentMethods, desk: Desk) -> SavedPaymentMethods:
    """What a customer has saved. The lookup is counted and written down before the API is asked.

    Raises:
        CheckoutRefusal: ``policy_denied``: nothing is listed for this principal, the customer was not sold to here, or
            the hour has no room left.
        GatewayError: the API refused or did not answer.
        LedgerUnavailable: the ledger cannot be used; nothing was asked for.
    """
    if not desk.policy.confirm.list_saved_payment_methods:
        raise refusals.not_offered()  # to this principal, by a section of the policy
    await _count_lookup(request.customer_id, desk)
    rows = await desk.gateway.list_saved_methods(request.customer_id)
    return SavedPaymentMethods(
        environment=desk.environment,
        payment_methods=[_describe(each) for each in rows.items],
        next_step=_next_step(bool(rows.items), desk.policy),
    )


async def _count_lookup(customer_id: str, desk: Desk) -> None:
    """Refuse strangers, and more lookups than the hour has room for. Strangers count: ids could be tried out."""
    owner, digests = await desk.find_owner(), digest_customer(customer_id, desk.sealer)
    known = desk.policy.confirm.list_any_customer
    for digest in digests:
        known = known or await desk.ledger.is_customer(digest, owner=owner)
    counted = await desk.ledger.count_lookup(
        digests[0],
        Lookup.ALLOWED if known else Lookup.STRANGER,
        owner=owner,
        now=desk.clock(),
        hourly_limit=desk.policy.limits.customer_lookups_per_hour,
    )
    if not counted:
        raise refusals.too_many_lookups()
    if not known:
        raise refusals.stranger()


def _describe(method: SavedMethod) -> SavedPaymentMethod:
    card = method.card or Card()
    return SavedPaymentMethod(
        payment_method_id=method.payment_method_id,
        kind=method.payment_method_type or method.payment_method,
        brand=shown(card.card_network, MOST_BRAND),
        last_four=card.last4_digits,
        expiry=_expiry(card),
    )


def _expiry(card: Card) -> str | None:
    """``2031-12``. The API gives the year with two digits or four."""
    if card.expiry_year is None or card.expiry_month is None:
        return None
    return f"20{card.expiry_year[-2:]}-{card.expiry_month:0>2}"


def _next_step(has_any: bool, policy: Policy) -> str:
    if not has_any:
        return _HOSTED
    can_be_charged = policy.confirm.saved_payment_methods and policy.confirm.mode != "never"
    return _CHARGE if can_be_charged else _HOSTED_SAVED
