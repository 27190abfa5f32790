"""``sales`` lists what was sold, refused and left unknown, and ``sales settle`` ends what is unknown."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout import background
from checkout_server.checkout.ledger.contract import State
from checkout_server.checkout.ledger.operations import SaleRow
from checkout_server.checkout.principal import LOCAL, Scope
from checkout_server.checkout.principals import identify_principal
from checkout_server.cli import main, pages, sales
from checkout_server.cli.commands import parsed
from fault_cases import CASES, call, environment, opened
from faulty_upstream import FaultyUpstream, drop_after, drop_before, no_fault
from orders import CONFIRMED, HOSTED, ORDER

pytestmark = pytest.mark.thorough

CREATE, STATUS = "create_checkout_session", "get_checkout_session"
SALE: dict[str, Any] = {
    "at": 0.0, "preview_id": "prv_1", "principal": "local", "environment": "sandbox", "state": "created",
    "session_id": None, "detail": None,
}  # fmt: skip


@dataclass
class Shop:
    """A shop, and the command line of the one who runs it."""

    client: Any
    desk: Any
    upstream: FaultyUpstream
    folder: Path

    async def sell(self, fault: Any, rest: dict[str, Any] = CONFIRMED, quantity: int = 1) -> str:
        goods = {"product_cart": [{"product_id": "prod_premium_plan", "quantity": quantity}]}
        preview_id = (await call(self.client, "preview_checkout", **ORDER | goods))["preview_id"]
        self.upstream.fault = fault
        await call(self.client, CREATE, preview_id=preview_id, **rest)
        self.upstream.fault = no_fault
        return preview_id

    async def run(self, *arguments: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checkout_server", *arguments, env=environment(self.folder, self.upstream.url),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    async def status(self, preview_id: str) -> str:
        return (await call(self.client, STATUS, preview_id=preview_id))["status"]

    async def last_step(self, preview_id: str) -> tuple[str, str | None]:
        row = (await self.desk.ledger.audit(preview_id))[-1]
        return row.event, row.detail


@asynccontextmanager
async def shop(folder: Path) -> AsyncGenerator[Shop]:
    async with FaultyUpstream().running() as upstream, opened(folder, upstream.url) as (client, desk):
        yield Shop(client, desk, upstream, folder)


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
            assert await sales.carry_out(parsed(["sales", *asked.split(), "--order", order]), seller.desk) == 0
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
        await sales.carry_out(parsed(["sales"]), seller.desk)
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
    ordered = sales._in_order(rows, "amount")  # pyright: ignore[reportPrivateUsage] - only the order, without a ledger
    assert [(row.currency, row.total) for row in ordered] == [("EUR", 1), ("USD", 9), ("USD", 5)]


@pytest.mark.requirement("sales.list", "cli.usage")
def test_a_state_that_there_is_not_is_a_usage_error_that_names_the_argument_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["sales", "--state", "createt"])
    told = capsys.readouterr().err.splitlines()[-1]
    assert ("argument --state" in told, "createt" in told) == (True, False)
    assert set(sales.STATES) == set(State) - {State.QUOTED}


@pytest.mark.requirement("sales.settle")
async def test_settling_asks_the_payments_list_now_and_records_the_end(tmp_path: Path) -> None:
    async with shop(tmp_path) as seller:
        found, missing = await seller.sell(drop_after), await seller.sell(drop_before)
        code, output = await seller.run("sales", "settle")
        assert (code, output.splitlines()[-1]) == (1, "2 asked about, 1 still unknown")
        assert await seller.last_step(found) == ("created", "found_in_payments")
        assert f"{missing}  no payment; look into the dashboard" in output


@pytest.mark.requirement("sales.settle")
async def test_settling_asks_about_all_that_is_unknown_however_many_pages_it_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pages, "PAGE", 1)
    async with shop(tmp_path) as seller:
        missing = [await seller.sell(drop_before) for _ in range(2)]
        paid = await seller.sell(drop_after)
        capsys.readouterr()
        assert await sales.carry_out(parsed(["sales", "settle"]), seller.desk) == 1
        *lines, last = capsys.readouterr().out.splitlines()
        assert [line.split("  ")[0] for line in lines] == [*missing, paid]
        assert last == "3 asked about, 2 still unknown"
        assert await seller.last_step(paid) == ("created", "found_in_payments")


@pytest.mark.requirement("sales.settle")
@pytest.mark.parametrize(
    ("ending", "event", "status"),
    [(("--nothing-was-created",), "refused", "refused"), (("--session", "cks_found"), "created", "unknown")],
)
async def test_what_an_operator_found_is_recorded_with_who_and_why(
    ending: tuple[str, ...], event: str, status: str, tmp_path: Path
) -> None:
    async with shop(tmp_path) as seller:
        lost = await seller.sell(drop_before)
        who = ("--by", "ada", "--because", "the dashboard says so")
        code, output = await seller.run("sales", "settle", lost, *ending, *who)
        assert (code, output) == (0, f"{lost}  recorded\n")
        assert await seller.last_step(lost) == (event, "settled by ada: the dashboard says so")
        assert await seller.status(lost) == status
        assert (await seller.run("sales", "settle", lost, *ending, *who))[0] == 2, "it is not unknown any more"


@pytest.mark.requirement("sales.settle", "privacy.commands")
@pytest.mark.parametrize(
    "arguments",
    [
        ("--nothing-was-created",),
        ("--nothing-was-created", "--by", "ada"),
        ("--nothing-was-created", "--by", "ada", "--because", "jane.doe@example.com said so"),
        ("--nothing-was-created", "--by", "ada", "--because", "the card 4242424242424242"),
        ("--session", "a b", "--by", "ada", "--because", "seen"),
    ],
)
async def test_nothing_is_recorded_without_who_and_why_or_with_a_buyer_in_it(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    async with shop(tmp_path) as seller:
        lost = await seller.sell(drop_before)
        code, output = await seller.run("sales", "settle", lost, *arguments)
        assert (code, "jane" in output, "4242" in output) == (2, False, False)
        assert (await seller.last_step(lost))[0] == "unknown"


@pytest.mark.requirement("sales.background")
async def test_an_unknown_outcome_is_asked_about_again_without_a_caller(tmp_path: Path) -> None:
    async with shop(tmp_path) as seller:
        lost = await seller.sell(drop_after)
        seller.upstream.requests.clear()
        missing = await seller.sell(drop_before)
        await background.work_round(seller.desk)
        assert await seller.last_step(lost) == ("created", "found_in_payments")
        asked = len(seller.upstream.searches)
        await background.work_round(seller.desk)
        assert len(seller.upstream.searches) == asked, "its pause is not over"
        assert (await seller.last_step(missing))[0] == "unknown"


@pytest.mark.requirement("sales.background")
async def test_a_server_works_in_the_background_until_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "ROUND_SECONDS", 0.0)
    async with shop(tmp_path) as seller:
        lost = await seller.sell(drop_after)
        recorded, finish = asyncio.Event(), seller.desk.ledger.finish

        async def observed(*arguments: Any, **named: Any) -> bool:
            done = await finish(*arguments, **named)
            recorded.set()
            return done

        seller.desk.ledger.finish = observed
        async with background.working_in_background(seller.desk):
            await recorded.wait()
        assert await seller.status(lost) == "paid"
