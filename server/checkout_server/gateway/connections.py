"""The connections to the payment API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import httpx2
from pydantic import SecretStr

from checkout_server.gateway.channel import Channel, standing_headers
from checkout_server.gateway.pool import LastUsedFirst
from checkout_server.gateway.surroundings import open_proxy, trusted_certificates

KEEPALIVE_SECONDS = 20.0
"""Idle connections are closed before servers usually do."""
MOST_CONNECTIONS = 100
MOST_IDLE = 20


@dataclass(frozen=True, slots=True)
class Connections:
    """Two channels to one API, which differ in whether a connection is used again."""

    pooled: Channel
    fresh: Channel
    """Opens a connection for each request. A server may close an idle connection just as a request is on its way;
    a read is simply repeated then, but a creation would end as unknown for no good reason."""


def open_connections(
    base_url: str,
    api_key: SecretStr,
    *,
    trust_env: bool,
    on_answer: Sequence[Callable[[httpx2.Response], None]],
) -> Connections:
    """Both channels; neither connects before its first request. Every answer's head is shown to ``on_answer``.

    Raises:
        SurroundingsUnusable: a proxy or certificates that the environment names cannot be used.
        httpx2.InvalidURL, OSError, ValueError: the base URL cannot be used, or the system's certificates.
    """
    url = httpx2.URL(base_url)
    verify = trusted_certificates(url, trust_env=trust_env)
    proxy = open_proxy(url, verify) if trust_env else None

    def pool(most_idle: int) -> LastUsedFirst:
        limits = httpx2.Limits(
            max_connections=1, max_keepalive_connections=min(most_idle, 1), keepalive_expiry=KEEPALIVE_SECONDS
        )
        transport = partial(httpx2.AsyncHTTPTransport, verify=verify, proxy=proxy, trust_env=False, limits=limits)
        return LastUsedFirst(transport, most=MOST_CONNECTIONS, most_idle=most_idle, idle_seconds=KEEPALIVE_SECONDS)

    channel = partial(Channel, base_url, standing_headers(api_key), trust_env=trust_env, on_answer=on_answer)
    return Connections(pooled=channel(transport=pool(MOST_IDLE)), fresh=channel(transport=pool(0)))
