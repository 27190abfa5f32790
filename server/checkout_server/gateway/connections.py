"""The connections to the payment API, and what every request over them says of itself."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import httpx2
from pydantic import SecretStr

from checkout_server.gateway.body import ACCEPT_ENCODING
from checkout_server.gateway.pool import LastUsedFirst
from checkout_server.gateway.surroundings import open_proxy, trusted_certificates

KEEPALIVE_SECONDS = 20.0
"""Idle connections are closed before servers usually do."""
MOST_CONNECTIONS = 100
MOST_IDLE = 20


@dataclass(frozen=True, slots=True)
class Connections:
    """Two clients of one API, which differ in whether a connection is used again."""

    pooled: httpx2.AsyncClient
    fresh: httpx2.AsyncClient
    """Opens a connection for each request. A server may close an idle connection just as a request is on its way;
    a read is simply repeated then, but a creation would end as unknown for no good reason."""


def open_connections(
    base_url: str,
    api_key: SecretStr,
    *,
    trust_env: bool,
    on_answer: Sequence[Callable[[httpx2.Response], Awaitable[None]]],
) -> Connections:
    """Both clients; neither connects before its first request. Every answer's head is shown to ``on_answer``.

    Raises:
        SurroundingsUnusable: a proxy or certificates that the environment names cannot be used.
        httpx2.InvalidURL, OSError, ValueError: the base URL cannot be used, or the system's certificates.
    """
    url = httpx2.URL(base_url)
    verify = trusted_certificates(url, trust_env=trust_env)
    proxy = open_proxy(url, verify) if trust_env else None

    def transport(keepalive: int) -> httpx2.AsyncHTTPTransport:
        limits = httpx2.Limits(
            max_connections=MOST_CONNECTIONS, max_keepalive_connections=keepalive, keepalive_expiry=KEEPALIVE_SECONDS
        )
        return httpx2.AsyncHTTPTransport(verify=verify, proxy=proxy, trust_env=False, limits=limits)

    def client(transport: httpx2.AsyncBaseTransport) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=url,
            timeout=httpx2.Timeout(30.0, connect=5.0),
            transport=transport,
            headers={
                "Authorization": f"Bearer {api_key.get_secret_value()}",
                "User-Agent": f"dodo-checkout-mcp/{version('dodo-checkout-mcp')}",
                "Accept": "application/json",
                "Accept-Encoding": ACCEPT_ENCODING,
            },
            follow_redirects=False,
            trust_env=trust_env,
            event_hooks={"response": list(on_answer)},
        )

    pool = LastUsedFirst(
        partial(transport, 1), most=MOST_CONNECTIONS, most_idle=MOST_IDLE, idle_seconds=KEEPALIVE_SECONDS
    )
    return Connections(pooled=client(pool), fresh=client(transport(0)))
