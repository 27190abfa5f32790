"""An order on the page: its lines, which sum to what is due, and what is charged later."""

from dataclasses import dataclass

from checkout_server.sandbox.body import Body, part, parts
from checkout_server.sandbox.catalogue import PRODUCTS, Cycle
from checkout_server.sandbox.pricing import rows_of
from checkout_server.sandbox.text import day, money, text_of
from checkout_server.words.languages import Words

_EVERY = {
    "Day": ("every_day", "every_days"),
    "Week": ("every_week", "every_weeks"),
    "Month": ("every_month", "every_months"),
    "Year": ("every_year", "every_years"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """What a subscription of an order charges now and later, in minor units."""

    line: Body
    cycle: Cycle
    due: int
    """Before tax and discount."""
    is_at_full_price: bool
    """Whether what is due is the price; else it is a trial's, or one that is charged on demand."""
    renewal: int
    """With tax."""
    next_date: str
    trial_days: int | None


def terms_of(document: Body) -> list[Term]:
    """One for each subscription, in the order of the cart."""
    lines = [line for line in document["product_cart"] if line["is_subscription"]]
    several = document["subscriptions"]
    return [_term(line, several[number] if several else _single(document)) for number, line in enumerate(lines)]


def _single(document: Body) -> Body:
    """The only subscription of a quote, in the shape that several have."""
    now, later = document["current_breakup"], document["recurring_breakup"]
    others = [row for line in document["product_cart"] if not line["is_subscription"] for row in rows_of(line)]
    paid_for_others = sum(_with_tax(row) for row in others)
    return {
        "amount_due_now": now["total_amount"] - paid_for_others,
        "tax_due_now": (now["tax"] or 0) - sum(row["tax"] or 0 for row in others),
        "recurring_amount": later["total_amount"],
        "next_billing_date": document["next_billing_date"],
        "trial_period_days": document["trial_period_days"],
    }


def _with_tax(row: Body) -> int:
    return row["discounted_price"] + (0 if row["tax_inclusive"] else row["tax"] or 0)


def _term(line: Body, subscription: Body) -> Term:
    cycle = PRODUCTS[line["product_id"]].cycle
    assert cycle is not None  # noqa: S101 - only such a product makes a subscription
    due = subscription["amount_due_now"] - (0 if line["tax_inclusive"] else subscription["tax_due_now"] or 0)
    is_full = due == sum(row["discounted_price"] for row in rows_of(line)) and not subscription["trial_period_days"]
    return Term(
        line,
        cycle,
        sum(row["og_price"] for row in rows_of(line)) if is_full else due,
        is_full,
        subscription["recurring_amount"],
        subscription["next_billing_date"][:10],
        subscription["trial_period_days"],
    )


def every(cycle: Cycle, words: Words) -> str:
    """How often, in words."""
    one, several = _EVERY[cycle.interval]
    return words[one] if cycle.count == 1 else words.filled(several, count=str(cycle.count))


def order_lines(document: Body, words: Words) -> str:
    """A table with a row for each line and add-on, at what is due for it now."""
    terms = {id(term.line): term for term in terms_of(document)}
    rows = "".join(_rows(line, terms.get(id(line)), document["currency"], words) for line in document["product_cart"])
    return f'<table id="lines"><tbody>{rows}</tbody></table>'


def _rows(line: Body, term: Term | None, currency: str, words: Words) -> str:
    if term is None or term.is_at_full_price:
        return "".join(_row(row, row["og_price"], currency, words, term) for row in rows_of(line))
    extras = "".join(_row(row, 0, currency, words, None, is_priced=False) for row in line["addons"] or ())
    return _row(line, term.due, currency, words, term, is_priced=False) + extras


def _row(row: Body, due: int, currency: str, words: Words, term: Term | None, *, is_priced: bool = True) -> str:
    notes: list[str] = []
    if term is not None:
        notes.append(_trial(term, words) or every(term.cycle, words))
    if is_priced and row["discounted_price"] != row["og_price"]:
        notes.append(f"{words['discount']} {money(row['discounted_price'] - row['og_price'], currency)}")
    small = "".join(f"<small>{note}</small>" for note in notes)
    quantity = f' <span class="quantity">×\u00a0{row["quantity"]}</span>'
    return f'<tr><th scope="row">{text_of(row["name"])}{quantity}{small}</th><td>{money(due, currency)}</td></tr>'


def order_sums(document: Body, words: Words) -> str:
    """A table from the subtotal to what is due; tax that the prices include stands apart, since nothing is added."""
    now, currency = document["current_breakup"], document["currency"]
    added = now["total_amount"] - now["subtotal"] + now["discount"]
    tax = words["tax_unknown"] if now["tax"] is None else money(added, currency)
    included = (now["tax"] or 0) - added
    rows = [("subtotal", words["subtotal"], money(now["subtotal"], currency))]
    if now["discount"]:
        rows.append(("discount", words["discount"], money(-now["discount"], currency)))
    rows.append(("tax", words["tax"], tax))
    body = "".join(
        f'<tr><th scope="row">{name}</th><td data-sum="{key}">{amount}</td></tr>' for key, name, amount in rows
    )
    due = f'<th scope="row">{words["due"]}</th><td data-sum="total">{money(now["total_amount"], currency)}</td>'
    note = f'<p class="quiet">{words["tax_included"]}: {money(included, currency)}</p>' if included else ""
    return f'<table id="sums"><tbody>{body}<tr class="total">{due}</tr></tbody></table>{note}'


def later_charges(order: Body, document: Body, undiscounted: Body, words: Words) -> list[str]:
    """A sentence for each thing that is charged after today. ``undiscounted`` is the quote without its codes."""
    on_demand, currency = part(part(order, "subscription_data"), "on_demand"), document["currency"]
    if on_demand:
        shows_tag = part(order, "customization").get("show_on_demand_tag") is not False
        return [words["on_demand"]] * shows_tag + [words["mandate"]] * bool(on_demand.get("mandate_only"))
    sentences: list[str] = []
    for term, full in zip(terms_of(document), terms_of(undiscounted), strict=True):
        how_often = every(term.cycle, words)
        sentences.append(
            words.filled("renewal", amount=money(term.renewal, currency), every=how_often, date=day(term.next_date))
            if term.renewal or not term.line["is_usage_based"]
            else ""
        )
        if term.line["discount_cycle"] is not None:
            sentences.append(words.filled("after_discount", amount=money(full.renewal, currency), every=how_often))
        sentences += [words["usage"]] * bool(parts(term.line, "meters"))
    return [each for each in sentences if each]


def _trial(term: Term, words: Words) -> str:
    if not term.trial_days:
        return ""
    return words.filled("trial_until", date=day(term.next_date))


def pay_words(order: Body, document: Body, words: Words) -> str:
    """What the button says: the amount, or what is begun where nothing is due."""
    custom = part(part(order, "customization"), "theme_config").get("pay_button_text")
    if custom:
        return text_of(custom)
    due = document["current_breakup"]["total_amount"]
    if due:
        return words.filled("pay", amount=money(due, document["currency"]))
    return words["start_trial" if any(each.trial_days for each in terms_of(document)) else "place_order"]
