"""What the buyer may change of the cart and of its price, on the page beside the order."""

from checkout_server.sandbox.body import parts
from checkout_server.sandbox.catalogue import ADDONS, COLLECTIONS, PRODUCTS, RATES
from checkout_server.sandbox.hosted.asked import flag, takes_codes
from checkout_server.sandbox.hosted.controls import Attributes, attributes, choice, group, labelled, text_field
from checkout_server.sandbox.hosted.draft import Draft
from checkout_server.sandbox.hosted.reading import MOST_ADDONS
from checkout_server.sandbox.pricing import quote
from checkout_server.sandbox.text import text_of

_IN_FORM: Attributes = {"form": "checkout"}
"""They stand outside the form."""
_PRICED: Attributes = {"data-priced": True, **_IN_FORM}


def cart_fields(draft: Draft) -> str:
    """What the buyer may change of the cart and of its price. Each change is priced again."""
    words, order = draft.words, draft.order
    content = _product(draft) + _addons(draft)
    if flag(order, "allow_currency_selection"):
        content += _currency(draft)
    if takes_codes(draft.session.order):
        typed = attributes(
            {
                "id": "discount_code",
                "name": "discount_code",
                "value": draft.value("discount_code"),
                "autocomplete": "off",
                **_IN_FORM,
            }
        )
        button = f'<button type="button" id="apply" class="secondary" hidden>{words["apply"]}</button>'
        content += labelled(
            "discount_code", words["discount_code"], f'<span class="joined"><input{typed}>{button}</span>', wide=False
        )
    return f'<div class="fields cart">{content}</div>' if content else ""


def _currency(draft: Draft) -> str:
    """The currency; the empty choice is what the order or the country comes to, and so follows the country."""
    chosen, session = draft.form.get("currency", ""), draft.session
    unchosen = draft.order | {"billing_currency": session.order.get("billing_currency")}
    own: str = quote(unchosen, session.created_at).document["currency"]
    options = [(each, each) for each in RATES if each != own]
    value = "" if chosen == own else chosen
    return choice("currency", draft.words["currency"], options, value, wide=False, empty=own, more=_PRICED)


def _product(draft: Draft) -> str:
    if parts(draft.session.order, "product_cart"):
        return ""
    offered = COLLECTIONS[draft.session.order["product_collection_id"]]
    options = [(each, PRODUCTS[each].name) for each in offered]
    chosen = draft.order["product_cart"][0]["product_id"]
    return choice("product", draft.words["product"], options, chosen, more=_PRICED)


def _addons(draft: Draft) -> str:
    if not flag(draft.order, "allow_editing_addons", default=False):
        return ""
    content = ""
    for number, item in enumerate(draft.order["product_cart"]):
        counts = {each["addon_id"]: each["quantity"] for each in parts(item, "addons")}
        for addon_id in PRODUCTS[item["product_id"]].addons:
            name, count = text_of(ADDONS[addon_id][0]), str(counts.get(addon_id, 0))
            more: Attributes = {"type": "number", "min": "0", "max": str(MOST_ADDONS), **_PRICED}
            content += text_field(f"addon_{number}_{addon_id}", name, count, wide=False, more=more)
    return group("addons", draft.words["extras"], content)
