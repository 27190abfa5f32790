"""What stood in the way of an answer: the name, the connection, TLS, a proxy, time or the protocol."""

import socket
import ssl
from collections.abc import Iterator
from typing import TypeVar

import httpx2

from checkout_server.gateway.channel import Channel
from checkout_server.gateway.errors import GatewayError
from checkout_server.gateway.surroundings import certificates_variable, find_proxy
from checkout_server.privacy.vocabulary.fields import FailureKind

FailureT = TypeVar("FailureT", bound=GatewayError)

_KINDS: tuple[tuple[type[Exception], FailureKind], ...] = (
    (httpx2.ProxyError, "proxy"),
    (httpx2.TimeoutException, "timeout"),
    (httpx2.ProtocolError, "protocol"),
    (httpx2.DecodingError, "protocol"),
    (httpx2.StreamError, "protocol"),
    (httpx2.UnsupportedProtocol, "protocol"),
    (ssl.SSLError, "tls"),
    (socket.gaierror, "dns"),
    (TimeoutError, "timeout"),
    (httpx2.ConnectError, "connect"),
    (httpx2.NetworkError, "cut"),
)
"""The first that an error, or what it came of, is."""


def with_kind(failure: FailureT, error: BaseException, channel: Channel) -> FailureT:
    """The failure with what an error says of its kind, and the variable of the environment that may be to blame."""
    chain = list(_chain(error))
    kind: FailureKind | None = next(
        (kind for each, kind in _KINDS if any(isinstance(one, each) for one in chain)), None
    )
    proxy = find_proxy(httpx2.URL(channel.base_url)) if channel.trust_env else None
    if proxy is not None and isinstance(error, httpx2.ConnectError) and kind in {"dns", "connect"}:
        kind = "proxy"  # it was the proxy that could not be found or reached
    failure.kind = kind
    if kind == "proxy" and proxy is not None:
        failure.variable = proxy.variable
    if kind == "tls" and channel.trust_env:
        failure.variable = certificates_variable()
    return failure


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it came of."""
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
