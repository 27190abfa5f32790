"""What ``doctor`` asks of the authorization server: whether its keys can be fetched."""

from checkout_server.cli.doctor.finding import Finding, fine, wrong
from checkout_server.settings import Settings


async def find_sign_in(settings: Settings) -> list[Finding]:
    """Whether ``serve`` can fetch the keys that it verifies access tokens with."""
    if settings.auth_jwks_url is None:
        return []
    from checkout_server.authorization.jwks import KeysUnreadable, fetch_keys

    try:
        await fetch_keys(settings.auth_jwks_url)
    except KeysUnreadable:
        return [wrong("sign-in", "the issuer's keys cannot be fetched", "check CHECKOUT_AUTH_JWKS_URL and the network")]
    return [fine("sign-in", "the issuer's keys can be fetched")]
