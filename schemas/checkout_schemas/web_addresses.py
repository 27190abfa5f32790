"""URLs that a buyer is sent to."""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from checkout_schemas.fields import text
from checkout_schemas.vocabularies.url_schemes import WEB_SCHEMES, is_app_scheme, scheme_of

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"({_LABEL}\.)*[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?\.?", re.IGNORECASE)
"""RFC 1123, with the underscores that some DNS names have. The last label begins with a letter: browsers read any other
as an IPv4 address, in forms of their own."""
_LONGEST_HOST = 253
_ABSOLUTE = "https://, the name of a host and a path, or leave it out"


def is_loopback_name(host: str) -> bool:
    """Whether a URL's host is this machine by name (RFC 6761)."""
    return host == "localhost" or host.endswith(".localhost")


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this machine by name or address."""
    try:
        return is_loopback_name(host) or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(host: str) -> bool:
    if len(host) <= _LONGEST_HOST and _HOST_NAME.fullmatch(host):
        return True
    try:
        return "%" not in host and bool(ip_address(host))
    except ValueError:
        return False


_AMBIGUOUS = {
    " ": "a space", '"': "a quotation mark", "\\": "a backslash",
    "<": "<", ">": ">", "^": "^", "`": "a backtick", "|": "|",
}  # fmt: skip
"""Readers of URLs take these in different ways: drop them, turn them, or end the URL or its host there."""


def _refuse_ambiguous_characters(url: str) -> None:
    if not url.isascii():
        raise PydanticCustomError("url_not_ascii", "")
    if found := [name for character, name in _AMBIGUOUS.items() if character in url]:
        raise PydanticCustomError("url_character", "", {"characters": " and ".join(found)})


def web_address(value: str) -> str:
    """https anywhere, http on loopback only, never with credentials: a browser is sent there."""
    _refuse_ambiguous_characters(value)
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, None
    if parts is None or not host or parts.scheme not in WEB_SCHEMES:
        raise PydanticCustomError("wrong_form", "", {"form": _ABSOLUTE})
    if "@" in parts.netloc:
        raise PydanticCustomError("url_credentials", "")
    if not _is_host(host):
        raise PydanticCustomError("wrong_form", "", {"form": _ABSOLUTE})
    if parts.scheme == "http" and not is_loopback(host):
        raise PydanticCustomError("url_not_https", "")
    return value


WebUrl = Annotated[str, text(2048), AfterValidator(web_address)]


def return_address(value: str) -> str:
    """What ``web_address`` takes, or ``scheme://`` of a mobile app, which the policy must list too."""
    scheme = scheme_of(value)
    if scheme in WEB_SCHEMES or not is_app_scheme(scheme):
        return web_address(value)
    _refuse_ambiguous_characters(value)
    if "@" in re.split("[/?#]", value.partition("://")[2], maxsplit=1)[0]:
        raise PydanticCustomError("url_credentials", "")
    return value


ReturnUrl = Annotated[str, text(2048), AfterValidator(return_address)]
"""Where a buyer is sent back to: a page, or a mobile app."""


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise PydanticCustomError("wrong_form", "", {"form": _ABSOLUTE})
    return value


HttpsUrl = Annotated[WebUrl, AfterValidator(_https)]


_PLACEHOLDER = re.compile(r"(\{|%7B)[^/?#&{}]{1,64}(\}|%7D)", re.IGNORECASE)


def holds_placeholder(url: str) -> bool:
    """Whether a URL waits for somebody to fill it in, as in ``{CHECKOUT_SESSION_ID}``, ``{{id}}`` or ``%7Bid%7D``."""
    return _PLACEHOLDER.search(url) is not None
