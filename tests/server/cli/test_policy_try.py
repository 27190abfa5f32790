"""``policy --try``: which rule would decide about a cart."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from evals.upstream import running_upstream
from processes import own_environment

pytestmark = pytest.mark.thorough

POLICY = """
[limits]
max_total = { USD = 50000 }
max_quantity = 3
[allow]
products = ["prod_123", "prod_laptop", "prod_monthly_plan", "prod_consulting_service"]
discount_codes = ["SAVE20"]
countries = ["US", "GB"]
return_hosts = ["shop.example.com"]
[confirm]
ask_above = { USD = 10000 }
"""
CHARGE = {
    "product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}],
    "billing_address": {"country": "US", "state": "CA", "city": "x", "street": "y", "zipcode": "94105"},
    "customer": {"email": "jane.doe@example.com"},
    "confirm": True,
}


def attempt(
    folder: Path, *arguments: str, typed: str = "", policy: str | None = POLICY, **settings: str
) -> subprocess.CompletedProcess[str]:
    own = {"CHECKOUT_LEDGER": str(folder / "ledger.db")} | settings
    if policy is not None:
        (folder / "policy.toml").write_text(policy)
        own = {"CHECKOUT_POLICY": str(folder / "policy.toml")} | own
    return subprocess.run(
        [sys.executable, "-m", "checkout_server", "policy", "--try", *arguments],
        env=own_environment() | own, input=typed, capture_output=True, text=True, check=False,
    )  # fmt: skip


def facts(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The head of the report."""
    head = done.stdout.partition("\n\n")[0]
    return {line[:13].strip(): line[13:].strip() for line in head.splitlines()}


def reasons(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str]]:
    block = done.stdout.split("\n\n")[1]
    return [(line.split()[0], " ".join(line.split()[1:])) for line in block.splitlines()]


@pytest.mark.requirement("policy.try")
def test_a_cart_that_no_rule_stops_is_told_with_the_rules_that_it_passes(tmp_path: Path) -> None:
    done = attempt(tmp_path, "prod_123:2", "--country", "US", "--code", "SAVE20")
    assert (done.returncode, done.stderr) == (0, "")
    assert facts(done) == {
        "environment": "sandbox",
        "cart": "2 × Starter kit",
        "due now": "USD 78.40",
        "decision": "sold without asking anybody",
        "decided by": "no rule stops it",
    }
    limit = (
        "one charge is at most USD 500.00; other currencies are refused, and so is what has no bound: billed usage, "
        "and what the buyer chooses on the page"
    )
    assert ("limits.max_total", limit) in reasons(done)
    assert {rule for rule, _ in reasons(done)} == {
        "limits.max_total", "limits.max_quantity", "allow.products", "allow.discount_codes", "allow.countries",
        "allow.return_hosts", "confirm.ask_above",
    }  # fmt: skip


@pytest.mark.requirement("policy.try")
@pytest.mark.parametrize(
    ("cart", "rules", "why"),
    [
        (["prod_laptop", "--country", "US"], "limits.max_total", "the limit for one charge is USD 500.00"),
        (["prod_123:4", "--country", "US"], "limits.max_quantity", "is above the limit"),
        (["prod_mouse", "--country", "US"], "allow.products", "is not a product that may be sold here"),
        (["prod_123", "--country", "US", "--code", "WELCOME10"], "allow.discount_codes", "is not a code"),
        (["prod_123", "--country", "US", "--code", "SAVE20", "--code", "FIRST3"], "allow.discount_codes", "[1]"),
        (["prod_123", "--country", "MX"], "allow.countries", "is not a country that is sold to"),
        (["prod_123"], "allow.countries", "must be given"),
        (["prod_123", "--country", "US", "--return-url", "https://evil.example"], "allow.return_hosts", "not allowed"),
        (["prod_123", "--country", "US", "--currency", "EUR"], "limits.max_total", "has no limit in the policy"),
    ],
)
def test_the_rule_that_refuses_a_cart_is_named_with_its_reason(
    cart: Sequence[str], rules: str, why: str, tmp_path: Path
) -> None:
    done = attempt(tmp_path, *cart)
    assert (done.returncode, done.stderr) == (1, "")
    assert (facts(done)["decision"], facts(done)["decided by"]) == ("refused", rules)
    assert facts(done)["due now"], "what it would have cost is told all the same"
    [(rule, reason)] = reasons(done)
    assert (rule, why in reason) == (rules, True)
    assert "evil" not in done.stdout


@pytest.mark.requirement("policy.try")
def test_everything_that_refuses_a_cart_is_named_at_once(tmp_path: Path) -> None:
    done = attempt(tmp_path, "prod_mouse:4", "--country", "DE", "--return-url", "https://evil.example")
    assert [rule for rule, _ in reasons(done)][:4] == [
        "allow.return_hosts",
        "allow.products",
        "limits.max_quantity",
        "allow.countries",
    ]


