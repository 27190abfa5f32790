"""An order on the hosted page: its lines, and what is charged now and later."""

import unicodedata
from html import escape

from checkout_server.sandbox.body import Body
from checkout_server.sandbox.catalogue import EXPONENTS
from checkout_server.sandbox.pricing import rows_of


def order_table(document: Body, *, is_open: bool) -> str:
    """The lines, which sum to the amounts below them, what is charged later, and why a table does not add up."""
    currency = document["currency"]
    rows = [row for line in document["product_cart"] for row in rows_of(line)]
    now, later = document["current_breakup"], document["recurring_breakup"]
    sums = [("Subtotal", now["subtotal"]), ("Discount", -now["discount"] or None), ("Tax", now["tax"])]
    totals = "".join(
        f"<tr><th>{name}</th><td>{money(amount, currency)}</td></tr>" for name, amount in sums if amount is not None
    )
    notes: list[str] = []
    if later:
        renewal, next_date = money(later["total_amount"], currency), escape(document["next_billing_date"][:10])
        notes.append(f"Then {renewal} at each renewal, next on {next_date}.")
        if later["subtotal"] and sum(row["og_price"] for row in rows) != now["subtotal"]:
            notes.append("The lines of subscriptions show the price of a renewal.")
    if any(row["tax_inclusive"] for row in rows):
        notes.append("Tax is included in some of these prices.")
    due = f'<tr class="total"><th>Due now</th><td id="total">{money(now["total_amount"], currency)}</td></tr>'
    return f"""<details{" open" if is_open else ""}><summary>Your order</summary>
<table id="lines">{"".join(_row(row, currency) for row in rows)}</table></details>
<table id="sums">{totals}{due}</table>{"".join(f"<p class='recurring'>{note}</p>" for note in notes)}"""


def _row(row: Body, currency: str) -> str:
    amounts = [("discount", row["discounted_price"] - row["og_price"]), ("tax", row["tax"])]
    shares = "".join(f"<br><small>{name} {money(amount, currency)}</small>" for name, amount in amounts if amount)
    name = f"{text_of(row['name'])} <small>× {row['quantity']}</small>"
    return f"<tr><td>{name}</td><td>{money(row['og_price'], currency)}{shares}</td></tr>"


def text_of(text: str | None) -> str:
    """Escaped, without control, bidi and zero-width characters."""
    return escape("".join(character for character in text or "" if unicodedata.category(character)[0] != "C"))


def money(amount: int, currency: str) -> str:
    exponent = EXPONENTS.get(currency, 2)
    return f"{currency}\u00a0{amount / 10**exponent:,.{exponent}f}"
