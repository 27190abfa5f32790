"""What ``doctor`` says of who may call ``serve``: whether their tokens can be verified, and who the policy means."""

from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.static_tokens import MOST_LISTED
from checkout_server.checkout.principal import STATIC_ISSUER
from checkout_server.cli.doctor.finding import Finding, fine, wrong
from checkout_server.cli.program import program
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


async def find_tokens(desk: Desk) -> list[Finding]:
    """Whether this ledger has the static tokens that sections of the policy are about."""
    named = {
        subject for issuer, _, subject in (name.partition("|") for name in desk.policy.principal)
        if issuer == STATIC_ISSUER
    }  # fmt: skip
    if not named:
        return []
    active = {each.token_id for each in await desk.ledger.list_tokens(most=MOST_LISTED) if each.revoked_at is None}
    if missing := sorted(named - active):
        told = f"sections of the policy are about {', '.join(missing)}, no active token of this ledger"
        return [wrong("tokens", told, f"compare them with {program()} token list")]
    return [fine("tokens", "the ledger has those that sections of the policy are about")]
