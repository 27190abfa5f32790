"""What a policy refuses. Every refusal of a call comes at once, by field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.orders import QuotedOrder, charges_at_once, lets_buyer_edit_addons
from checkout_server.checkout.policy.charges import ON_DEMAND_CURRENCY, Charge, list_charges, list_mandate
from checkout_server.checkout.policy.denial import Denial
from checkout_server.checkout.policy.document import Policy
from checkout_server.checkout.policy.return_urls import NAMED_AT_MOST, denied_return_urls
from checkout_server.checkout.refusals import policy_denied
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.fields import PolicyRule
from checkout_server.privacy.vocabulary.paths import known_part

SEE_LIST = "list_products shows what is sold here"
_EDITING_ADDONS = "feature_flags.allow_editing_addons"
_INSTEAD = {
    "product_cart": f"ask the buyer what they want instead; {SEE_LIST}",
    "mandate_min_amount_inr_paise": "leave it out",
}
"""What to do about an amount or a currency that is not allowed, by the field to blame."""


def refuse_denied(problems: list[Denial], *, at_creation: bool = False) -> None:
    """Refuse what the policy forbids, all of it at once.

    Raises:
        CheckoutRefusal: ``policy_denied``.
    """
    if problems:
        paths = filter(None, (known_part(problem.path) for problem in problems))
        rules: list[PolicyRule] = list(dict.fromkeys(problem.rule for problem in problems))
        emit("policy.denied", paths=list(dict.fromkeys(paths)), rules=rules)
        raise policy_denied(problems, at_creation=at_creation)


def denied_order(order: PreviewCheckout, policy: Policy) -> list[Denial]:
    """Everything that the policy forbids about what is bought, before it is priced."""
    return [
        *_denied_products(order, policy),
        *_denied_collection(order, policy),
        *_denied_codes(order, policy),
        *_denied_country(order, policy),
    ]


def _denied_products(order: PreviewCheckout, policy: Policy) -> Iterator[Denial]:
    products, most = policy.allow.products, policy.limits.max_quantity
    for index, item in enumerate(order.product_cart):
        line = f"product_cart[{index}]"
        if products is not None and item.product_id not in products:
            yield _denied(
                "allow.products",
                f"{line}.product_id",
                "is not a product that may be sold here",
                name_products(products),
            )
        rows = [(line, item.quantity)]
        rows += [(f"{line}.addons[{place}]", addon.quantity) for place, addon in enumerate(item.addons or ())]
        for path, quantity in rows:
            if most is not None and quantity > most:
                yield _denied(
                    "limits.max_quantity",
                    f"{path}.quantity",
                    "is above the limit",
                    f"ask the buyer whether at most {most} will do",
                )


def _denied_collection(order: PreviewCheckout, policy: Policy) -> Iterator[Denial]:
    # The buyer chooses on the page: neither the products nor their number nor the total are known here.
    bounded = policy.allow.products is not None or _bounds_carts(policy)
    if order.product_collection_id is not None and bounded:
        yield _denied(
            _bounding(policy),
            "product_collection_id",
            "cannot be checked against the policy",
            f"name the products; {SEE_LIST}",
        )


def _bounds_carts(policy: Policy) -> bool:
    return policy.limits.max_total is not None or policy.limits.max_quantity is not None


def _bounding(policy: Policy) -> PolicyRule:
    """The first of the rules that a cart of the buyer's choice cannot be held to."""
    if policy.limits.max_total is not None:
        return "limits.max_total"
    return "limits.max_quantity" if policy.limits.max_quantity is not None else "allow.products"


def _denied_codes(order: PreviewCheckout, policy: Policy) -> Iterator[Denial]:
    allowed = policy.allow.discount_codes
    if allowed is None:
        return
    known = {code.casefold() for code in allowed}  # the API reads them in any case
    given = [(f"discount_codes[{index}]", code) for index, code in enumerate(order.discount_codes or ())]
    given += [("discount_code", order.discount_code)] if order.discount_code is not None else []
    for path, code in given:
        if code.casefold() not in known:
            yield _denied(
                "allow.discount_codes",
                path,
                "is not a code that may be used here",
                "ask the buyer whether to go on without it",
            )


def _denied_country(order: PreviewCheckout, policy: Policy) -> Iterator[Denial]:
    countries, path = policy.allow.countries, "billing_address.country"
    if countries is None:
        return
    if order.billing_address is None:
        yield _denied("allow.countries", path, "must be given", "ask the buyer for their billing country")
    elif order.billing_address.country not in countries:
        yield _denied("allow.countries", path, "is not a country that is sold to", _only("sold to", countries))


