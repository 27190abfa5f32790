"""What the value of a setting must be like, and how it is told when it is not."""

import re
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from checkout_schemas.web_addresses import web_address

_OF_SIGN_IN = "https:// and a host (http only on loopback), without credentials, query or fragment"
REPAIRS = {
    "DODO_PAYMENTS_API_KEY": "must be the API key as the dashboard shows it, without spaces or line breaks",
    "DODO_PAYMENTS_ENVIRONMENT": "must be test_mode or live_mode",
    "DODO_PAYMENTS_BASE_URL": "must be an absolute http:// or https:// URL without credentials",
    "DODO_PAYMENTS_WEBHOOK_KEY": "must be the signing key as the dashboard shows it; several are separated by blanks",
    "CHECKOUT_PUBLIC_URL": "must be https:// and a host (http only on loopback), without credentials, path or query",
    "CHECKOUT_LEDGER": "must be the path of a SQLite file or a postgresql:// URL",
    "CHECKOUT_SECRET_KEYS": "must be comma-separated keys of 32 bytes each, base64url or hex",
    "CHECKOUT_LOG_LEVEL": "must be DEBUG, INFO, WARNING, ERROR or CRITICAL",
    "CHECKOUT_LOG_FORMAT": "must be json or text",
    "CHECKOUT_READ_ONLY": "must be true or false",
    "CHECKOUT_AUTH_ISSUER": f"must be the issuer as its tokens name it: {_OF_SIGN_IN}",
    "CHECKOUT_AUTH_JWKS_URL": f"must be where the issuer publishes its keys: {_OF_SIGN_IN}",
    "CHECKOUT_AUTH_AUDIENCE": f"must be the URL at which clients reach /mcp: {_OF_SIGN_IN}",
    "CHECKOUT_ALLOWED_HOSTS": "must be comma-separated names as in a Host header, such as mcp.example.com",
    "CHECKOUT_ALLOWED_ORIGINS": "must be comma-separated origins of web pages, such as https://app.example.com",
    "CHECKOUT_TRUSTED_PROXIES": "must be comma-separated addresses or networks, such as 10.0.0.0/8",
}
NO_KEY = {
    "placeholder": "is a placeholder that nobody filled in; put the key in its place",
    "quoted": "has quotation marks around it, which belong to a shell; remove them",
}
"""By the type of a validation's error."""
Network = IPv4Network | IPv6Network
_PLACEHOLDERS = frozenset(
    """
    apikey changeme dodoapikey dodopaymentsapikey insertkeyhere myapikey none null placeholder putyourkeyhere replaceme
    secretkey todo yourapikey yourapikeyhere yourdodoapikey yourdodopaymentsapikey yourkey yourkeyhere yoursecretkey
    yourtestapikey yourtestkey
    """.split()
)
"""Letters and digits of what READMEs, this one's too, have where the key goes."""
_HOST = re.compile(r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_FILLER = re.compile(r"(sk_)?(test_|live_)?[x.…*_-]{3,}", re.IGNORECASE)


def refuse_placeholder(key: str) -> None:
    """Refuse what was never filled in, or kept its quotation marks: it would only look like a wrong key.

    Raises:
        PydanticCustomError: of a type of ``NO_KEY``.
    """
    letters = "".join(filter(str.isalnum, key.casefold()))
    if key[:1] in {'"', "'"} or key[-1:] in {'"', "'"}:
        raise PydanticCustomError("quoted", "")
    named = any(mark in key for mark in ("${", "{{", "{env:")) or key[:1] + key[-1:] == "<>"
    if named or letters in _PLACEHOLDERS or _FILLER.fullmatch(key):
        raise PydanticCustomError("placeholder", "")


def sign_in_address(url: str | None) -> str | None:
    """A URL of the sign-in, as it is compared and fetched.

    Raises:
        ValueError: it is no such URL.
    """
    if url is not None and (urlsplit(web_address(url)).fragment or "?" in url or "#" in url):
        raise ValueError
    return url


def _host_names(listed: str) -> frozenset[str]:
    return frozenset(_all_like(_HOST, listed))


def _origins(listed: str) -> frozenset[str]:
    return frozenset(_all_like(_ORIGIN, listed))


def _networks(listed: str) -> tuple[Network, ...]:
    return tuple(map(ip_network, _members(listed)))


def _all_like(form: re.Pattern[str], listed: str) -> Iterator[str]:
    for each in _members(listed.lower()):
        if not form.fullmatch(each.removesuffix("/")):
            raise ValueError
        yield each.removesuffix("/")


def _members(listed: str) -> list[str]:
    return [each.strip() for each in listed.split(",") if each.strip()]


def _from_environment(read: Callable[[str], Any]) -> BeforeValidator:
    """For text; what a program gives is of the right type already."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


HostNames = Annotated[frozenset[str], _from_environment(_host_names)]
"""As a Host header may have them, with a port or for every port."""
Origins = Annotated[frozenset[str], _from_environment(_origins)]
"""As browsers write them, which leave default ports out."""
Networks = Annotated[tuple[Network, ...], _from_environment(_networks)]
"""Of which an address is the smallest."""
