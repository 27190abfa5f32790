"""The policy file: every key, and every way to get one wrong."""

from pathlib import Path

import pytest

from checkout_schemas.vocabularies.url_schemes import SYSTEM_SCHEMES, WEB_SCHEMES
from checkout_server.checkout.policy.document import (
    Allow,
    Audit,
    Confirm,
    Limits,
    Policy,
    PolicyUnusable,
    PreviewTerms,
    Rates,
    Section,
    Share,
    load_policy,
)
from checkout_server.checkout.principal import Scope
from checkout_server.settings.model import expanded

WHOLE = """
[limits]
max_total = { USD = 50000, EUR = 45000 }
max_quantity = 100
creations_per_hour = 60
customer_lookups_per_hour = 30

[allow]
products = ["prod_monthly_plan"]
discount_codes = ["WELCOME10"]
currencies = ["USD"]
countries = ["US", "GB"]
return_hosts = ["shop.example.com", "*.example.org", "localhost"]
return_schemes = ["myapp", "com.example.shop"]

[confirm]
mode = "never"
saved_payment_methods = false
list_saved_payment_methods = true
list_any_customer = true
ask_above = { USD = 20000 }

[preview]
ttl_seconds = 600
requote_after_seconds = 30

[rates]
previews_per_minute = 20
creations_per_minute = 5

[share]
license_keys = true
custom_field_responses = true
invoice_url = true

[audit]
keep_days = 30

[principal."https://auth.example.com|agent-7"]
limits.max_quantity = 2

[scope."checkout:create"]
limits.max_quantity = 3
"""


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "policy.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.requirement("policy.file")
def test_every_key_is_read(tmp_path: Path) -> None:
    assert load_policy(written(tmp_path, WHOLE), "live_mode") == Policy(
        limits=Limits(
            max_total={"USD": 50000, "EUR": 45000},
            max_quantity=100,
            creations_per_hour=60,
            customer_lookups_per_hour=30,
        ),
        allow=Allow(
            products=("prod_monthly_plan",),
            discount_codes=("WELCOME10",),
            currencies=("USD",),
            countries=("US", "GB"),
            return_hosts=("shop.example.com", "*.example.org", "localhost"),
            return_schemes=("myapp", "com.example.shop"),
        ),
        confirm=Confirm(
            mode="never",
            saved_payment_methods=False,
            list_saved_payment_methods=True,
            list_any_customer=True,
            ask_above={"USD": 20000},
        ),
        preview=PreviewTerms(ttl_seconds=600, requote_after_seconds=30),
        rates=Rates(previews_per_minute=20, creations_per_minute=5),
        share=Share(license_keys=True, custom_field_responses=True, invoice_url=True),
        audit=Audit(keep_days=30),
        principal={"https://auth.example.com|agent-7": Section(limits=Limits(max_quantity=2))},
        scope={Scope.CREATE: Section(limits=Limits(max_quantity=3))},
    )


@pytest.mark.requirement("policy.file")
def test_what_is_read_above_is_every_key_and_each_with_another_value_than_its_default(tmp_path: Path) -> None:
    def values(policy: Policy) -> dict[str, object]:
        tables = policy.model_dump(exclude={"principal", "scope"})
        return {f"{table}.{key}": value for table, keys in tables.items() for key, value in keys.items()}

    read, defaults = values(load_policy(written(tmp_path, WHOLE), "live_mode")), values(Policy())
    assert [key for key in defaults if read[key] == defaults[key]] == []
    assert Policy().model_dump().keys() == load_policy(tmp_path / "policy.toml", "live_mode").model_fields_set


@pytest.mark.requirement("policy.file")
def test_every_key_has_a_default(tmp_path: Path) -> None:
    assert load_policy(written(tmp_path, ""), "live_mode") == load_policy(None, "live_mode") == Policy()


