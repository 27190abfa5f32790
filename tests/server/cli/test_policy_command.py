"""``dodo-checkout-mcp policy``, as an operator runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from checkout_server.checkout.policy.document import Allow, Confirm, Policy
from checkout_server.checkout.policy.explanation import explain_policy


def run(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "checkout_server", "policy"],
        env={"PATH": "", "HOME": str(folder)} | settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.requirement("policy.command")
def test_it_says_every_rule_in_words_and_where_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        "[limits]\nmax_total = { USD = 50000, JPY = 45000 }\n"
        "[allow]\nproducts = []\n"
        "[confirm]\nask_above = { USD = 1 }\n"
    )
    done = run(tmp_path, CHECKOUT_POLICY=str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"policy file   {path}",
        "environment   sandbox",
        *(
            f"{key:34}  {says}"
            for key, says in {
                "limits.max_total": "one charge is at most USD 500.00, JPY 45,000; other currencies are refused, and "
                "so is what has no bound: billed usage, and what the buyer chooses on the page  (CHECKOUT_POLICY)",
                "limits.max_quantity": "no limit for a cart line  (default)",
                "limits.creations_per_hour": "no limit of creations an hour  (default)",
                "limits.customer_lookups_per_hour": "at most 60 customers' saved payment methods are listed an hour, "
                "counted as creations are  (default)",
                "allow.products": "no product at all  (CHECKOUT_POLICY)",
                "allow.discount_codes": "any discount code  (default)",
                "allow.currencies": "any currency  (default)",
                "allow.countries": "any billing country  (default)",
                "allow.return_hosts": "any host for return_url and cancel_url  (default)",
                "allow.return_schemes": "no app scheme for return_url and cancel_url  (default)",
                "confirm.mode": "confirm and saved payment methods need a person's yes  (default)",
                "confirm.saved_payment_methods": "payment_method_id may be used with confirm  (default)",
                "confirm.list_saved_payment_methods": "list_saved_payment_methods is not offered  (default)",
                "confirm.list_any_customer": "saved payment methods are listed for customers who were sold to here "
                "before  (default)",
                "confirm.ask_above": "a person is asked above USD 0.01, for every other currency, and for what has no "
                "bound  (CHECKOUT_POLICY)",
                "preview.ttl_seconds": "a preview can be used for 900 seconds  (default)",
                "preview.requote_after_seconds": "a price is asked for again after 60 seconds  (default)",
                "rates.previews_per_minute": "no limit of previews a minute  (default)",
                "rates.creations_per_minute": "no limit of creations a minute  (default)",
                "share.license_keys": "agents do not get licence keys of a paid sale  (default)",
                "share.custom_field_responses": "agents do not get the buyer's answers to custom fields of a paid sale"
                "  (default)",
                "share.invoice_url": "agents do not get the invoice's address, which shows the buyer's name and "
                "address, of a paid sale  (default)",
                "audit.keep_days": (
                    "what became of each preview is kept for 400 days, without personal data  (default)"
                ),
            }.items()
        ),
    ]


@pytest.mark.requirement("policy.command")
def test_an_unusable_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[limits]\nmax_totl = 3\n")
    done = run(tmp_path, CHECKOUT_POLICY=str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "dodo-checkout-mcp: CHECKOUT_POLICY: limits.max_totl is not a key of the policy (did you mean "
        "limits.max_total?).\n"
    )


@pytest.mark.requirement("principal.policy")
def test_sections_are_explained_after_what_holds_for_everybody(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        "[limits]\nmax_quantity = 5\n"
        '[principal."https://auth.example.com|agent-7"]\nlimits.max_quantity = 2\nshare.license_keys = false\n'
        '[scope."checkout:create".rates]\ncreations_per_minute = 3\n'
    )
    done = run(tmp_path, CHECKOUT_POLICY=str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-7:] == [
        "",
        "narrower for the principal https://auth.example.com|agent-7",
        f"{'limits.max_quantity':34}  at most 2 on a cart line or add-on; what the buyer chooses on the page is "
        "refused",
        f"{'share.license_keys':34}  agents do not get licence keys of a paid sale",
        "",
        "narrower for whoever has the scope checkout:create",
        f"{'rates.creations_per_minute':34}  at most 3 creations a minute for each principal, refused ones too, "
        "counted over all that share the ledger",
    ]


@pytest.mark.requirement("policy.command")
def test_live_mode_without_hosts_is_explained() -> None:
    [says] = [each.says for each in explain_policy(Policy(), "live_mode") if each.key == "allow.return_hosts"]
    assert says == "no host for return_url and cancel_url, since live_mode needs them listed"


@pytest.mark.requirement("policy.command")
@pytest.mark.parametrize(
    ("schemes", "says"),
    [
        (None, "no app scheme for return_url and cancel_url"),
        ((), "no app scheme for return_url and cancel_url"),
        (
            ("myapp", "com.example.shop"),
            "only myapp://, com.example.shop:// besides https for return_url and cancel_url",
        ),
    ],
)
def test_app_schemes_are_explained(schemes: tuple[str, ...] | None, says: str) -> None:
    policy = Policy(allow=Allow(return_schemes=schemes))
    explained = {each.key: each.says for each in explain_policy(policy, "live_mode")}
    assert explained["allow.return_schemes"] == says


@pytest.mark.requirement("policy.command")
def test_what_may_be_listed_of_customers_is_explained() -> None:
    policy = Policy(confirm=Confirm(list_saved_payment_methods=True, list_any_customer=True))
    explained = {each.key: each.says for each in explain_policy(policy, "live_mode")}
    assert explained["confirm.list_saved_payment_methods"] == "list_saved_payment_methods is offered"
    assert explained["confirm.list_any_customer"] == "saved payment methods of any customer may be listed"
