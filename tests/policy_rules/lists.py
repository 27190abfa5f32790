"""Rules of what may be sold, to where, and where buyers are sent back to."""

from collections.abc import Mapping, Sequence
from typing import Any

from policy_rules.tries import (
    ALLOWED,
    COLLECTION,
    EBOOK,
    Outcome,
    Rule,
    Try,
    cart,
    denied,
    finding,
    in_country,
    quoting,
    selling,
    team,
)

_YEN, _POUNDS, _MOUSE = cart("prod_tokyo_guide"), cart("prod_consulting_service"), cart("prod_mouse")
_NO_CURRENCY, _NO_COUNTRY = denied("billing_currency"), denied("billing_address.country")
_SHOP, _BELOW, _APEX = "https://shop.example.com/done", "https://a.example.org/", "https://example.org/"
_OWN_APP, _OTHER_APP = "myapp://paid", "com.example.shop://paid"


def _with_codes(*codes: str) -> dict[str, Any]:
    return EBOOK | {"discount_codes": list(codes)}


def _on_demand(currency: str) -> dict[str, Any]:
    terms = {"mandate_only": True, "product_currency": currency}
    return cart("prod_subscription", subscription_data={"on_demand": terms})


def _back_to(url: str, *, refused: bool = False) -> list[tuple[Try, Outcome]]:
    """By both fields."""
    sales: dict[str, dict[str, Any]] = {name: {name: url} for name in ("return_url", "cancel_url")}
    return [(selling(EBOOK, **sale), denied(name) if refused else ALLOWED) for name, sale in sales.items()]


_NO_HOST_IN_LIVE_MODE = "no host for return_url and cancel_url, since live_mode needs them listed"
_NO_APP = "no app scheme for return_url and cancel_url"

LISTS: Mapping[str, Sequence[Rule]] = {
    "allow.products": [
        Rule(
            None,
            "any product",
            [(finding("prod_mouse"), ALLOWED), *((quoting(each), ALLOWED) for each in (EBOOK, _MOUSE, COLLECTION))],
        ),
        Rule(
            "[]",
            "no product at all",
            [(finding("prod_mouse"), "not listed"), (quoting(_MOUSE), denied("product_cart[0].product_id"))],
        ),
        Rule(
            '["prod_ebook_guide", "prod_team_plan"]',
            "only prod_ebook_guide, prod_team_plan and their add-ons; collections are refused",
            [
                (finding("prod_ebook_guide"), ALLOWED),
                (finding("prod_team_plan"), ALLOWED),
                (quoting(EBOOK), ALLOWED),
                (quoting(team(3)), ALLOWED),
                (finding("prod_mouse"), "not listed"),
                (quoting(cart("prod_ebook_guide", "prod_mouse")), denied("product_cart[1].product_id")),
                (quoting(COLLECTION), denied("product_collection_id")),
            ],
        ),
    ],
    "allow.discount_codes": [
        Rule(None, "any discount code", [(quoting(_with_codes("SAVE20", "WELCOME10")), ALLOWED)]),
        Rule(
            "[]",
            "no discount code at all",
            [
                (quoting(EBOOK), ALLOWED),
                (quoting(_with_codes("SAVE20")), denied("discount_codes[0]")),
                (quoting(EBOOK | {"discount_code": "SAVE20"}), denied("discount_code")),
            ],
        ),
        Rule(
            '["SAVE20", "welcome10"]',
            "only SAVE20, welcome10",
            [
                (quoting(_with_codes("save20")), ALLOWED),
                (quoting(_with_codes("WELCOME10")), ALLOWED),
                (quoting(EBOOK | {"discount_code": "WELCOME10"}), ALLOWED),
                (quoting(_with_codes("SAVE20", "BLACKFRIDAY20")), denied("discount_codes[1]")),
                (quoting(EBOOK | {"discount_code": "FREE100"}), denied("discount_code")),
            ],
        ),
    ],
    "allow.currencies": [
        Rule(None, "any currency", [(quoting(each), ALLOWED) for each in (EBOOK, _YEN, _POUNDS, _on_demand("EUR"))]),
        Rule("[]", "no currency at all", [(quoting(each), _NO_CURRENCY) for each in (EBOOK, _YEN)]),
        Rule(
            '["USD", "JPY"]',
            "only USD, JPY",
            [
                *((quoting(each), ALLOWED) for each in (EBOOK, _YEN, _on_demand("USD"), _on_demand("JPY"))),
                (quoting(_POUNDS), _NO_CURRENCY),
                (quoting(_on_demand("EUR")), denied("subscription_data.on_demand.product_currency")),
            ],
        ),
    ],
    "allow.countries": [
        Rule(None, "any billing country", [(quoting(each), ALLOWED) for each in (EBOOK, in_country("FR"))]),
        Rule("[]", "no billing country at all", [(quoting(each), _NO_COUNTRY) for each in (EBOOK, in_country("US"))]),
        Rule(
            '["US", "GB"]',
            "only US, GB",
            [
                (quoting(in_country("US")), ALLOWED),
                (quoting(in_country("GB")), ALLOWED),
                (quoting(in_country("FR")), _NO_COUNTRY),
                (quoting(EBOOK), _NO_COUNTRY),
            ],
        ),
    ],
    "allow.return_hosts": [
        Rule(
            None,
            "any host for return_url and cancel_url",
            [*_back_to(_SHOP), *_back_to("https://evil.example/"), *_back_to("http://localhost:3000/")],
        ),
        Rule(
            "[]",
            "no host for return_url and cancel_url at all",
            [(selling(EBOOK), ALLOWED), *_back_to(_SHOP, refused=True), *_back_to("http://localhost/", refused=True)],
        ),
        Rule(
            '["shop.example.com", "*.example.org"]',
            "only shop.example.com, *.example.org",
            [
                *_back_to(_SHOP),
                *_back_to(_BELOW),
                *_back_to(_APEX, refused=True),
                *_back_to("https://evilexample.org/", refused=True),
                *_back_to("https://evil.example/", refused=True),
                *_back_to("http://localhost/", refused=True),
            ],
        ),
        *(
            Rule(
                value,
                _NO_HOST_IN_LIVE_MODE,
                [(selling(EBOOK), ALLOWED), *_back_to(_SHOP, refused=True)],
                environment="live_mode",
            )
            for value in (None, "[]")
        ),
        Rule(
            '["shop.example.com", "*.example.org"]',
            "only shop.example.com, *.example.org",
            [*_back_to(_SHOP), *_back_to(_BELOW), *_back_to(_APEX, refused=True)],
            environment="live_mode",
        ),
    ],
    "allow.return_schemes": [
        *(Rule(value, _NO_APP, [*_back_to(_SHOP), *_back_to(_OWN_APP, refused=True)]) for value in (None, "[]")),
        Rule(
            '["myapp", "com.example.shop"]',
            "only myapp://, com.example.shop:// besides https for return_url and cancel_url",
            [
                *_back_to(_SHOP),
                *_back_to(_OWN_APP),
                *_back_to(_OTHER_APP),
                *_back_to("yourapp://paid", refused=True),
            ],
        ),
    ],
}
