"""What an order costs in the sandbox: integers in minor units, by made-up rates, rounded half up."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from checkout_server.sandbox.body import Body, part, parts
from checkout_server.sandbox.catalogue import (
    ADDONS,
    COUNTRY_CURRENCIES,
    EXPONENTS,
    PRODUCTS,
    RATES,
    TAX_RATES,
    US_STATE_TAX_RATES,
    Meter,
    Product,
)
from checkout_server.sandbox.discounts import Discounts, rounded

_DAYS = {"Day": 1, "Week": 7, "Month": 30, "Year": 365}


def converted(amount: int, source: str, target: str) -> int:
    """Minor units of one currency in those of another."""
    if source == target:
        return amount
    rate = Decimal(str(RATES[target])) / Decimal(str(RATES[source]))
    return rounded(amount * rate * Decimal(10) ** (EXPONENTS.get(target, 2) - EXPONENTS.get(source, 2)))


@dataclass(slots=True)
class Amounts:
    """Sums of one charge."""

    subtotal: int = 0
    discount: int = 0
    tax: int = 0
    total: int = 0

    def add(self, price: int, discounted: int, rate: int, inclusive: bool) -> int:
        """Add a line; its tax."""
        tax = rounded(Decimal(discounted) * rate / (10000 + rate if inclusive else 10000))
        self.subtotal += price
        self.discount += price - discounted
        self.tax += tax
        self.total += discounted if inclusive else discounted + tax
        return tax


@dataclass(slots=True)
class Quote:
    """An order with its prices; ``document`` is the answer of ``POST /checkouts/preview``."""

    document: Body
    now: Amounts
    subscriptions: list[Body] = field(default_factory=list[Body])


def _currency(body: Body) -> str:
    address = part(body, "billing_address")
    first = PRODUCTS[body["product_cart"][0]["product_id"]].currency if body["product_cart"] else "USD"
    return body.get("billing_currency") or COUNTRY_CURRENCIES.get(address.get("country", ""), first)


def tax_rate(body: Body) -> int | None:
    """Basis points; None while no billing country is known."""
    address = part(body, "billing_address")
    if not address.get("country"):
        return None
    if address["country"] == "US":
        return US_STATE_TAX_RATES.get(address.get("state", ""), 0)
    return 0 if body.get("tax_id") and address["country"] in {"DE", "FR"} else TAX_RATES.get(address["country"], 0)


def quote(body: Body, now: datetime) -> Quote:
    """Price a checked order.

    Raises:
        ApiError: a discount code does not apply.
    """
    currency, discounts, known_rate = _currency(body), Discounts.of(body), tax_rate(body)
    rate = known_rate or 0
    due, later = Amounts(), Amounts()
    lines: list[Body] = []
    subscriptions: list[Body] = []
    for item in body["product_cart"]:
        product = PRODUCTS[item["product_id"]]
        line, price, discounted = _line(item, product, currency, discounts, rate)
        lines.append(line)
        if product.cycle is None:
            line["tax"] = due.add(price, discounted, rate, product.tax_inclusive)
            continue
        subscription = _subscription(body, item, product, currency, (price, discounted, rate), now)
        lines[-1]["tax"] = subscription.pop("_line_tax")
        for sums, key in ((due, "_due"), (later, "_later")):
            full, reduced = subscription.pop(key)
            sums.add(full, reduced, rate, product.tax_inclusive)
        subscriptions.append(subscription)
    single = subscriptions[0] if len(subscriptions) == 1 else None
    if known_rate is None:
        for line in lines:
            line["tax"] = None
    document: Body = {
        "billing_country": part(body, "billing_address").get("country", "US"),
        "currency": currency,
        "current_breakup": _breakup(due, known_rate),
        "recurring_breakup": _breakup(later, known_rate) if subscriptions else None,
        "is_byop": False,
        "payment_method_required": True,
        "product_cart": lines,
        "total_price": due.total,
        "total_tax": due.tax if known_rate is not None else None,
        "next_billing_date": min(each["next_billing_date"] for each in subscriptions) if subscriptions else None,
        "subscriptions": subscriptions if len(subscriptions) > 1 else None,
        "tax_id_business_name": "Example GmbH" if body.get("tax_id") else None,
        "tax_id_err_msg": None,
        "tax_id_format_name": "VAT Number" if body.get("tax_id") else None,
        "trial_amount": single.get("_trial_amount") if single else None,
        "trial_period_days": single["trial_period_days"] if single else None,
    }
    for each in subscriptions:
        each.pop("_trial_amount", None)
    return Quote(document, due, subscriptions)


def _line(item: Body, product: Product, currency: str, discounts: Discounts, rate: int) -> tuple[Body, int, int]:
    """A cart line with its add-ons, its price and its discounted price for the whole quantity."""
    unit = max(item.get("amount") or product.price, product.price) if product.pay_what_you_want else product.price
    price = converted(unit, product.currency, currency) * item["quantity"]
    discounted = discounts.reduced(price, product.id)
    common: Body = {"currency": currency, "og_currency": product.currency, "tax_category": product.tax_category}
    common |= {"tax_inclusive": product.tax_inclusive, "tax_rate": rate, "tax": None}
    common |= {"discount_amount": discounts.rate(product.id)}
    addons: list[Body] = []
    for addon in parts(item, "addons"):
        name, addon_unit = ADDONS[addon["addon_id"]]
        each = converted(addon_unit, "USD", currency)
        whole = each * addon["quantity"]
        reduced = discounts.reduced(whole, product.id)
        addons.append(
            common
            | {"addon_id": addon["addon_id"], "name": name, "description": None, "quantity": addon["quantity"]}
            | {"og_price": whole, "discounted_price": reduced, "single_quantity_price": each}
        )
        price, discounted = price + whole, discounted + reduced
    own = price - sum(addon["og_price"] for addon in addons)
    own_discounted = discounted - sum(addon["discounted_price"] for addon in addons)
    line: Body = common | {
        "product_id": product.id,
        "name": product.name,
        "description": product.description or None,
        "quantity": item["quantity"],
        "og_price": own,
        "discounted_price": own_discounted,
        "discount_cycle": discounts.cycles(product.id) if product.cycle else None,
        "is_subscription": product.cycle is not None,
        "is_usage_based": bool(product.meters),
        "meters": [quoted_meter(meter) for meter in product.meters],
        "monthly_equivalent": None,
        "credit_entitlements": _entitlements(item, product),
        "addons": addons or None,
    }
    return line, price, discounted


def quoted_meter(meter: Meter) -> Body:
    """What a buyer is told of a meter."""
    return {
        "name": meter.name,
        "description": None,
        "measurement_unit": meter.unit,
        "price_per_unit": meter.price_per_unit,
        "free_threshold": meter.free_threshold,
    }


def _entitlements(item: Body, product: Product) -> list[Body]:
    if product.credit_entitlement is None:
        return []
    overrides = {each["credit_entitlement_id"]: each["credits_amount"] for each in parts(item, "credit_entitlements")}
    return [
        {
            "credit_entitlement_id": product.credit_entitlement,
            "credit_entitlement_name": "API calls",
            "credit_entitlement_unit": "calls",
            "credits_amount": overrides.get(product.credit_entitlement, "1000"),
        }
    ]


def _subscription(
    body: Body, item: Body, product: Product, currency: str, priced: tuple[int, int, int], now: datetime
) -> Body:
    """One subscription's terms. Keys with an underscore are for the sums."""
    price, discounted, rate = priced
    cycle = product.cycle
    assert cycle is not None  # noqa: S101 - the caller asked for a subscription
    data = part(body, "subscription_data")
    given = data.get("trial_period_days")
    trial = cycle.trial_days if given is None else given
    due = (price, discounted)
    trial_amount = None
    if on_demand := data.get("on_demand"):
        first = 0 if on_demand["mandate_only"] else _on_demand_price(on_demand, product, currency, discounted)
        due = (first, first)
    elif trial:
        trial_amount = cycle.trial_amount
        first = converted(trial_amount or 0, product.currency, currency) * item["quantity"]
        due = (first, first)
    due_sums, later_sums = Amounts(), Amounts()
    line_tax = due_sums.add(*due, rate, product.tax_inclusive)
    later_sums.add(price, discounted, rate, product.tax_inclusive)
    wait = timedelta(days=trial or _DAYS[cycle.interval] * cycle.count)
    return {
        "product_id": product.id,
        "amount_due_now": due_sums.total,
        "recurring_amount": later_sums.total,
        "recurring_tax": later_sums.tax,
        "tax_due_now": due_sums.tax,
        "next_billing_date": (now + wait).isoformat(),
        "trial_period_days": trial or None,
        "_trial_amount": trial_amount,
        "_line_tax": line_tax,
        "_due": due,
        "_later": (price, discounted),
    }


def _on_demand_price(on_demand: Body, product: Product, currency: str, discounted: int) -> int:
    price = on_demand.get("product_price")
    if price is None:
        return discounted
    return converted(price, on_demand.get("product_currency") or product.currency, currency)


def _breakup(sums: Amounts, known_rate: int | None) -> Body:
    return {
        "subtotal": sums.subtotal,
        "discount": sums.discount,
        "tax": sums.tax if known_rate is not None else None,
        "total_amount": sums.total,
    }