@pytest.mark.requirement("policy.try")
def test_an_amount_that_a_person_is_asked_about_is_told_with_the_question(tmp_path: Path) -> None:
    done = attempt(tmp_path, "prod_123:3", "--country", "US")
    assert (done.returncode, facts(done)["decision"]) == (3, "a person is asked")
    asked = "a person is asked above USD 100.00, for every other currency, and for what has no bound"
    assert reasons(done) == [("confirm.ask_above", asked)]
    assert "  Approve this sale? SANDBOX: no money moves.\n  - 3 × “Starter kit”\n" in done.stdout


@pytest.mark.requirement("policy.try")
@pytest.mark.parametrize("place", ["file", "stdin"])
def test_arguments_of_both_tools_can_be_given_as_json(place: str, tmp_path: Path) -> None:
    path = tmp_path / "cart.json"
    path.write_text(json.dumps(CHARGE))
    done = attempt(tmp_path, str(path) if place == "file" else "-", typed="" if place == "file" else json.dumps(CHARGE))
    assert (done.returncode, done.stderr) == (3, "")
    assert facts(done)["later"] == "USD 31.47 every month"
    assert reasons(done) == [("confirm.mode", "confirm and saved payment methods need a person's yes")]
    assert "Customer: j***@e***.com" in done.stdout
    assert "jane" not in done.stdout


@pytest.mark.requirement("policy.try")
def test_a_policy_that_is_not_in_use_yet_can_be_tried(tmp_path: Path) -> None:
    path = tmp_path / "next.toml"
    path.write_text('[confirm]\nmode = "never"\n')
    charge = json.dumps(CHARGE)
    done = attempt(tmp_path, "-", "--check", str(path), typed=charge, CHECKOUT_POLICY="/nonexistent")
    assert (done.returncode, facts(done)["decided by"]) == (1, "confirm.mode")


@pytest.mark.requirement("policy.try")
def test_without_a_policy_nothing_stops_a_cart(tmp_path: Path) -> None:
    done = attempt(tmp_path, "prod_luxury_watch:9", policy=None)
    assert (done.returncode, facts(done)["decided by"], done.stdout.count("\n\n")) == (0, "no rule stops it", 0)


@pytest.mark.requirement("policy.try")
@pytest.mark.parametrize(
    ("cart", "decided_by", "where"),
    [
        (["prod_nope", "--country", "US"], "the payment API (NOT_FOUND)", "product_cart[0].product_id"),
        (["prod_123:0"], "the tools' own rules", "product_cart[0].quantity"),
        (["prod_123", "--country", "Utopia"], "the tools' own rules", "billing_address.country"),
    ],
)
def test_what_comes_before_the_policy_is_told_apart_from_it(
    cart: Sequence[str], decided_by: str, where: str, tmp_path: Path
) -> None:
    done = attempt(tmp_path, *cart)
    assert (done.returncode, facts(done)["decided by"]) == (1, decided_by)
    assert [of for of, _ in reasons(done)] == [where]
    assert "Utopia" not in done.stdout


@pytest.mark.requirement("policy.try")
async def test_the_payment_api_is_asked_for_a_price_and_for_nothing_else(tmp_path: Path) -> None:
    async with running_upstream() as upstream:
        api = {"DODO_PAYMENTS_API_KEY": "test_key", "DODO_PAYMENTS_BASE_URL": upstream.url}
        done = await asyncio.to_thread(attempt, tmp_path, "prod_123", "--country", "US", **api)
        assert (done.returncode, facts(done)["environment"]) == (0, "test_mode")
        asked = {(method, path) for method, path, _ in upstream.requests}
        assert ("POST", "/checkouts/preview") in asked
        assert {path for method, path in asked if method == "POST"} == {"/checkouts/preview"}
        assert upstream.sandbox.sessions == {}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["policy.toml"], "the ledger was left alone"


@pytest.mark.requirement("policy.try")
@pytest.mark.parametrize(
    ("cart", "typed", "settings", "says"),
    [
        (["prod_123:x"], "", {}, "A product is given as PRODUCT or PRODUCT:QUANTITY"),
        (["nowhere.json"], "", {}, "The JSON file of the cart cannot be read."),
        (["-"], "[1", {}, "The cart is not JSON."),
        (["-"], "[]", {}, "The cart must be one JSON object"),
        (["prod_123"], "", {"CHECKOUT_POLICY": "/nonexistent"}, "CHECKOUT_POLICY names a file that cannot be read."),
        (["prod_123"], "", {"CHECKOUT_LOG_LEVEL": "loud"}, "CHECKOUT_LOG_LEVEL must be"),
        (
            ["prod_123"],
            "",
            {"DODO_PAYMENTS_API_KEY": "k", "DODO_PAYMENTS_BASE_URL": "http://127.0.0.1:9"},
            "The cart could not be tried: The payment API gave no usable answer.",
        ),
    ],
)
def test_what_cannot_be_tried_is_one_sentence(
    cart: Sequence[str], typed: str, settings: dict[str, str], says: str, tmp_path: Path
) -> None:
    done = attempt(tmp_path, *cart, typed=typed, **settings)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"dodo-checkout-mcp: {says}")


@pytest.mark.requirement("policy.try")
def test_what_describes_a_cart_needs_one(tmp_path: Path) -> None:
    done: Any = subprocess.run(
        [sys.executable, "-m", "checkout_server", "policy", "--country", "US"],
        env=own_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "together with --try" in done.stderr
