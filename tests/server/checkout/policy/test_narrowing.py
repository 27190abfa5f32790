"""Sections of the policy: they narrow what holds for everybody, for who they are about, and can widen nothing."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_server.checkout.policy.document import Policy, PolicyUnusable, Section, load_policy
from checkout_server.checkout.policy.narrowing import MEETS, narrowed
from checkout_server.checkout.principal import LOCAL, Principal, Scope, issuers_beside

ISSUER, SUBJECT = "https://auth.example.com", "auth0|jane@example.com"
JANE = Principal("1" * 32, frozenset({Scope.READ, Scope.CREATE}), ISSUER, SUBJECT)
JO = Principal("2" * 32, frozenset({Scope.READ}), ISSUER, "jo")
OF_JANE = f'principal."{ISSUER}|{SUBJECT}"'

KEYS = [f"{table}.{key}" for table in Section.model_fields for key in type(getattr(Policy(), table)).model_fields]
COMMON, NARROWER, WIDER = "common", "narrower", "wider"
VALUES: dict[str, tuple[str, str, str]] = {
    "limits.max_total": ("{ USD = 500, EUR = 400 }", "{ USD = 499 }", "{ USD = 1, GBP = 1 }"),
    "limits.max_quantity": ("5", "4", "6"),
    "limits.creations_per_hour": ("5", "4", "6"),
    "limits.customer_lookups_per_hour": ("5", "4", "6"),
    "allow.products": ('["prod_1", "prod_2"]', '["prod_2"]', '["prod_2", "prod_3"]'),
    "allow.discount_codes": ('["A", "B"]', '["a"]', '["A", "C"]'),
    "allow.currencies": ('["USD", "EUR"]', "[]", '["GBP"]'),
    "allow.countries": ('["US", "GB"]', '["GB"]', '["GB", "FR"]'),
    "allow.return_hosts": ('["*.example.com", "b.org"]', '["a.example.com", "*.x.example.com"]', '["example.com"]'),
    "allow.return_schemes": ('["myapp", "yours"]', '["myapp"]', '["another"]'),
    "confirm.mode": ('"ask"', '"never"', '"unattended"'),
    "confirm.saved_payment_methods": ("false", "false", "true"),
    "confirm.list_saved_payment_methods": ("false", "false", "true"),
    "confirm.list_any_customer": ("false", "false", "true"),
    "confirm.ask_above": ("{ USD = 500, EUR = 400 }", "{ USD = 499 }", "{ USD = 501 }"),
    "preview.ttl_seconds": ("500", "400", "600"),
    "preview.requote_after_seconds": ("50", "0", "60"),
    "rates.previews_per_minute": ("5", "4", "6"),
    "rates.creations_per_minute": ("5", "4", "6"),
    "share.license_keys": ("false", "false", "true"),
    "share.custom_field_responses": ("false", "false", "true"),
    "share.invoice_url": ("false", "false", "true"),
}
"""Of each key what holds for everybody, something narrower and something wider, in TOML."""
UNLIMITED = {
    "limits.max_total", "limits.max_quantity", "limits.creations_per_hour", "allow.products", "allow.discount_codes",
    "allow.currencies", "allow.countries", "allow.return_hosts", "confirm.ask_above", "rates.previews_per_minute",
    "rates.creations_per_minute",
}  # fmt: skip
"""Keys whose absence limits nothing."""


def read(folder: Path, content: str, environment: str = "test_mode") -> Policy:
    path = folder / "policy.toml"
    path.write_text(content, encoding="utf-8")
    return load_policy(path, environment)


def value(policy: Policy, key: str) -> Any:
    table, _, name = key.partition(".")
    return getattr(getattr(policy, table), name)


@pytest.mark.requirement("principal.policy")
def test_every_key_that_can_be_narrowed_says_how_and_is_tried_here() -> None:
    assert sorted(KEYS) == sorted(MEETS) == sorted(VALUES)


@pytest.mark.requirement("principal.policy")
@pytest.mark.parametrize("section", [OF_JANE, 'scope."checkout:create"'])
@pytest.mark.parametrize("key", KEYS)
def test_a_narrower_section_holds_for_whom_it_is_about_and_nobody_else(tmp_path: Path, key: str, section: str) -> None:
    common, narrower, _ = VALUES[key]
    policy = read(tmp_path, f"{key} = {common}\n[{section}]\n{key} = {narrower}\n")
    alone = read(tmp_path, f"{key} = {narrower}\n")
    assert value(narrowed(policy, JANE), key) == value(alone, key)
    assert value(narrowed(policy, JO), key) == value(policy, key)
    others = [each for each in KEYS if each != key]
    assert [value(narrowed(policy, JANE), each) for each in others] == [value(policy, each) for each in others]


@pytest.mark.requirement("principal.policy")
@pytest.mark.parametrize("section", [OF_JANE, 'scope."checkout:create"'])
@pytest.mark.parametrize("key", KEYS)
def test_a_wider_section_stops_the_start_with_its_key_and_without_the_subject(
    tmp_path: Path, key: str, section: str
) -> None:
    common, _, wider = VALUES[key]
    place = "principal[section 1]" if section == OF_JANE else section
    with pytest.raises(PolicyUnusable) as caught:
        read(tmp_path, f"{key} = {common}\n[{section}]\n{key} = {wider}\n")
    assert str(caught.value) == (
        f"CHECKOUT_POLICY: {place}.{key} allows more than {key} does for everybody; a section can only be narrower."
    )


@pytest.mark.requirement("principal.policy")
@pytest.mark.parametrize("key", KEYS)
def test_beside_an_absent_key_a_section_limits_or_is_held_to_the_default(tmp_path: Path, key: str) -> None:
    _, narrower, wider = VALUES[key]
    for own in (narrower, wider) if key in UNLIMITED else (narrower,):
        if key == "allow.return_schemes":  # absent allows none
            with pytest.raises(PolicyUnusable):
                read(tmp_path, f"[{OF_JANE}]\n{key} = {own}\n")
            continue
        policy = read(tmp_path, f"[{OF_JANE}]\n{key} = {own}\n")
        alone = read(tmp_path, f"{key} = {own}\n")
        assert value(narrowed(policy, JANE), key) == value(alone, key)


@pytest.mark.requirement("principal.policy")
def test_in_live_mode_a_section_opens_no_host_that_nobody_listed(tmp_path: Path) -> None:
    content = f'[{OF_JANE}]\nallow.return_hosts = ["shop.example.com"]\n'
    assert read(tmp_path, content)
    with pytest.raises(PolicyUnusable, match=r"allow\.return_hosts allows more"):
        read(tmp_path, content, "live_mode")


@pytest.mark.requirement("principal.policy")
def test_a_section_may_name_hosts_that_the_common_list_names_twice(tmp_path: Path) -> None:
    common = 'allow.return_hosts = ["pay.example.com", "*.example.com"]\n'
    policy = read(tmp_path, f'{common}[{OF_JANE}]\nallow.return_hosts = ["*.example.com"]\n')
    assert set(narrowed(policy, JANE).allow.return_hosts or ()) == {"pay.example.com", "*.example.com"}
    with pytest.raises(PolicyUnusable, match=r"allow\.return_hosts allows more"):
        read(tmp_path, f'{common}[{OF_JANE}]\nallow.return_hosts = ["*.example.com", "*.example.org"]\n')


@pytest.mark.requirement("principal.policy")
def test_a_section_about_an_issuer_whose_tokens_are_not_taken_is_refused_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    own, slip, static = (f'[principal."{name}".limits]\nmax_quantity = 3\n' for name in (
        "https://auth.example.com|jane", "https://auth.example.com/|john@example.com", "token|tok_0123456789ab",
    ))  # fmt: skip
    issuers = issuers_beside("https://auth.example.com")
    path.write_text(own + static)
    assert load_policy(path, "sandbox", issuers=issuers)
    path.write_text(own + slip)
    with pytest.raises(PolicyUnusable) as refused:
        load_policy(path, "sandbox", issuers=issuers)
    assert str(refused.value) == (
        "CHECKOUT_POLICY: principal[section 2] is about an issuer that is neither CHECKOUT_AUTH_ISSUER nor token; "
        "write it exactly as tokens have it."
    )
    assert load_policy(path, "sandbox", issuers=issuers_beside(None)), "another process may take their tokens"


@pytest.mark.requirement("principal.policy")
def test_two_sections_hold_both(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        f'[{OF_JANE}]\nlimits.max_quantity = 5\nallow.products = ["prod_1", "prod_2"]\n'
        '[scope."checkout:create"]\nlimits.max_quantity = 3\nallow.products = ["prod_2", "prod_3"]\n'
        '[scope."checkout:confirm"]\nlimits.max_quantity = 1\n',
    )
    held = narrowed(policy, JANE)
    assert (held.limits.max_quantity, held.allow.products) == (3, ("prod_2",))


@pytest.mark.requirement("principal.policy")
def test_without_authorization_everybody_has_every_scope(tmp_path: Path) -> None:
    policy = read(tmp_path, f'[scope."checkout:confirm"]\nlimits.max_quantity = 1\n[{OF_JANE}]\nconfirm.mode = "never"')
    assert (narrowed(policy, LOCAL).limits.max_quantity, narrowed(policy, LOCAL).confirm.mode) == (1, "ask")


@pytest.mark.requirement("principal.policy")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (f"[{OF_JANE}.audit]\nkeep_days = 1", "principal[section 1].audit is not a key of the policy"),
        (
            f"[{OF_JANE}.limits]\nmax_quantit = 1",
            "principal[section 1].limits.max_quantit is not a key of the policy (did you mean "
            "principal[section 1].limits.max_quantity?)",
        ),
        (
            '[principal."jane@example.com"]\nlimits.max_quantity = 1',
            "principal[section 1] must be the issuer and the subject of a token, as in "
            '[principal."https://auth.example.com|agent-7"]',
        ),
        (
            '[principal."token|jane"]\nlimits.max_quantity = 1',
            "principal[section 1] must name a static token by its id, as token list shows it",
        ),
        (
            '[scope."checkout:creat"]\nlimits.max_quantity = 1',
            'scope."checkout:creat" must be one of \'checkout:read\', \'checkout:preview\', \'checkout:create\' or '
            "'checkout:confirm'",
        ),
        ("[rates]\npreviews_per_minute = 0", "rates.previews_per_minute must be at least 1"),
        ("principal = 3", "principal must be a table"),
        (
            f'principal."{ISSUER}|x" = 3\n{OF_JANE} = 4',
            "principal[section 1] must be a table; principal[section 2] must be a table",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_section_is_named_without_whom_it_is_about(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(PolicyUnusable) as caught:
        read(tmp_path, content)
    assert str(caught.value) == f"CHECKOUT_POLICY: {says}."
    assert "jane" not in str(caught.value)


AMOUNTS = st.none() | st.dictionaries(st.sampled_from(["USD", "EUR", "GBP"]), st.integers(0, 3))
WORDS = st.none() | st.lists(st.sampled_from(["A", "B", "C"])).map(tuple)
HOSTS = st.none() | st.lists(st.sampled_from(["*.a.b", "*.b", "x.a.b", "a.b", "c.d"])).map(tuple)
COUNTS = st.none() | st.integers(0, 3)
SAMPLES = {
    "limits.max_total": AMOUNTS, "confirm.ask_above": AMOUNTS, "limits.max_quantity": COUNTS,
    "allow.products": WORDS, "allow.discount_codes": WORDS, "allow.return_hosts": HOSTS,
    "confirm.mode": st.sampled_from(["ask", "never", "unattended"]), "share.license_keys": st.booleans(),
}  # fmt: skip
"""One key of each kind."""


@pytest.mark.requirement("principal.policy")
@pytest.mark.parametrize("key", SAMPLES)
@given(data=st.data())
def test_what_two_values_allow_together_is_no_more_than_either(key: str, data: st.DataObject) -> None:
    meet, one, other = MEETS[key], data.draw(SAMPLES[key]), data.draw(SAMPLES[key])

    def plain(met: Any) -> Any:
        return sorted(set(met)) if isinstance(met, tuple) else met

    together = meet(one, other)
    assert plain(meet(other, one)) == plain(together)
    assert plain(meet(one, together)) == plain(meet(other, together)) == plain(together)