WRONG = {
    "[limits]\ncustomer_lookups_per_hour = -1\n": "limits.customer_lookups_per_hour must be at least 0",
    '[confirm]\nlist_saved_payment_methods = "yes"\n': "confirm.list_saved_payment_methods must be true or false",
    "[confirm]\nlist_any_customer = 1\n": "confirm.list_any_customer must be true or false",
    "[limit]\n": "limit is not a key of the policy (did you mean limits?)",
    "max_total = 3\n": "max_total is not a key of the policy (did you mean limits.max_total?)",
    "limits = 3\n": "limits must be a table",
    "[limits]\nmax_totl = 3\n": "limits.max_totl is not a key of the policy (did you mean limits.max_total?)",
    "[limits]\nmax_total = 3\n": "limits.max_total must be a table",
    "[limits]\nmax_total = { usd = 3 }\n": "limits.max_total.usd must be an ISO 4217 currency code in capitals",
    "[limits]\nmax_total = { USD = -1 }\n": "limits.max_total.USD must be at least 0",
    "[limits]\nmax_total = { USD = 10.5 }\n": "limits.max_total.USD must be an integer",
    "[limits]\nmax_total = { USD = '100' }\n": "limits.max_total.USD must be an integer",
    "[limits]\nmax_total = { USD = true }\n": "limits.max_total.USD must be an integer",
    "[limits]\nmax_quantity = -3\n": "limits.max_quantity must be at least 0",
    "[limits]\ncreations_per_hour = '60'\n": "limits.creations_per_hour must be an integer",
    "[allow]\nproducts = 'prod_1'\n": "allow.products must be a list",
    "[allow]\nproducts = ['prod_1', '']\n": "allow.products[1] must not be empty",
    "[allow]\ncurrencies = ['US']\n": "allow.currencies[0] must be an ISO 4217 currency code in capitals",
    "[allow]\ncountries = ['UK']\n": "allow.countries[0] must be an ISO 3166-1 alpha-2 country code in capitals",
    "[allow]\nreturn_hosts = ['https://shop.example.com']\n": "allow.return_hosts[0] must be a host in lower case",
    "[allow]\nreturn_hosts = ['*']\n": "allow.return_hosts[0] must be a host in lower case",
    "[allow]\nreturn_hosts = ['shop.*.com']\n": "allow.return_hosts[0] must be a host in lower case",
    "[allow]\nreturn_hosts = ['Shop.Example.com']\n": "allow.return_hosts[0] must be a host in lower case",
    "[allow]\nreturn_hosts = ['shop.example.com:443']\n": "allow.return_hosts[0] must be a host in lower case",
    "[allow]\nreturn_schemes = 'myapp'\n": "allow.return_schemes must be a list",
    "[allow]\nreturn_schemes = [3]\n": "allow.return_schemes[0] must be text",
    "[confirm]\nmode = 'Never'\n": "confirm.mode must be 'ask', 'never' or 'unattended'",
    "[confirm]\nsaved_payment_methods = 'no'\n": "confirm.saved_payment_methods must be true or false",
    "[confirm]\nask_above = { USD = -1 }\n": "confirm.ask_above.USD must be at least 0",
    "[preview]\nttl_seconds = 0\n": "preview.ttl_seconds must be at least 1",
    "[preview]\nttl_seconds = 1e3\n": "preview.ttl_seconds must be an integer",
    "[audit]\nkeep_days = 0\n": "audit.keep_days must be at least 1",
    "[audit]\nkeep_days = 36501\n": "audit.keep_days must be at most 36500",
    "[preview]\nttl_seconds = 604801\n": "preview.ttl_seconds must be at most 604800",
    "[preview]\nrequote_after_seconds = -1\n": "preview.requote_after_seconds must be at least 0",
    "[preview]\nrequote_after_seconds = 604801\n": "preview.requote_after_seconds must be at most 604800",
    "[limits\n": "names a file that is not valid TOML at line 1, column 8.",
    "[limits]\nmax_quantity = 1\nmax_quantity = 2\n": "names a file that is not valid TOML at line 3, column 17.",
    "x = " + "[" * 3000: "names a file that is not valid TOML.",
    "hunter2 at line hunter2": "names a file that is not valid TOML at line 1, column 9.",
    '"a\\u202eb\\n" = 1\n': "ab is not a key of the policy",
}


@pytest.mark.requirement("policy.file")
def test_a_price_may_be_trusted_for_a_week(tmp_path: Path) -> None:
    path = written(tmp_path, "[preview]\nttl_seconds = 604800\nrequote_after_seconds = 604800\n")
    assert load_policy(path, "sandbox").preview == PreviewTerms(ttl_seconds=604800, requote_after_seconds=604800)


