"""Sections of the policy, for one principal or for who has a scope: narrower than what holds for all, never wider."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the document asks whether its sections are narrower
    from pydantic import BaseModel

    from checkout_server.checkout.policy.document import Policy, Section
    from checkout_server.checkout.principal import Principal

_MODES = ("never", "ask", "unattended")
"""The strictest first."""


def _least(common: int | None, own: int | None) -> int | None:
    return min((each for each in (common, own) if each is not None), default=None)


def _both(common: bool, own: bool) -> bool:
    return common and own


def _strictest(common: str, own: str) -> str:
    return min(common, own, key=_MODES.index)


def _amounts(common: Mapping[str, int] | None, own: Mapping[str, int] | None) -> Mapping[str, int] | None:
    """A currency that is not named has the strictest amount of all."""
    if common is None or own is None:
        return own if common is None else common
    return {currency: min(amount, common[currency]) for currency, amount in own.items() if currency in common}


Words = Sequence[str]


def _words(common: Words | None, own: Words | None, *, form: Callable[[str], str] = str) -> Words | None:
    if common is None or own is None:
        return own if common is None else common
    known = set(map(form, common))
    return tuple(each for each in own if form(each) in known)


def _codes(common: Words | None, own: Words | None) -> Words | None:
    return _words(common, own, form=str.casefold)  # the API reads them in any case


def _schemes(common: Words | None, own: Words | None) -> Words | None:
    return _words(common or (), own or ())  # absent allows none


def _hosts(common: Words | None, own: Words | None) -> Words | None:
    if common is None or own is None:
        return own if common is None else common
    found: list[str] = []
    for pattern in own:
        found += [pattern] if any(_covers(each, pattern) for each in common) else []
        found += [each for each in common if each != pattern and _covers(pattern, each)]
    return tuple(dict.fromkeys(found))


def _covers(pattern: str, other: str) -> bool:
    """Whether every host of the other pattern is one of this."""
    return pattern == other or (pattern.startswith("*.") and other.removeprefix("*").endswith(pattern[1:]))


MEETS: Mapping[str, Callable[[Any, Any], Any]] = {
    "limits.max_total": _amounts,
    "limits.max_quantity": _least,
    "limits.creations_per_hour": _least,
    "limits.customer_lookups_per_hour": _least,
    "allow.products": _words,
    "allow.discount_codes": _codes,
    "allow.currencies": _words,
    "allow.countries": _words,
    "allow.return_hosts": _hosts,
    "allow.return_schemes": _schemes,
    "confirm.mode": _strictest,
    "confirm.saved_payment_methods": _both,
    "confirm.list_saved_payment_methods": _both,
    "confirm.list_any_customer": _both,
    "confirm.ask_above": _amounts,
    "preview.ttl_seconds": _least,
    "preview.requote_after_seconds": _least,
    "rates.previews_per_minute": _least,
    "rates.creations_per_minute": _least,
    "share.license_keys": _both,
    "share.custom_field_responses": _both,
    "share.invoice_url": _both,
}
"""What two values of a key allow together: never more than one of them alone."""


def narrowed(policy: "Policy", principal: "Principal") -> "Policy":
    """The policy as it holds for a principal: with every section that is about them."""
    if not policy.principal and not policy.scope:
        return policy
    for section in list(_sections_about(policy, principal)):
        tables = {table: _meet(table, getattr(policy, table), keys) for table, keys in tables_of(section)}
        policy = policy.model_copy(update=tables)
    return policy


def _meet(table: str, common: "BaseModel", own: Mapping[str, Any]) -> "BaseModel":
    return common.model_copy(
        update={key: MEETS[f"{table}.{key}"](getattr(common, key), value) for key, value in own.items()}
    )


def _sections_about(policy: "Policy", principal: "Principal") -> Iterator["Section"]:
    named = policy.principal.get(f"{principal.issuer}|{principal.subject}")
    if named is not None:
        yield named
    for scope, section in policy.scope.items():
        if principal.scopes is None or scope in principal.scopes:
            yield section


def tables_of(section: "Section") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables of a section, or of the policy for everybody, each with the keys that it sets."""
    for name in type(section).model_fields:
        if name in section.model_fields_set and name not in {"principal", "scope"}:
            table: BaseModel = getattr(section, name)
            keys = (key for key in type(table).model_fields if key in table.model_fields_set)
            yield name, {key: getattr(table, key) for key in keys}


def wider_keys(policy: "Policy", section: "Section", environment: str) -> Iterator[str]:
    """The keys by which a section would allow more than the policy does for everybody."""
    for table, keys in tables_of(section):
        for key, own in keys.items():
            path, common = f"{table}.{key}", getattr(getattr(policy, table), key)
            if path == "allow.return_hosts" and environment == "live_mode":
                common = common or ()  # there an absent list allows none
            if not _is_within(path, own, common):
                yield path


def _is_within(path: str, own: Any, common: Any) -> bool:
    if path == "allow.return_hosts":  # a common list may name the same hosts twice, as *.example.com and by themselves
        return common is None or all(any(_covers(each, pattern) for each in common) for pattern in own)
    return MEETS[path](common, own) == own
