"""Every sentence that ``policy`` prints is true: what it allows is allowed, and what it forbids is refused."""

import itertools
import tomllib
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from checkout_server.checkout.policy.document import Audit, Policy, Section, load_policy
from checkout_server.checkout.policy.explanation import explain_policy, explain_sections
from checkout_server.checkout.principal import Principal, Scope
from policy_rules import RULES
from policy_rules.tries import ALLOWED, Outcome, Rule, Situation
from shops import Person, open_shop_over

ISSUER = "https://auth.example.com"
EVERY_TOOL = "[confirm]\nlist_saved_payment_methods = true\n"
SECTIONS = {table: info.annotation for table, info in Section.model_fields.items()}
NARROWABLE = [f"{table}.{key}" for table, model in SECTIONS.items() for key in getattr(model, "model_fields", ())]
KEYS = [*NARROWABLE, *(f"audit.{key}" for key in Audit.model_fields)]
ABSENT, TWO_ENTRIES, A_NUMBER = "absent", "two entries", "a number"

_ids = itertools.count(1)


def somebody(subject: str, *, without: Scope | None = None) -> Principal:
    """Somebody whom the ledger has never seen, so that nothing counts that was tried under another policy."""
    return Principal(f"{next(_ids):032x}", frozenset(set(Scope) - {without}), ISSUER, subject)


def is_read(key: str, value: Any) -> bool:
    table, _, name = key.partition(".")
    with suppress(ValidationError):
        Policy.model_validate({table: {name: value}})
        return True
    return False


def words_of(annotation: Any) -> Iterator[Any]:
    for each in get_args(annotation):
        yield from [each] if isinstance(each, str) else words_of(each)


def kinds_of(key: str) -> set[Any]:
    """What a key can be as far as its sentence differs, by what the document reads."""
    table, _, name = key.partition(".")
    words = words_of(type(getattr(Policy(), table)).model_fields[name].annotation)
    found = {kind_of(each) for each in ([], {}, 0, True, False, *words) if is_read(key, each)}
    found |= {A_NUMBER} if is_read(key, 1) else set()
    return found | {ABSENT} | ({TWO_ENTRIES} if "empty" in found else set())


def kind_of(value: Any) -> Any:
    if isinstance(value, list | dict):
        return {0: "empty", 2: TWO_ENTRIES}[len(value)]
    return A_NUMBER if isinstance(value, int) and not isinstance(value, bool) and value else repr(value)


def kind_of_rule(rule: Rule) -> Any:
    return ABSENT if rule.value is None else kind_of(tomllib.loads(f"value = {rule.value}")["value"])


def read(folder: Path, content: str, environment: str = "test_mode") -> Policy:
    path = folder / "tried.toml"
    path.write_text(content, encoding="utf-8")
    return load_policy(path, environment)


def line(key: str, value: str | None) -> str:
    return "" if value is None else f"{key} = {value}\n"


@asynccontextmanager
async def in_a_shop(folder: Path, environment: str = "test_mode") -> AsyncGenerator[Situation]:
    """With every tool; what the policy offers is then the desk's."""
    person = Person()
    settings = {"DODO_PAYMENTS_ENVIRONMENT": environment}
    async with open_shop_over("memory", "2026", folder, policy=EVERY_TOOL, person=person, **settings) as shop:
        yield Situation(shop, person)


async def outcomes(rule: Rule, at: Situation, policy: Policy, principal: Principal) -> list[Outcome]:
    at.shop.desk.common_policy, at.shop.desk.principal = policy, principal
    return [await attempt(at) for attempt, _ in rule.tries]


def expected(rule: Rule) -> list[Outcome]:
    return [outcome for _, outcome in rule.tries]


@pytest.mark.requirement("policy.sentences")
def test_every_key_is_tried_absent_empty_with_two_entries_and_at_each_of_its_words() -> None:
    assert sorted(RULES) == sorted(KEYS)
    assert {key: {kind_of_rule(rule) for rule in rules} for key, rules in RULES.items()} == {
        key: kinds_of(key) for key in RULES
    }


@pytest.mark.requirement("policy.sentences")
@pytest.mark.parametrize(
    ("key", "environment"), dict.fromkeys((key, rule.environment) for key, rules in RULES.items() for rule in rules)
)
async def test_a_key_alone_allows_and_refuses_what_its_sentence_says(
    key: str, environment: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    async with in_a_shop(tmp_path, environment) as at:
        for rule in (each for each in RULES[key] if each.environment == environment):
            with subtests.test(value=rule.value):
                policy = read(tmp_path, f"{line(key, rule.value)}{rule.beside}", environment)
                [explained] = [each for each in explain_policy(policy, environment) if each.key == key]
                source = "default" if rule.value is None else "CHECKOUT_POLICY"
                assert (explained.says, explained.source) == (rule.says, source)
                assert await outcomes(rule, at, policy, somebody("agent-7")) == expected(rule)


WIDE = {
    "limits.customer_lookups_per_hour": "1000",
    "allow.return_schemes": '["myapp", "com.example.shop", "yourapp"]',
    "confirm.mode": '"unattended"',
    "confirm.saved_payment_methods": "true",
    "confirm.list_saved_payment_methods": "true",
    "confirm.list_any_customer": "true",
    "preview.ttl_seconds": "604800",
    "preview.requote_after_seconds": "604800",
    "share.license_keys": "true",
    "share.custom_field_responses": "true",
    "share.invoice_url": "true",
}
"""What holds for everybody where a section is narrower; nothing at all for the other keys."""


def is_strict(rule: Rule) -> bool:
    return rule.environment == "test_mode" and rule.value is not None and set(expected(rule)) != {ALLOWED}


@pytest.mark.requirement("policy.sentences", "principal.policy")
@pytest.mark.parametrize("key", NARROWABLE)
async def test_a_section_says_the_same_and_holds_for_whom_it_is_about_and_nobody_else(
    key: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    strict = [each for each in RULES[key] if is_strict(each)][-1]
    rule = strict._replace(tries=strict.tries[:8])  # the rest is tried above
    # What the stranger's token lacks is not needed for what is tried.
    scope = Scope.READ if key.startswith("confirm.") or key == "limits.customer_lookups_per_hour" else Scope.CONFIRM
    common = f"{line(key, WIDE.get(key))}{rule.beside}\n"
    sections = {
        "the principal https://auth.example.com|agent-7": f'[principal."{ISSUER}|agent-7"]\n',
        f"whoever has the scope {scope}": f'[scope."{scope}"]\n',
    }
    async with in_a_shop(tmp_path) as at:
        wide = await outcomes(rule, at, read(tmp_path, common), somebody("agent-8", without=scope))
        assert wide != expected(rule)
        for about, section in sections.items():
            with subtests.test(about):
                policy = read(tmp_path, f"{common}{section}{line(key, rule.value)}")
                told = [(who, [(each.key, each.says) for each in keys]) for who, keys in explain_sections(policy, "")]
                assert told == [(about, [(key, rule.says)])]
                assert await outcomes(rule, at, policy, somebody("agent-7")) == expected(rule)
                assert await outcomes(rule, at, policy, somebody("agent-8", without=scope)) == wide
