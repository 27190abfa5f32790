"""``sales`` lists what was sold, refused and left unknown."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout import background
from checkout_server.checkout.ledger.contract import State
from checkout_server.checkout.ledger.operations import SaleRow
from checkout_server.checkout.principal import LOCAL, Scope
from checkout_server.checkout.principals import identify_principal
from checkout_server.cli import main
from checkout_server.cli.commands import parsed
from checkout_server.cli.sales import command, listing, pages
from fault_cases import CASES
from faulty_upstream import drop_after, drop_before, no_fault
from orders import HOSTED
from sales_command import shop

pytestmark = pytest.mark.thorough

SALE: dict[str, Any] = {
    "at": 0.0, "preview_id": "prv_1", "principal": "local", "environment": "sandbox", "state": "created",
    "session_id": None, "detail": None,
}  # fmt: skip


@pytest.mark.requirement("sales.list")
async def test_sales_are_listed_by_time_principal_state_and_amount(tmp_path: Path) -> None:
    async with shop(tmp_path) as seller:
        sold, lost = await seller.sell(no_fault), await seller.sell(drop_after)
        refused = await seller.sell(CASES["422"].fault, HOSTED)
        code, output = await seller.run("sales")
        *lines, last = output.splitlines()
        assert (code, last) == (0, "3 sales; 1 with an unknown outcome")
        assert [line.split("  ")[1:5] for line in lines] == [
            ["local", state, lines[0].split("  ")[3], preview_id]
            for state, preview_id in (("refused", refused), ("unknown", lost), ("created", sold))
        ]
        _, output = await seller.run("sales", "--unknown", "--since", "1h", "--json")
        [row] = map(json.loads, output.splitlines())
        assert (row["preview_id"], row["state"], row["detail"], row["total"]) == (lost, "unknown", "NoAnswer", 5317)
        assert (await seller.run("sales", "--since", "2999-01-01"))[1] == "0 sales; 1 with an unknown outcome\n"
        assert "1 with an unknown outcome" in (await seller.run("doctor"))[1]


@pytest.mark.requirement("sales.list")
async def test_an_unknown_outcome_is_listed_when_its_steps_are_purged(tmp_path: Path) -> None:
    async with shop(tmp_path) as seller:
        lost = await seller.sell(drop_after)
        await seller.desk.ledger.purge(now=seller.desk.clock(), audit_before=seller.desk.clock())
        _, output = await seller.run("sales", "--unknown", "--json")
        row = json.loads(output)
        assert (row["preview_id"], row["state"], row["detail"], row["total"]) == (lost, "unknown", None, 5317)
        assert (await seller.run("sales", "--state", "unknown"))[1].splitlines()[-1].startswith("1 sales")
        assert (await seller.run("sales", "--unknown", "--since", "2999-01-01", "--json"))[1] == ""


@pytest.mark.requirement("sales.list")
async def test_the_list_is_narrowed_by_state_and_principal_and_has_an_order(tmp_path: Path) -> None:
    async with shop(tmp_path) as seller:
        sold = await seller.sell(no_fault)
        seller.desk.principal = replace(LOCAL, id="another")
        lost, refused = await seller.sell(drop_after), await seller.sell(CASES["422"].fault, HOSTED)

        async def listed(*filters: str) -> list[str]:
            _, output = await seller.run("sales", "--json", *filters)
            return [json.loads(line)["preview_id"] for line in output.splitlines()]

        assert await listed("--state", "created") == await listed("--principal", "local") == [sold]
        assert await listed("--principal", "another") == [refused, lost]
        assert await listed("--unknown", "--principal", "local") == []
        assert await listed("--order", "state") == [sold, refused, lost]
        assert await listed("--order", "principal") == [refused, lost, sold]


@pytest.mark.requirement("sales.list")
@pytest.mark.parametrize("asked", ["--state created", "--unknown"])
async def test_all_sales_are_listed_and_ordered_however_many_pages_they_fill(
    asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    async with shop(tmp_path) as seller:
        fault = drop_before if asked == "--unknown" else no_fault
        sold = [await seller.sell(fault, quantity=quantity) for quantity in (3, 2, 1, 2, 3)]
        capsys.readouterr()
        for order, expected in (("time", sold[::-1]), ("amount", [sold[4], sold[0], sold[3], sold[1], sold[2]])):
            assert await command.carry_out(parsed(["sales", *asked.split(), "--order", order]), seller.desk) == 0
            *lines, last = capsys.readouterr().out.splitlines()
            assert [line.split("  ")[4] for line in lines] == expected
            assert last.startswith("5 sales; ")


@pytest.mark.requirement("sales.list")
async def test_a_sale_that_ends_while_the_pages_are_read_is_listed_once_by_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pages, "PAGE", 1)
    async with shop(tmp_path) as seller:
        lost, sold = await seller.sell(drop_after), await seller.sell(no_fault)
        list_sales = seller.desk.ledger.list_sales

        async def settled_after_the_first_page(**wanted: Any) -> list[SaleRow]:
            page = await list_sales(**wanted)
            await background.work_round(seller.desk)
            return page

        seller.desk.ledger.list_sales = settled_after_the_first_page
        capsys.readouterr()
        await command.carry_out(parsed(["sales"]), seller.desk)
        *lines, last = capsys.readouterr().out.splitlines()
        listed = [(line.split("  ")[4], line.split("  ")[2]) for line in lines]
        assert listed == [(lost, "created"), (sold, "created")]
        assert last.startswith("2 sales; ")


@pytest.mark.requirement("sales.list", "principal.id")
async def test_sales_are_listed_by_the_issuer_and_subject_of_a_token(tmp_path: Path) -> None:
    async with shop(tmp_path) as seller:
        await seller.sell(no_fault)
        key = seller.desk.ledger_key
        await key.load()
        jane = identify_principal(key, "https://auth.example.com", "auth0|jane@example.com", list(Scope))
        seller.desk.principal = jane
        hers = await seller.sell(no_fault)
        for who, sales_of_theirs in (("auth0|jane@example.com", [hers]), ("jo", [])):
            _, output = await seller.run("sales", "--json", "--principal", f"https://auth.example.com|{who}")
            assert [json.loads(line)["preview_id"] for line in output.splitlines()] == sales_of_theirs
        _, output = await seller.run("sales", "--principal", jane.id)
        assert jane.id in output
        assert "jane@" not in output


@pytest.mark.requirement("sales.list")
def test_sales_are_ordered_by_amount_within_their_currency() -> None:
    rows = [SaleRow(**SALE, currency=currency, total=total) for currency, total in (("USD", 5), ("EUR", 1), ("USD", 9))]
    ordered = listing._in_order(rows, "amount")  # pyright: ignore[reportPrivateUsage] - only the order, without a ledger
    assert [(row.currency, row.total) for row in ordered] == [("EUR", 1), ("USD", 9), ("USD", 5)]


@pytest.mark.requirement("sales.list", "cli.usage")
def test_a_state_that_there_is_not_is_a_usage_error_that_names_the_argument_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["sales", "--state", "createt"])
    told = capsys.readouterr().err.splitlines()[-1]
    assert ("argument --state" in told, "createt" in told) == (True, False)
    assert set(command.STATES) == set(State) - {State.QUOTED}


@pytest.mark.requirement("sales.list", "cli.usage")
@pytest.mark.parametrize("since", ["999999d", "7w", "2026-13-01"])
def test_a_moment_that_there_is_not_is_a_usage_error_that_says_what_one_is(
    since: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["sales", "--since", since])
    told = "argument --since must be such as 90m, 24h, 7d or 2026-11-23; --help says what can be used"
    assert capsys.readouterr().err.splitlines()[-1] == f"dodo-checkout-mcp sales: error: {told}"
