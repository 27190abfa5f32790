"""Rules of amounts and quantities."""

from collections.abc import Mapping, Sequence

from policy_rules.tries import (
    ALLOWED,
    ASKED,
    COLLECTION,
    EBOOK,
    EDITED,
    METERED,
    TRIAL,
    Rule,
    cart,
    denied,
    quoting,
    refused,
    selling,
    team,
)

_TWO_EBOOKS, _TOKYO = cart("prod_ebook_guide", quantity=2), cart("prod_tokyo_guide")
_TWO_TOKYO, _LONDON = cart("prod_tokyo_guide", quantity=2), cart("prod_consulting_service")
_MUCH = cart("prod_luxury_watch", quantity=1000)
_UNCOUNTED = (_MUCH, team(1000), COLLECTION)
_ON_PAGE = denied("feature_flags.allow_editing_addons")


def _on_demand(price: int, currency: str = "USD") -> dict[str, object]:
    terms = {"mandate_only": True, "product_price": price, "product_currency": currency}
    return cart("prod_subscription", subscription_data={"on_demand": terms})


AMOUNTS: Mapping[str, Sequence[Rule]] = {
    "limits.max_total": [
        Rule(
            None,
            "no limit for one charge",
            [(quoting(each), ALLOWED) for each in (_MUCH, _TOKYO, _LONDON, METERED, COLLECTION, TRIAL)],
        ),
        Rule(
            "{}",
            "nothing can be sold, since no currency is named",
            [(quoting(each), denied("billing_currency")) for each in (EBOOK, _TOKYO)],
        ),
        Rule(
            "{ USD = 1900, JPY = 1500 }",
            "one charge is at most USD 19.00, JPY 1,500; other currencies are refused, and so is what has no bound: "
            "billed usage, and what the buyer chooses on the page",
            [
                (selling(EBOOK), ALLOWED),
                (selling(_TOKYO), ALLOWED),
                (quoting(_on_demand(1900)), ALLOWED),
                (quoting(_on_demand(1500, "JPY")), ALLOWED),
                (quoting(_TWO_EBOOKS), denied("product_cart")),
                (quoting(_TWO_TOKYO), denied("product_cart")),
                (quoting(TRIAL), denied("product_cart")),
                (quoting(_on_demand(1901)), denied("subscription_data.on_demand.product_price")),
                (quoting(_on_demand(1501, "JPY")), denied("subscription_data.on_demand.product_price")),
                (quoting(_on_demand(1, "EUR")), denied("subscription_data.on_demand.product_currency")),
                (quoting(_LONDON), denied("billing_currency")),
                (quoting(METERED), denied("product_cart")),
                (quoting(COLLECTION), denied("product_collection_id")),
                (selling(EBOOK, **EDITED), _ON_PAGE),
                (selling(EBOOK, mandate_min_amount_inr_paise=1), denied("mandate_min_amount_inr_paise")),
            ],
        ),
    ],
    "limits.max_quantity": [
        Rule(
            None,
            "no limit for a cart line",
            [(selling(EBOOK, **EDITED), ALLOWED), *((quoting(each), ALLOWED) for each in _UNCOUNTED)],
        ),
        Rule(
            "0",
            "at most 0 on a cart line or add-on; what the buyer chooses on the page is refused",
            [(quoting(EBOOK), denied("product_cart[0].quantity"))],
        ),
        Rule(
            "2",
            "at most 2 on a cart line or add-on; what the buyer chooses on the page is refused",
            [
                (quoting(cart("prod_ebook_guide", "prod_mouse", quantity=2)), ALLOWED),
                (quoting(team(2)), ALLOWED),
                (quoting(cart("prod_ebook_guide", "prod_mouse", quantity=3)), denied(
                    "product_cart[0].quantity", "product_cart[1].quantity"
                )),
                (quoting(team(3)), denied("product_cart[0].addons[0].quantity")),
                (quoting(COLLECTION), denied("product_collection_id")),
                (selling(EBOOK, **EDITED), _ON_PAGE),
            ],
        ),
    ],
    "confirm.ask_above": [
        Rule(
            None,
            "nobody is asked because of the amount",
            [(selling(each), ALLOWED) for each in (_MUCH, _TOKYO, METERED, COLLECTION, TRIAL)],
        ),
        Rule("{}", "a person is asked for every session", [(selling(each), ASKED) for each in (EBOOK, _TOKYO)]),
        Rule(
            "{ USD = 1900, JPY = 1500 }",
            "a person is asked above USD 19.00, JPY 1,500, for every other currency, and for what has no bound",
            [
                (selling(EBOOK), ALLOWED),
                (selling(_TOKYO), ALLOWED),
                (selling(_TWO_EBOOKS), ASKED),
                (selling(_TWO_TOKYO), ASKED),
                (selling(TRIAL), ASKED),
                (selling(_LONDON), ASKED),
                (selling(METERED), ASKED),
                (selling(COLLECTION), ASKED),
                (selling(_on_demand(1)), ASKED),
                (selling(EBOOK, **EDITED), ASKED),
                (selling(EBOOK, mandate_min_amount_inr_paise=1), ASKED),
                (selling(cart("prod_mouse"), answer="refuse"), refused("approval_declined")),
            ],
        ),
    ],
}  # fmt: skip
