"""What a policy refuses. Every refusal of a call comes at once, by field."""

import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from checkout_schemas.errors import Problem
from checkout_schemas.rules import at
from checkout_schemas.vocabularies.currencies import display
from checkout_schemas.vocabularies.url_schemes import WEB_SCHEMES, scheme_of
from checkout_server.checkout.orders import SealedOrder, confirms
from checkout_server.checkout.policy.document import Policy

Order = Mapping[str, Any]

_LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
"""What we match patterns against. Browsers read other characters in ways of their own."""


def denied_order(order: Order, policy: Policy) -> list[Problem]:
    """Everything that the policy forbids about what is bought, before it is priced."""
    allow, limits = policy.allow, policy.limits
    found: list[Problem] = []
    for index, item in enumerate(cast(list[Order], order.get("product_cart") or [])):
        line = f"product_cart[{index}]"
        if allow.products is not None and item.get("product_id") not in allow.products:
            found.append(_denied(f"{line}.product_id", "is not a product that may be sold here"))
        addons = cast(list[Order], item.get("addons") or [])
        rows = [(line, item), *((f"{line}.addons[{place}]", addon) for place, addon in enumerate(addons))]
        found += [
            _denied(f"{path}.quantity", "is above the limit", f"use at most {limits.max_quantity}")
            for path, row in rows
            if limits.max_quantity is not None and row.get("quantity", 0) > limits.max_quantity
        ]
    if at(order, "product_collection_id") is not None and (allow.products is not None or limits.max_total is not None):
        # The buyer chooses on the page: neither the products nor the total are known here.
        found.append(_denied("product_collection_id", "cannot be checked against the policy", "name the products"))
    codes = at(order, "discount_codes") or [at(order, "discount_code")]
    if allow.discount_codes is not None and any(code not in allow.discount_codes for code in codes if code):
        path = "discount_codes" if at(order, "discount_codes") else "discount_code"
        found.append(_denied(path, "holds a code that may not be used here"))
    if allow.countries is not None:
        country = at(order, "billing_address.country")
        if country is None:
            found.append(_denied("billing_address.country", "must be given", "name the buyer's country"))
        elif country not in allow.countries:
            found.append(_denied("billing_address.country", "is not a country that is sold to"))
    return found


def denied_price(order: SealedOrder, policy: Policy) -> list[Problem]:
    """What the policy forbids about a price. The limit holds for each charge, now and at renewals."""
    if policy.allow.currencies is not None and order.currency not in policy.allow.currencies:
        return [_denied("billing_currency", "is not a currency that is sold in")]
    if policy.limits.max_total is None:
        return []
    most = policy.limits.max_total.get(order.currency)
    if most is None:
        return [_denied("billing_currency", "has no limit in the policy and is refused", "use another currency")]
    if order.largest_charge > most:
        allowed = f"the limit for one charge is {display(most, order.currency)}"
        return [_denied("product_cart", "costs more than the policy allows", allowed)]
    return []


def asks_above(order: SealedOrder, policy: Policy, *, mandate: int | None = None) -> bool:
    """Whether a person is asked because of the amount; also where there is none, or not all of it is known."""
    above = policy.confirm.ask_above
    return above is not None and (
        order.currency not in above
        or order.largest_charge > above[order.currency]
        or order.is_open
        or order.is_on_demand
        or (mandate is not None and mandate > above.get("INR", -1))
    )


def mandate_of(request: Order) -> int | None:
    """Up to which amount, in paise, a mandate for later charges is registered at least."""
    return request.get("mandate_min_amount_inr_paise")


def denied_sale(request: Order, policy: Policy, environment: str) -> list[Problem]:
    """Everything that the policy forbids about how it is sold."""
    found = [
        problem for name in ("return_url", "cancel_url") for problem in _denied_url(request, name, policy, environment)
    ]
    if confirms(request) and policy.confirm.mode == "never":
        found.append(_denied("confirm", "is not allowed here", "leave it out; the buyer pays on the hosted page"))
    mandate, limits = mandate_of(request), policy.limits.max_total
    if mandate is not None and limits is not None and mandate > limits.get("INR", -1):
        found.append(_denied("mandate_min_amount_inr_paise", "is above the limit for one charge", "leave it out"))
    if request.get("payment_method_id") is not None and not policy.confirm.saved_payment_methods:
        found.append(_denied("payment_method_id", "is not allowed here", "leave it out"))
    return found


def _denied_url(request: Order, name: str, policy: Policy, environment: str) -> list[Problem]:
    url = at(request, name)
    if not isinstance(url, str):
        return []
    if (scheme := scheme_of(url)) not in WEB_SCHEMES:
        # An app has no host to check; the scheme names the app.
        if scheme in (policy.allow.return_schemes or ()):
            return []
        repair = "use https, or have the operator add it to allow.return_schemes of CHECKOUT_POLICY"
        return [_denied(name, "uses a scheme that is not allowed", repair)]
    hosts = policy.allow.return_hosts
    if not hosts and environment == "live_mode":
        repair = "the operator must list hosts in allow.return_hosts of CHECKOUT_POLICY"
        return [_denied(name, "is refused in live_mode", repair)]
    if hosts is None or _host_matches((urlsplit(url).hostname or "").removesuffix("."), hosts):
        return []
    return [_denied(name, "points to a host that is not allowed", "use a host of allow.return_hosts in the policy")]


def _host_matches(host: str, patterns: tuple[str, ...]) -> bool:
    """``*.example.org`` is every host below it, and not the domain itself."""
    return _HOST.fullmatch(host) is not None and any(
        host.endswith(pattern[1:]) and len(host) > len(pattern) - 1 if pattern.startswith("*.") else host == pattern
        for pattern in patterns
    )


def _denied(path: str, problem: str, suggestion: str | None = None) -> Problem:
    return Problem(path=path, problem=problem, suggestion=suggestion)
