"""What the environment says of proxies, and of whom TLS trusts. What cannot be used is named by its variable.

The HTTP client would read the same variables, but opens all proxies at once: one that it cannot use would then break
requests that go past it, and what is wrong would be a library's text, with credentials in it.
"""

import importlib.util
import os
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import cast
from urllib.request import getproxies

import httpx2

from checkout_server.privacy.vocabulary.fields import FailureKind, Variable

_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
"""By which OpenSSL finds a certificate in a directory; ``openssl rehash`` makes them."""


class SurroundingsUnusable(Exception):
    """A variable of the environment makes every request impossible. Nothing of its value is in here."""

    def __init__(self, kind: FailureKind, variable: Variable | None) -> None:
        super().__init__(kind)
        self.kind: FailureKind = kind
        self.variable: Variable | None = variable


@dataclass(frozen=True, slots=True)
class ProxyChoice:
    """The proxy that requests to an address go through."""

    url: str
    """With its scheme. May hold a password."""
    variable: Variable | None
    """None where the operating system's settings name it."""


def find_proxy(url: httpx2.URL) -> ProxyChoice | None:
    """The proxy for an address; None where it is asked directly."""
    known = getproxies()  # of the operating system, too, on macOS and Windows
    for scheme in (url.scheme, "all"):
        if proxy := known.get(scheme):
            if any(_passes_by(url, host) for host in known.get("no", "").replace(",", " ").split()):
                return None
            variable = f"{scheme.upper()}_PROXY"
            is_set = any(os.environ.get(name) for name in (variable, variable.lower()))
            return ProxyChoice(
                proxy if "://" in proxy else f"http://{proxy}", cast(Variable, variable) if is_set else None
            )
    return None


def open_proxy(url: httpx2.URL, verify: ssl.SSLContext) -> httpx2.Proxy | None:
    """The proxy for an address, as the HTTP client takes it.

    Raises:
        SurroundingsUnusable: it is no address of a proxy, or one for SOCKS, which needs a package of its own.
    """
    choice = find_proxy(url)
    if choice is None:
        return None
    try:
        proxy = httpx2.Proxy(choice.url, ssl_context=verify if choice.url.startswith("https:") else None)
        usable = bool(proxy.url.host)
    except (httpx2.InvalidURL, ValueError):
        proxy, usable = None, False
    if proxy is None or not usable or (proxy.url.scheme.startswith("socks") and not _speaks_socks()):
        raise SurroundingsUnusable("proxy", choice.variable)
    return proxy


def _speaks_socks() -> bool:
    return importlib.util.find_spec("socksio") is not None


def _passes_by(url: httpx2.URL, entry: str) -> bool:
    """Whether an entry of NO_PROXY names an address: all, a host with those below it, a network, each with a port."""
    entry = entry.lower().rpartition("://")[2]
    if entry == "*":
        return True
    try:
        return ip_address(url.host) in ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        pass
    host, colon, port = entry.rpartition(":")
    if colon and port.isdecimal():
        if int(port) != (url.port or {"http": 80, "https": 443}.get(url.scheme)):
            return False
        entry = host
    name = entry.strip("[]").removeprefix("*").removeprefix(".")
    return bool(name) and (url.host == name or url.host.endswith(f".{name}"))


def trusted_certificates(url: httpx2.URL, *, trust_env: bool) -> ssl.SSLContext:
    """Whom TLS trusts: nobody where the API is asked without it, as the sandbox is; reading the store takes 30 ms.

    Raises:
        SurroundingsUnusable: the certificates that the environment names cannot be read.
    """
    if url.scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    variable = certificates_variable() if trust_env else None
    if variable is None:
        return httpx2.create_ssl_context(trust_env=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    path = os.environ[variable]
    try:
        if variable == "SSL_CERT_FILE":
            context.load_verify_locations(cafile=path)
            return context
        if any(_hashed_certificates(path)):  # OpenSSL itself would say nothing before the first handshake
            context.load_verify_locations(capath=path)
            return context
    except (OSError, ValueError):
        pass
    raise SurroundingsUnusable("tls", variable)


def certificates_variable() -> Variable | None:
    """Which variable says whom TLS trusts; the file goes before the directory."""
    names: tuple[Variable, Variable] = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    return next((name for name in names if os.environ.get(name)), None)


def _hashed_certificates(path: str) -> Iterator[Path]:
    for folder in map(Path, path.split(os.pathsep)):
        if folder.is_dir():
            yield from (file for file in folder.iterdir() if _HASHED.fullmatch(file.name) and os.access(file, os.R_OK))
