"""``policy``: explains what an agent may do here, and which setting says so."""

import argparse
from pathlib import Path

from checkout_server.checkout.policy.document import PolicyUnusable, load_policy
from checkout_server.checkout.policy.explanation import explain_policy, explain_sections
from checkout_server.checkout.principal import issuers_beside
from checkout_server.cli.start import stopped
from checkout_server.settings import SettingsError, load_settings
from checkout_server.settings.model import expanded

_OF_A_CART = ("country", "state", "zipcode", "currency", "code", "return_url")


def run(arguments: argparse.Namespace) -> int:
    """0; 2 when the policy or a setting cannot be used. With ``--check`` and ``--try`` as these say."""
    checked: Path | None = expanded(arguments.check) if arguments.check is not None else None
    if arguments.cart is not None:
        from checkout_server.cli.policy.trying import try_cart

        return try_cart(arguments, checked)
    if any(getattr(arguments, name) is not None for name in _OF_A_CART):
        return stopped("policy takes the country and what else describes a cart together with --try.")
    if checked is not None:
        from checkout_server.cli.policy.checking import check_file

        return check_file(checked)
    return _explain()


def _explain() -> int:
    try:
        settings = load_settings()
        policy = load_policy(settings.policy_path, settings.environment, issuers=issuers_beside(settings.auth_issuer))
    except (SettingsError, PolicyUnusable) as error:
        return stopped(str(error))
    named = settings.policy_path or "none; set CHECKOUT_POLICY to a TOML file to limit what an agent may do"
    print(f"policy file   {named}")
    print(f"environment   {settings.environment}")
    explained = explain_policy(policy, settings.environment)
    width = max(len(each.key) for each in explained)
    for each in explained:
        print(f"{each.key:<{width}}  {each.says}  ({each.source})")
    for about, keys in explain_sections(policy, settings.environment):
        print(f"\nnarrower for {about}")
        for each in keys:
            print(f"{each.key:<{width}}  {each.says}")
    return 0
