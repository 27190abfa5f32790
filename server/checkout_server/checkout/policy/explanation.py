"""The effective policy in words, with where each value comes from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.policy.document import Policy, Section
from checkout_server.privacy.text import shown


@dataclass(frozen=True, slots=True)
class ExplainedKey:
    """One key of the policy: what its value means, and whether it comes from the file or is the default."""

    key: str
    says: str
    source: str


def explain_policy(policy: Policy, environment: str) -> list[ExplainedKey]:
    """Every key of the policy that holds for everybody, in the order of the file."""
    return [
        ExplainedKey(
            f"{table}.{key}",
            _says(f"{table}.{key}", value, environment),
            "CHECKOUT_POLICY" if key in getattr(policy, table).model_fields_set else "default",
        )
        for table in (*Section.model_fields, "audit")
        for key, value in getattr(policy, table)
    ]


def explain_sections(policy: Policy, environment: str) -> Iterator[tuple[str, list[ExplainedKey]]]:
    """What else holds for whom, by section: in words whom it is about, and the keys that it sets."""
    sections = [
        *((f"the principal {shown(name, 200)}", section) for name, section in policy.principal.items()),
        *((f"whoever has the scope {scope}", section) for scope, section in policy.scope.items()),
    ]
    for about, section in sections:
        yield (
            about,
            [
                ExplainedKey(f"{table}.{key}", _says(f"{table}.{key}", value, environment), "CHECKOUT_POLICY")
                for table in Section.model_fields
                for key, value in getattr(section, table)
                if key in getattr(section, table).model_fields_set
            ],
        )


def _says(key: str, value: Any, environment: str) -> str:
    return _LIVE_HOSTS if _closed(key, value, environment) else _SENTENCES[key](value)


_LIVE_HOSTS = "no host for return_url and cancel_url, since live_mode needs them listed"


def _closed(key: str, value: Any, environment: str) -> bool:
    return key == "allow.return_hosts" and environment == "live_mode" and not value


def _list(subject: str, more: str = "") -> Callable[[Sequence[str] | None], str]:
    def sentence(values: Sequence[str] | None) -> str:
        if values is None:
            return f"any {subject}"
        return f"only {', '.join(values)}{more}" if values else f"no {subject} at all"

    return sentence


def _amounts(amounts: Mapping[str, int]) -> str:
    return ", ".join(display(amount, currency) for currency, amount in amounts.items())


def _return_schemes(schemes: Sequence[str] | None) -> str:
    if not schemes:
        return "no app scheme for return_url and cancel_url"
    return f"only {', '.join(f'{scheme}://' for scheme in schemes)} besides https for return_url and cancel_url"


def _max_total(limits: Mapping[str, int] | None) -> str:
    if limits is None:
        return "no limit for one charge"
    if not limits:
        return "nothing can be sold, since no currency is named"
    return (
        f"one charge is at most {_amounts(limits)}; other currencies are refused, and so is what has no bound: billed "
        "usage, and what the buyer chooses on the page"
    )


def _max_quantity(most: int | None) -> str:
    if most is None:
        return "no limit for a cart line"
    return f"at most {most} on a cart line or add-on; what the buyer chooses on the page is refused"


def _ask_above(amounts: Mapping[str, int] | None) -> str:
    if amounts is None:
        return "nobody is asked because of the amount"
    if not amounts:
        return "a person is asked for every session"
    return f"a person is asked above {_amounts(amounts)}, for every other currency, and for what has no bound"


def _rate(what: str, more: str = "") -> Callable[[int | None], str]:
    def sentence(most: int | None) -> str:
        if most is None:
            return f"no limit of {what} a minute"
        return f"at most {most} {what} a minute for each principal{more}, counted over all that share the ledger"

    return sentence


def _shared(what: str) -> Callable[[bool], str]:
    return lambda shares: f"agents get {what} of a paid sale" if shares else f"agents do not get {what} of a paid sale"


_MODES = {
    "ask": "confirm and saved payment methods need a person's yes",
    "never": "confirm is refused; the buyer pays on the hosted page",
    "unattended": "confirm charges without asking anybody",
}

_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "limits.max_total": _max_total,
    "limits.max_quantity": _max_quantity,
    "limits.creations_per_hour": lambda most: (
        "no limit of creations an hour"
        if most is None
        else f"at most {most} creations an hour, refused ones too, counted over all processes that share the ledger"
    ),
    "limits.customer_lookups_per_hour": lambda most: (
        f"at most {most} customers' saved payment methods are listed an hour, counted as creations are"
    ),
    "allow.products": _list("product", " and their add-ons; collections are refused"),
    "allow.discount_codes": _list("discount code"),
    "allow.currencies": _list("currency"),
    "allow.countries": _list("billing country"),
    "allow.return_hosts": _list("host for return_url and cancel_url"),
    "allow.return_schemes": _return_schemes,
    "confirm.mode": lambda mode: _MODES[mode],
    "confirm.saved_payment_methods": lambda allowed: (
        "payment_method_id may be used with confirm" if allowed else "payment_method_id is refused"
    ),
    "confirm.list_saved_payment_methods": lambda offered: (
        "list_saved_payment_methods is offered" if offered else "list_saved_payment_methods is not offered"
    ),
    "confirm.list_any_customer": lambda anybody: (
        "saved payment methods of any customer may be listed"
        if anybody
        else "saved payment methods are listed for customers who were sold to here before"
    ),
    "confirm.ask_above": _ask_above,
    "preview.ttl_seconds": lambda seconds: f"a preview can be used for {seconds} seconds",
    "preview.requote_after_seconds": lambda seconds: (
        f"a price is asked for again after {seconds} seconds" if seconds else "the price is asked for again every time"
    ),
    "rates.previews_per_minute": _rate("previews"),
    "rates.creations_per_minute": _rate("creations", ", refused ones too"),
    "share.license_keys": _shared("licence keys"),
    "share.custom_field_responses": _shared("the buyer's answers to custom fields"),
    "share.invoice_url": _shared("the invoice's address, which shows the buyer's name and address,"),
    "audit.keep_days": lambda days: f"what became of each preview is kept for {days} days, without personal data",
}
