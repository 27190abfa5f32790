"""Which variables were meant for this server, and which values are no key: what stops a start, and what does not."""

import re
from pathlib import Path

import pytest

from checkout_server.settings import SettingsError, load_settings
from checkout_server.settings.loading import NAMES
from checkout_server.settings.names import find_misspelt, find_unknown

MEANT = {
    "CHECKOUT_POLICY_FILE": "CHECKOUT_POLICY",
    "CHECKOUT_POLICIES": "CHECKOUT_POLICY",
    "CHECKOUT_POLCY": "CHECKOUT_POLICY",
    "checkout_policys": "CHECKOUT_POLICY",
    "CHEKOUT_POLICY": "CHECKOUT_POLICY",
    "CHECKOUT_READ_ONLY_MODE": "CHECKOUT_READ_ONLY",
    "CHECKOUT_READONLY": "CHECKOUT_READ_ONLY",
    "CHECKOUT_LEDGER_URL": "CHECKOUT_LEDGER",
    "CHECKOUT_SECRET_KEY": "CHECKOUT_SECRET_KEYS",
    "DODO_PAYMENTS_KEY": "DODO_PAYMENTS_API_KEY",
    "DODO_PAYMENT_API_KEY": "DODO_PAYMENTS_API_KEY",
    "DODO_PAYMENTS_APIKEY": "DODO_PAYMENTS_API_KEY",
    "DODO_API_KEY": "DODO_PAYMENTS_API_KEY",
    "DODO_PAYMENTS_ENV": "DODO_PAYMENTS_ENVIRONMENT",
    "DODO_PAYMENTS_URL": "DODO_PAYMENTS_BASE_URL",
    "CHECKOUT_AUTH_JWKS": "CHECKOUT_AUTH_JWKS_URL",
    "CHECKOUT_AUTH_ISSUER_URL": "CHECKOUT_AUTH_ISSUER",
    "CHECKOUT_ALLOWED_ORIGIN": "CHECKOUT_ALLOWED_ORIGINS",
    "CHECKOUT_PROXIES": "CHECKOUT_TRUSTED_PROXIES",
}
OF_SERVICES = """
    CHECKOUT_SERVICE_HOST CHECKOUT_SERVICE_PORT CHECKOUT_SERVICE_PORT_HTTP CHECKOUT_PORT CHECKOUT_PORT_8080_TCP
    CHECKOUT_PORT_8080_TCP_ADDR CHECKOUT_PORT_8080_TCP_PORT CHECKOUT_PORT_53_UDP_PROTO CHECKOUT_POLICY_SERVICE_HOST
    CHECKOUT_POLICY_SERVICE_PORT CHECKOUT_LEDGER_PORT CHECKOUT_LEDGER_PORT_5432_TCP_ADDR DODO_PAYMENTS_API_SERVICE_HOST
""".split()
UNKNOWN = """
    CHECKOUT_LOG_FILE CHECKOUT_PAGE_TITLE CHECKOUT_URL CHECKOUT_ENV DODO_PAYMENTS_RETURN_URL
    DODO_PAYMENTS_WEBHOOK_SECRET
""".split()
FOREIGN = "DODO_PAYMENTS CHECKOUT PAYMENTS_API_KEY STRIPE_API_KEY DODO_HOME CHOCOLATEY_POLICY".split()
PLACEHOLDERS = [
    "your test key", "...", "your_api_key", "YOUR-API-KEY", "<api key>", "<key>", "${DODO_PAYMENTS_API_KEY}",
    "${env:DODO}", "{env:DODO}", "{{ dodo_key }}", "changeme", "sk_test_xxxxxxxx", "****",
]  # fmt: skip
SECRET = "ab" * 32


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("name", MEANT)
def test_a_name_that_was_meant_for_a_setting_is_told_which(name: str) -> None:
    assert list(find_misspelt([name], NAMES)) == [(name, MEANT[name])]


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("name", [name for name in MEANT if name.upper().startswith("CHECKOUT_")])
def test_a_setting_that_is_set_is_not_missed_by_a_name_beside_it(name: str) -> None:
    assert list(find_misspelt([name, MEANT[name]], NAMES)) == []
    assert find_unknown([name, MEANT[name]], NAMES) == [name]


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("name", OF_SERVICES)
def test_what_kubernetes_injects_is_neither_meant_nor_unknown(name: str) -> None:
    assert list(find_misspelt([name], NAMES)) == []
    assert find_unknown([name], NAMES) == []


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("name", UNKNOWN)
def test_another_name_with_a_prefix_of_ours_is_unknown_and_stops_nothing(name: str) -> None:
    assert list(find_misspelt([name], NAMES)) == []
    assert find_unknown([name, *NAMES], NAMES) == [name]


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("name", FOREIGN)
def test_a_name_of_others_is_left_alone(name: str) -> None:
    assert list(find_misspelt([name], NAMES)) == []
    assert find_unknown([name], NAMES) == []


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("key", PLACEHOLDERS)
def test_a_placeholder_is_no_key(key: str) -> None:
    for settings in ({"DODO_PAYMENTS_API_KEY": key}, {"CHECKOUT_SECRET_KEYS": f"{SECRET},{key}"}):
        with pytest.raises(SettingsError) as refused:
            load_settings(**settings)
        [name] = settings
        assert str(refused.value) == f"{name} is a placeholder that nobody filled in; put the key in its place."


@pytest.mark.requirement("cli.settings")
def test_what_readme_has_where_the_key_goes_is_no_key() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    placeholders = re.findall(r'DODO_PAYMENTS_API_KEY(?:": "|=)([^"\s][^"\n#]*[^"\n# ])', readme)
    assert len(placeholders) == 2
    for placeholder in placeholders:
        with pytest.raises(SettingsError, match="is a placeholder"):
            load_settings(DODO_PAYMENTS_API_KEY=placeholder)


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("quoted", ['"{}"', "'{}'"])
def test_quotation_marks_are_no_part_of_a_key(quoted: str) -> None:
    key = quoted.format("sk_test_abc")
    for settings in ({"DODO_PAYMENTS_API_KEY": key}, {"CHECKOUT_SECRET_KEYS": quoted.format(f"{SECRET},{SECRET}")}):
        with pytest.raises(SettingsError, match="has quotation marks around it, which belong to a shell; remove them"):
            load_settings(**settings)


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("key", ["sk_test_Zm9vYmFy", "dodo_live_x-1", "key"])
def test_a_key_in_a_form_that_nobody_documents_is_taken(key: str) -> None:
    settings = load_settings(DODO_PAYMENTS_API_KEY=key)
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == key


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize(
    ("ledger", "path"),
    [
        ("sqlite:///ledger.db", "ledger.db"),
        ("sqlite:////var/lib/shop/ledger.db", "/var/lib/shop/ledger.db"),
        ("sqlite:///~/ledger.db", str(Path.home() / "ledger.db")),
        ("/var/lib/shop/ledger.db", "/var/lib/shop/ledger.db"),
    ],
)
def test_a_ledger_is_named_by_its_path_or_by_a_sqlite_url(ledger: str, path: str) -> None:
    settings = load_settings(CHECKOUT_LEDGER=ledger)
    assert (settings.ledger_path, settings.ledger_url) == (Path(path), None)


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize("value", ["", "  "])
def test_a_policy_that_came_out_empty_allows_nothing(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKOUT_POLICY", value)
    with pytest.raises(SettingsError, match="CHECKOUT_POLICY is empty; name the policy file, or unset it"):
        load_settings()
