"""What can be bought on the front page, and with which codes and as whom. Every text is escaped."""

from collections.abc import Mapping
from decimal import Decimal

from checkout_server.sandbox.catalogue import (
    ADDONS,
    CUSTOMERS,
    DISCOUNTS,
    EXPONENTS,
    PRODUCTS,
    RATES,
    TAX_RATES,
    Cycle,
    Discount,
    Meter,
    Product,
)
from checkout_server.sandbox.text import money, text_of

ORDER_PATH = "/sandbox/checkouts"
"""Where the cart is sent."""


def shop(form: Mapping[str, str], problem: str) -> str:
    """The products and the cart, filled in with a form that was refused."""
    rows = "".join(_product(product, form) for product in PRODUCTS.values() if not product.archived)
    alert = f'<p class="problem" role="alert" id="problem">{text_of(problem)}</p>' if problem else ""
    return f"""{alert}<form id="one" method="post" action="{ORDER_PATH}"></form>
<form class="shop" method="post" action="{ORDER_PATH}">
<section id="products" aria-labelledby="products-title"><h2 id="products-title">Products</h2>
<ul class="products">{rows}</ul></section>
<section class="cart" id="cart" aria-labelledby="cart-title"><h2 id="cart-title">Cart</h2>
<p class="quiet">Choose quantities, then open the checkout page that a buyer would see.</p>
{_choice("customer_id", "Customer", {each.id: each.name for each in CUSTOMERS.values()}, "New customer", form)}
{_choice("country", "Billing country", {each: each for each in sorted(TAX_RATES)}, "Left to the buyer", form)}
{_choice("billing_currency", "Billing currency", {each: each for each in RATES}, "By product and country", form)}
<label>Discount codes, in order
<input name="discount_codes" autocomplete="off" placeholder="SAVE20 WELCOME10" value="{_value("discount_codes", form)}">
</label>
<button class="main" id="open">Open the checkout</button>
</section>
</form>"""


def codes_and_customers() -> str:
    """Two tables: the discount codes, and who has bought before."""
    codes = "".join(
        f'<tr><th scope="row"><code>{text_of(code)}</code></th><td>{_effect(discount)}</td></tr>'
        for code, discount in DISCOUNTS.items()
    )
    customers = "".join(
        f'<tr><th scope="row">{text_of(each.name)}<br><small><code>{text_of(each.id)}</code></small></th>'
        f"<td>{'<br>'.join(_method(method.id, method.currencies) for method in each.methods) or 'none'}</td></tr>"
        for each in CUSTOMERS.values()
    )
    return f"""<section id="codes" aria-labelledby="codes-title"><h2 id="codes-title">Codes and customers</h2>
<div class="columns">
{_table("Discount codes", "Code", "What it does", codes)}
{_table("Customers", "Customer", "Saved methods", customers)}
</div></section>"""


def _table(caption: str, key: str, value: str, rows: str) -> str:
    return f"""<table><caption>{caption}</caption>
<thead><tr><th scope="col">{key}</th><th scope="col">{value}</th></tr></thead><tbody>{rows}</tbody></table>"""


def _product(product: Product, form: Mapping[str, str]) -> str:
    name, notes = text_of(product.name), "".join(f"<p><small>{note}</small></p>" for note in _notes(product))
    fields = _quantity(product.id, "Quantity", f"of {name}", form) + "".join(
        _quantity(f"{product.id} {addon_id}", ADDONS[addon_id][0], f"for {name}", form) for addon_id in product.addons
    )
    return f"""<li class="product"><div><h3>{name}</h3>
<p class="price">{_price(product)}</p><p><small><code>{text_of(product.id)}</code></small></p>{notes}</div>
<div class="choose">{fields}
<button form="one" name="{text_of(product.id)}" value="1">Buy one<span class="unseen"> {name}</span></button>
</div></li>"""


def _quantity(name: str, label: str, of: str, form: Mapping[str, str]) -> str:
    return (
        f'<label><span>{text_of(label)}<span class="unseen"> {of}</span></span>'
        f'<input type="number" name="{text_of(name)}" min="0" max="999" placeholder="0" value="{_value(name, form)}">'
        "</label>"
    )


def _choice(name: str, label: str, options: Mapping[str, str], default: str, form: Mapping[str, str]) -> str:
    chosen = form.get(name)
    rows = "".join(
        f'<option value="{text_of(value)}"{" selected" * (value == chosen)}>{text_of(text)}</option>'
        for value, text in options.items()
    )
    return f'<label>{label}<select name="{name}"><option value="">{default}</option>{rows}</select></label>'


def _value(name: str, form: Mapping[str, str]) -> str:
    return text_of(form.get(name, ""))


def _price(product: Product) -> str:
    amount = money(product.price, product.currency)
    if product.pay_what_you_want:
        return f"{amount} or more"
    return amount if product.cycle is None else f"{amount} {interval(product.cycle)}"


def interval(cycle: Cycle) -> str:
    """How often a subscription is charged: every month, every 3 months."""
    unit = cycle.interval.lower()
    return f"every {unit}" if cycle.count == 1 else f"every {cycle.count} {unit}s"


def _notes(product: Product) -> list[str]:
    notes = [text_of(product.description)] if product.description else []
    if product.cycle is not None and product.cycle.trial_days:
        fee = product.cycle.trial_amount
        price = "free" if fee is None else money(fee, product.currency)
        notes.append(f"First {product.cycle.trial_days} days {price}")
    notes += [_usage(meter, product.currency) for meter in product.meters]
    if product.addons:
        addons = (f"{text_of(ADDONS[each][0])} {money(ADDONS[each][1], 'USD')}" for each in product.addons)
        notes.append(f"Add-ons: {', '.join(addons)}")
    if product.license_keys:
        notes.append("With a licence key" if product.license_keys == 1 else f"With {product.license_keys} licence keys")
    if product.credit_entitlement:
        notes.append("Grants credits")
    if product.tax_inclusive:
        notes.append("Tax included")
    return notes


def _usage(meter: Meter, currency: str) -> str:
    price = Decimal(meter.price_per_unit).scaleb(-EXPONENTS.get(currency, 2)).normalize()
    return f"{currency}\u00a0{price:f} for each of {text_of(meter.unit)} beyond {meter.free_threshold:,}"


def _effect(discount: Discount) -> str:
    if discount.expired:
        return "Has expired: refused"
    if discount.used_up:
        return "Is used up: refused"
    effect = f"{Decimal(discount.basis_points) / 100:f} % off"
    if discount.products:
        effect += f", {', '.join(text_of(PRODUCTS[each].name) for each in discount.products)} only"
    return effect if discount.cycles is None else f"{effect}, for {discount.cycles} billing cycles"


def _method(method_id: str, currencies: tuple[str, ...]) -> str:
    only = f", {' and '.join(currencies)} only" if currencies else ""
    return f"<code>{text_of(method_id)}</code>: Visa 4242{only}"
