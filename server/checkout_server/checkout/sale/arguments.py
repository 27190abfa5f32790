"""What a call of ``create_checkout_session`` asks for, in a form in which two calls can be compared.

Each argument is a digest under its path, so that the ledger holds no value and a refusal can name what differs. The
digests are not keyed, and sealed before they are stored.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

from checkout_schemas.requests.create_checkout_session import PREVIEW_ID_KEY, CreateCheckoutSession
from checkout_server.checkout.orders import open_arguments_of_preview
from checkout_server.checkout.wire import Body
from checkout_server.privacy.sealing import Sealer

Digests = Mapping[str, str]
"""Path → digest of the canonical value."""

_WHOLE = frozenset({"custom_fields", "metadata", "customization.theme_config"})
"""Compared as a whole: their inner names are the caller's, or too many to list."""


_ON_BY_DEFAULT = frozenset(
    {
        "customization.show_on_demand_tag",
        "customization.show_order_details",
        "feature_flags.allow_currency_selection",
        "feature_flags.allow_discount_code",
        "feature_flags.allow_phone_number_collection",
        "feature_flags.allow_tax_id",
    }
)
"""Switches that are true unless they are set to false (SDK: "Default is true"); all others are false."""


def digest_arguments(request: CreateCheckoutSession) -> Digests:
    """A digest of each argument but ``preview_id``. Unset equals the API's default, which is false for most switches;
    the case of an e-mail's host, the order of payment methods and the order of metadata do not count."""
    arguments = request.model_dump(mode="json", exclude_unset=True, exclude={"preview_id"})
    on = _ON_BY_DEFAULT | {"minimal_address"} if _is_single_page(request) else _ON_BY_DEFAULT
    return {
        path: _digest(value) for path, value in _leaves(arguments) if value is not None and value is not (path in on)
    }


def _is_single_page(request: CreateCheckoutSession) -> bool:
    """The flag makes ``minimal_address`` true by default."""
    return request.feature_flags is not None and request.feature_flags.single_page is True


def _leaves(arguments: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in arguments.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and path not in _WHOLE:
            found += _leaves(cast(dict[str, Any], value), f"{path}.")
        else:
            found.append((path, _canonical(path, value)))
    return found


def _canonical(path: str, value: Any) -> Any:
    if path == "customer.email":
        local, _, host = str(value).rpartition("@")
        return f"{local}@{_lower_ascii(host)}"
    if path == "allowed_payment_method_types":
        return sorted(set(cast(list[str], value)))
    if path == "metadata":
        return {key: _number(each) for key, each in cast(dict[str, Any], value).items()}
    return _without_unset(value)


def _lower_ascii(host: str) -> str:
    """As DNS compares names. Other alphabets are left as they are: folding makes one name of two (``ß`` and ``ss``)."""
    return "".join(character.lower() if character.isascii() else character for character in host)


def _is_unset(value: Any) -> bool:
    return value is None or value is False


def _without_unset(value: Any) -> Any:
    match value:
        case dict():
            inner = {name: _without_unset(each) for name, each in cast(dict[str, Any], value).items()}
            return {name: each for name, each in inner.items() if not _is_unset(each)}
        case list():
            return [_without_unset(each) for each in cast(list[Any], value)]
        case _:
            return value


def _number(value: Any) -> Any:
    """3.0 as 3: JSON does not tell them apart."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _digest(value: Any) -> str:
    return hashlib.sha256(_json(value)).hexdigest()[:24]


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def differing_paths(one: Digests, other: Digests) -> list[str]:
    """The arguments in which two calls differ."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def seal_arguments(arguments: Digests, sealer: Sealer, preview_id: str) -> bytes:
    return sealer.seal(_json(dict(arguments)), context=_context(preview_id))


def open_arguments(sealed: bytes, sealer: Sealer, preview_id: str) -> Digests:
    """Open sealed digests.

    Raises:
        SealBroken: they were sealed with a key that is gone.
    """
    return json.loads(sealer.open(sealed, context=_context(preview_id)))


def _context(preview_id: str) -> str:
    return f"arguments:{preview_id}"


def is_sold_as_before(sold: str, request: CreateCheckoutSession, sealed_order: bytes, sealer: Sealer) -> bool:
    """Whether ``sold``, which version 1 of the ledger recorded, is the digest of this request's whole body as sent.

    Raises:
        SealBroken: the order was sealed with a key that is gone.
    """
    body: Body = open_arguments_of_preview(sealer, sealed_order, request.preview_id)
    body |= request.model_dump(mode="json", exclude_unset=True, exclude={"preview_id"})
    body["metadata"] = {**(request.metadata or {}), PREVIEW_ID_KEY: request.preview_id}
    return hashlib.sha256(_json(body)).hexdigest() == sold