def denied_price(order: QuotedOrder, policy: Policy) -> list[Denial]:
    """What the policy forbids about a price: each amount that the order can lead to is held to the limit."""
    charges = list_charges(order)
    found = [*_denied_currencies(order, charges, policy), *_denied_charges(charges, policy)]
    if policy.limits.max_total is not None and order.charges_unquoted_amounts:
        found.append(_denied("limits.max_total", "product_cart", "leads to charges that no limit can bound", SEE_LIST))
    return list(dict.fromkeys(found))


def _denied_currencies(order: QuotedOrder, charges: list[Charge], policy: Policy) -> Iterator[Denial]:
    allowed = policy.allow.currencies
    if allowed is None:
        return
    priced = [(charge.currency_path, charge.currency) for charge in charges]
    on_demand = order.on_demand
    if on_demand is not None and on_demand.product_currency is not None:
        priced.append((ON_DEMAND_CURRENCY, on_demand.product_currency))  # also without a price
    for path, currency in priced:
        if currency not in allowed:
            yield _denied("allow.currencies", path, "is not a currency that is sold in", _only("sold in", allowed))


def _denied_charges(charges: Iterable[Charge], policy: Policy) -> Iterator[Denial]:
    limits = policy.limits.max_total
    if limits is None:
        return
    for charge in charges:
        most = limits.get(charge.currency)
        if most is None:
            instead = _INSTEAD.get(charge.currency_path) or _only("sold in", tuple(limits))
            yield _denied(
                "limits.max_total", charge.currency_path, "has no limit in the policy and is refused", instead
            )
        elif charge.amount > most:
            limit = f"the limit for one charge is {display(most, charge.currency)}"
            instead = _INSTEAD.get(charge.path)
            yield _denied(
                "limits.max_total",
                charge.path,
                "costs more than the policy allows",
                f"{limit}; {instead}" if instead else limit,
            )


def asks_above(order: QuotedOrder, policy: Policy) -> bool:
    """Whether a person is asked because of what an order can charge; also where not all of it is known."""
    above = policy.confirm.ask_above
    if above is None:
        return False
    return (
        _any_above(list_charges(order), above) or order.is_open or order.is_on_demand or order.charges_unquoted_amounts
    )


def fields_above(order: QuotedOrder, sale: CreateCheckoutSession, policy: Policy) -> list[str]:
    """The arguments of a sale that make it charge more than is sold unasked, or more than is known."""
    above = policy.confirm.ask_above
    if above is None:
        return []
    found = {
        "preview_id": asks_above(order, policy),
        "mandate_min_amount_inr_paise": _any_above(list_mandate(sale), above),
        _EDITING_ADDONS: lets_buyer_edit_addons(sale),
    }
    return [path for path, asked in found.items() if asked]


def _any_above(charges: list[Charge], above: Mapping[str, int]) -> bool:
    return any(charge.amount > above.get(charge.currency, -1) for charge in charges)


def denied_sale(sale: CreateCheckoutSession, policy: Policy, environment: str) -> list[Denial]:
    """Everything that the policy forbids about how it is sold."""
    found = denied_return_urls(sale, policy, environment)
    if charges_at_once(sale) and policy.confirm.mode == "never":
        repair = "leave confirm and payment_method_id out; the buyer pays on the hosted page"
        found.append(_denied("confirm.mode", "confirm", "is not allowed here", repair))
    if sale.payment_method_id is not None and not policy.confirm.saved_payment_methods:
        found.append(
            _denied(
                "confirm.saved_payment_methods",
                "payment_method_id",
                "is not allowed here",
                "leave confirm and payment_method_id out",
            )
        )
    if lets_buyer_edit_addons(sale) and _bounds_carts(policy):
        found.append(
            _denied(_bounding(policy), _EDITING_ADDONS, "lets the buyer add what no limit can bound", "leave it out")
        )
    return [*found, *_denied_charges(list_mandate(sale), policy)]


def _only(what: str, allowed: tuple[str, ...]) -> str:
    """What is allowed instead, where it can be read out."""
    if not allowed:
        return "nothing is allowed by the operator's policy"
    if len(allowed) > NAMED_AT_MOST:
        return "the operator's policy lists what is"
    return f"{what}: {', '.join(allowed)}"


def name_products(product_ids: Sequence[str]) -> str:
    """What is sold, where it can be read out, and where the rest stands."""
    if not 0 < len(product_ids) <= NAMED_AT_MOST:
        return SEE_LIST
    return f"sold here: {', '.join(product_ids)}; list_products says what they are"


def _denied(rule: PolicyRule, path: str, problem: str, suggestion: str | None = None) -> Denial:
    return Denial(rule=rule, path=path, problem=problem, suggestion=suggestion)