NOT_AN_APPS = "must be an app's own scheme in lower case, such as myapp, and none that a browser or an operating system"
WRONG_SCHEMES = {
    "https": "must be an app's own scheme, since allow.return_hosts governs web addresses",
    "HTTP": "must be an app's own scheme, since allow.return_hosts governs web addresses",
    **dict.fromkeys(sorted(SYSTEM_SCHEMES - WEB_SCHEMES), NOT_AN_APPS),
    **dict.fromkeys(
        ("MyApp", "myapp://", "myapp:", "1app", "my app", "my_app", "c", "", "a" * 65, "ＭyApp"), NOT_AN_APPS
    ),
    **dict.fromkeys(("ms-appinstaller", "microsoft-edge-https", "chrome-untrusted", "moz-icon"), NOT_AN_APPS),
    **dict.fromkeys(("itms-services", "x-apple.systempreferences", "web+shop", "ext+shop"), NOT_AN_APPS),
    **dict.fromkeys(("git+ssh", "myapp+javascript"), NOT_AN_APPS),
}


@pytest.mark.requirement("policy.file")
def test_a_scheme_that_is_not_one_apps_own_is_refused(tmp_path: Path, subtests: pytest.Subtests) -> None:
    for scheme, says in WRONG_SCHEMES.items():
        with subtests.test(scheme):
            path = written(tmp_path, f"[allow]\nreturn_schemes = ['myapp', '{scheme}']\n")
            with pytest.raises(PolicyUnusable) as refused:
                load_policy(path, "sandbox")
            assert str(refused.value).startswith(f"CHECKOUT_POLICY: allow.return_schemes[1] {says}")


@pytest.mark.requirement("policy.file")
@pytest.mark.parametrize("scheme", ["myapp", "fb1234567", "com.example.shop", "my-app", "com.example+shop", "ab"])
def test_an_apps_own_scheme_is_read(tmp_path: Path, scheme: str) -> None:
    policy = load_policy(written(tmp_path, f"[allow]\nreturn_schemes = ['{scheme}']\n"), "live_mode")
    assert policy.allow.return_schemes == (scheme,)


@pytest.mark.requirement("policy.file")
@pytest.mark.parametrize("content", WRONG)
def test_a_wrong_file_is_refused_by_the_name_of_its_key(tmp_path: Path, content: str) -> None:
    with pytest.raises(PolicyUnusable) as refused:
        load_policy(written(tmp_path, content), "sandbox")
    sentence = str(refused.value)
    assert sentence.startswith("CHECKOUT_POLICY")
    assert WRONG[content] in sentence


@pytest.mark.requirement("policy.file")
def test_the_mark_that_some_editors_put_first_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbf[limits]\nmax_quantity = 3\n")
    assert load_policy(path, "sandbox").limits.max_quantity == 3


@pytest.mark.requirement("policy.file")
def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(PolicyUnusable) as refused:
        load_policy(written(tmp_path, "[limits]\nmax_quantity = -3\n[confirm]\nmode = 1\n"), "sandbox")
    assert str(refused.value) == (
        "CHECKOUT_POLICY: limits.max_quantity must be at least 0; confirm.mode must be 'ask', 'never' or 'unattended'."
    )


@pytest.mark.requirement("policy.file")
def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyUnusable, match="CHECKOUT_POLICY names a file that cannot be read"):
        load_policy(tmp_path / "none.toml", "sandbox")
    with pytest.raises(PolicyUnusable, match="CHECKOUT_POLICY names a file that cannot be read"):
        load_policy(tmp_path, "sandbox")
    with pytest.raises(PolicyUnusable, match="CHECKOUT_POLICY names a file that cannot be read"):
        load_policy(expanded("~nobody-of-this-name/policy.toml"), "sandbox")
    with pytest.raises(PolicyUnusable, match="CHECKOUT_POLICY names a file that is not valid TOML"):
        load_policy(written(tmp_path, b"\xff\xfe"), "sandbox")


@pytest.mark.requirement("approval.unattended")
@pytest.mark.parametrize("environment", ["sandbox", "test_mode"])
def test_unattended_is_for_sandbox_and_test_mode_only(tmp_path: Path, environment: str) -> None:
    path = written(tmp_path, '[confirm]\nmode = "unattended"\n')
    assert load_policy(path, environment).confirm.mode == "unattended"
    with pytest.raises(PolicyUnusable, match=r"^CHECKOUT_POLICY: confirm.mode must be ask or never in live_mode"):
        load_policy(path, "live_mode")
