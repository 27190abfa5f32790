"""Where the policy lets a buyer be sent."""

import re
from urllib.parse import urlsplit

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.vocabularies.url_schemes import WEB_SCHEMES, scheme_of
from checkout_server.checkout.policy.denial import Denial
from checkout_server.checkout.policy.document import Policy

_LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
"""What we match patterns against. Browsers read other characters in ways of their own."""
NAMED_AT_MOST = 10
"""Longer lists of what is allowed are not read out to the model."""


def denied_return_urls(sale: CreateCheckoutSession, policy: Policy, environment: str) -> list[Denial]:
    """What is wrong with ``return_url`` and ``cancel_url``."""
    given = {"return_url": sale.return_url, "cancel_url": sale.cancel_url}
    found = (_denied_url(name, url, policy, environment) for name, url in given.items() if url is not None)
    return [problem for problem in found if problem is not None]


def _denied_url(name: str, url: str, policy: Policy, environment: str) -> Denial | None:
    if (scheme := scheme_of(url)) not in WEB_SCHEMES:
        # An app has no host to check; the scheme names the app.
        if scheme in (policy.allow.return_schemes or ()):
            return None
        return Denial(
            rule="allow.return_schemes",
            path=name,
            problem="uses a scheme that is not allowed",
            suggestion="leave it out, or use https; schemes are listed in allow.return_schemes of CHECKOUT_POLICY",
        )
    hosts = policy.allow.return_hosts
    if not hosts and environment == "live_mode":
        return Denial(
            rule="allow.return_hosts",
            path=name,
            problem="is refused in live_mode",
            suggestion="leave it out; the operator must list hosts in allow.return_hosts of CHECKOUT_POLICY",
        )
    if hosts is None or _host_matches((urlsplit(url).hostname or "").removesuffix("."), hosts):
        return None
    return Denial(
        rule="allow.return_hosts",
        path=name,
        problem="points to a host that is not allowed",
        suggestion=_instead(hosts),
    )


def _instead(hosts: tuple[str, ...]) -> str:
    """What to do about a host that is not listed."""
    if not hosts:
        return "leave it out; no host is allowed by the operator's policy"
    if len(hosts) > NAMED_AT_MOST:
        return "leave it out; the hosts are in allow.return_hosts of the operator's policy"
    return f"leave it out, or use one of {', '.join(hosts)}"


def _host_matches(host: str, patterns: tuple[str, ...]) -> bool:
    """``*.example.org`` is every host below it, and not the domain itself."""
    return _HOST.fullmatch(host) is not None and any(
        host.endswith(pattern[1:]) and len(host) > len(pattern) - 1 if pattern.startswith("*.") else host == pattern
        for pattern in patterns
    )
