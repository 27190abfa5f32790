"""``policy``: explains what an agent may do here, and which setting says so."""

import argparse

from checkout_server.checkout.policy.document import PolicyUnusable, load_policy
from checkout_server.checkout.policy.explanation import explain_policy, explain_sections
from checkout_server.cli.start import stopped
from checkout_server.settings import SettingsError, load_settings


def run(_arguments: argparse.Namespace) -> int:
    """0, or 2 when the policy or a setting cannot be used."""
    try:
        settings = load_settings()
        policy = load_policy(settings.policy_path, settings.environment)
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
