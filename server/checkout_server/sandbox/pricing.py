"""What an order costs in the sandbox: integers in minor units, by made-up rates, rounded half up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from checkout_server.sandbox.body import Body, part, parts
from checkout_server.sandbox.catalogue import (
    ADDONS,
    COUNTRY_CURRENCIES,
    EXPONENTS,
    PRODUCTS,
    RATES,
    TAX_RATES,
    US_STATE_TAX_RATES,
    Cycle,
    Meter,
    Product,
)
from checkout_server.sandbox.discounts import Discounts, rounded

_DAYS = {"Day": 1, "Week": 7, "Month": 30, "Year": 365}


def converted(amount: int, source: str, target: str) -> int:
    """Minor units of one currency in those of another."""
    if source == target:
        return amount
    rate = Fraction(str(RATES[target])) / Fraction(str(RATES[source]))
    return rounded(amount * rate * Fraction(10) ** (EXPONENTS.get(target, 2) - EXPONENTS.get(source, 2)))


@dataclass(slots=True)
class Amounts:
    """Sums of one charge."""

    subtotal: int = 0
    discount: int = 0
    tax: int = 0
    total: int = 0

    def add(self, price: int, discounted: int, rate: int, inclusive: bool) -> int:
        """Add a line; its tax."""
        tax = rounded(Fraction(discounted * rate, 10000 + rate if inclusive else 10000))
        self.subtotal += price
        self.discount += price - discounted
        self.tax += tax
        self.total += discounted if inclusive else discounted + tax
        return tax

    def include(self, other: "Amounts") -> None:
        self.subtotal += other.subtotal
        self.discount += other.discount
        self.tax += other.tax
        self.total += other.total


@dataclass(slots=True)
class Quote:
    """An order with its prices; ``document`` is the answer of ``POST /checkouts/preview``."""

    document: Body
    now: Amounts


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
    due, later = Amounts(), Amounts()
    lines: list[Body] = []
    subscriptions: list[Body] = []
    for item in body["product_cart"]:
        product = PRODUCTS[item["product_id"]]
        line = _line(item, product, currency, discounts, known_rate or 0)
        lines.append(line)
        charged = _at_full_price(line)
        if product.cycle is not None:
            later.include(charged)
            first = _first_charge(body, product, product.cycle, line)
            renewal, charged = charged, charged if first is None else _at_once(line, first)
            subscriptions.append(_subscription(body, product.id, product.cycle, charged, renewal, now))
        due.include(charged)
    if known_rate is None:
        _forget_taxes(lines, subscriptions)
    single = subscriptions[0] if len(subscriptions) == 1 else None
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
        "trial_amount": _trial_amount(body, single) if single else None,
        "trial_period_days": single["trial_period_days"] if single else None,
    }
    return Quote(document, due)


def rows_of(line: Body) -> list[Body]:
    """A cart line and its add-ons: each has a price, a discounted price and a tax of its own."""
    return [line, *(line["addons"] or ())]


def _at_full_price(line: Body) -> Amounts:
    """Charge each row at its price, and write the tax of each."""
    sums = Amounts()
    for row in rows_of(line):
        row["tax"] = sums.add(row["og_price"], row["discounted_price"], row["tax_rate"], row["tax_inclusive"])
    return sums


def _at_once(line: Body, amount: int) -> Amounts:
    """Charge an amount instead of the prices; its tax is the product's, and its add-ons have none yet."""
    sums = Amounts()
    for row in rows_of(line):
        row["tax"] = 0
    line["tax"] = sums.add(amount, amount, line["tax_rate"], line["tax_inclusive"])
    return sums


def _forget_taxes(lines: list[Body], subscriptions: list[Body]) -> None:
    """Without a billing country no tax is known, which is not 0."""
    for line in lines:
        for row in rows_of(line):
            row["tax"] = None
    for each in subscriptions:
        each |= {"tax_due_now": None, "recurring_tax": None}


def _line(item: Body, product: Product, currency: str, discounts: Discounts, rate: int) -> Body:
    """A cart line with its add-ons: prices for the whole quantity, in the quote's currency, without taxes."""
    unit = item.get("amount") or product.price if product.pay_what_you_want else product.price
    common: Body = {"currency": currency, "og_currency": product.currency, "tax_category": product.tax_category}
    common |= {"tax_inclusive": product.tax_inclusive, "tax_rate": rate, "tax": None}
    common |= {"discount_amount": discounts.rate(product.id)}

    def priced(unit: int, quantity: int) -> Body:
        price = unit * quantity
        return {"quantity": quantity, "og_price": price, "discounted_price": discounts.reduced(price, product.id)}

    addons: list[Body] = []
    for addon in parts(item, "addons"):
        name, addon_unit = ADDONS[addon["addon_id"]]
        each = converted(addon_unit, "USD", currency)
        addons.append(
            common
            | {"addon_id": addon["addon_id"], "name": name, "description": None, "single_quantity_price": each}
            | priced(each, addon["quantity"])
        )
    return (
        common
        | priced(converted(unit, product.currency, currency), item["quantity"])
        | {
            "product_id": product.id,
            "name": product.name,
            "description": product.description or None,
            "discount_cycle": discounts.cycles(product.id) if product.cycle else None,
            "is_subscription": product.cycle is not None,
            "is_usage_based": bool(product.meters),
            "meters": [quoted_meter(meter) for meter in product.meters],
            "monthly_equivalent": None,
            "credit_entitlements": _entitlements(item, product),
            "addons": addons or None,
        }
    )


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


def _trial_days(body: Body, cycle: Cycle) -> int:
    given = part(body, "subscription_data").get("trial_period_days")
    return cycle.trial_days if given is None else given


def _first_charge(body: Body, product: Product, cycle: Cycle, line: Body) -> int | None:
    """What is charged at once instead of the price, before tax; None for the price itself."""
    on_demand = part(body, "subscription_data").get("on_demand")
    if on_demand:
        if on_demand["mandate_only"]:
            return 0
        price = on_demand.get("product_price")
        source = on_demand.get("product_currency") or product.currency
        return None if price is None else converted(price, source, line["currency"])
    if _trial_days(body, cycle):
        return converted(cycle.trial_amount or 0, product.currency, line["currency"]) * line["quantity"]
    return None


def _subscription(body: Body, product_id: str, cycle: Cycle, due: Amounts, renewal: Amounts, now: datetime) -> Body:
    trial = _trial_days(body, cycle)
    return {
        "product_id": product_id,
        "amount_due_now": due.total,
        "recurring_amount": renewal.total,
        "recurring_tax": renewal.tax,
        "tax_due_now": due.tax,
        "next_billing_date": (now + timedelta(days=trial or _DAYS[cycle.interval] * cycle.count)).isoformat(),
        "trial_period_days": trial or None,
    }


def _trial_amount(body: Body, subscription: Body) -> int | None:
    """Of one unit of a paid trial, before tax."""
    cycle = PRODUCTS[subscription["product_id"]].cycle
    is_on_demand = part(body, "subscription_data").get("on_demand")
    return cycle.trial_amount if cycle and subscription["trial_period_days"] and not is_on_demand else None


def _breakup(sums: Amounts, known_rate: int | None) -> Body:
    return {
        "subtotal": sums.subtotal,
        "discount": sums.discount,
        "tax": sums.tax if known_rate is not None else None,
        "total_amount": sums.total,
    }
