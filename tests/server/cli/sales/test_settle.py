"""``sales settle`` ends what is unknown, and a server asks about it by itself."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout import background
from checkout_server.checkout.ledger.contract import Entry, State
from checkout_server.checkout.sessions import search
from checkout_server.cli.commands import parsed
from checkout_server.cli.sales import command, pages
from faulty_upstream import SEARCHES, Fault, drop_after, drop_before, no_fault
from ledger_steps import NOW, claim, finish
from sales_command import shop

pytestmark = pytest.mark.thorough


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
        assert await command.carry_out(parsed(["sales", "settle"]), seller.desk) == 1
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


@pytest.mark.requirement("sales.settle", "sales.list")
async def test_a_reason_in_any_language_is_recorded_and_listed_in_any_encoding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with shop(tmp_path) as seller:
        lost = await seller.sell(drop_before)
        who = ["--by", "ada", "--because", " keine Zahlung:  geprüft"]
        assert (
            await command.carry_out(parsed(["sales", "settle", lost, "--nothing-was-created", *who]), seller.desk) == 0
        )
        assert await seller.last_step(lost) == ("refused", "settled by ada: keine Zahlung: geprüft")
        code, output = await seller.run("sales", PYTHONIOENCODING="ascii")
        assert (code, output.splitlines()[0].split("  ")[-1]) == (0, r"settled by ada: keine Zahlung: gepr\xfcft")
        assert capsys.readouterr().out.endswith("recorded\n")


@pytest.mark.requirement("sales.settle", "cli.usage")
@pytest.mark.parametrize("evidence", [("--by", "ada"), ("--because", "seen"), ("--by", "ada", "--because", "seen")])
def test_who_and_why_without_what_was_found_are_refused(
    evidence: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(parsed(["sales", "settle", "prv_1", *evidence])) == 2
    assert capsys.readouterr().err == (
        "dodo-checkout-mcp: sales settle records --by and --because with what you found: add --session or "
        "--nothing-was-created, or leave both out to ask the payments list.\n"
    )


@pytest.mark.requirement("sales.settle", "cli.usage")
@pytest.mark.parametrize(
    "chosen",
    [("--unknown",), ("--state", "unknown"), ("--principal", "p"), ("--since", "7d"), ("--order", "time"), ("--json",)],
)
def test_what_chooses_the_listed_sales_is_refused_beside_settle(
    chosen: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(parsed(["sales", *chosen, "settle"])) == 2
    assert "takes none of the options that choose what is listed" in capsys.readouterr().err


@pytest.mark.requirement("sales.settle")
async def test_what_another_merchant_account_sold_is_said_to_be_settled_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with shop(tmp_path) as seller:
        mine = await seller.sell(drop_after)
        owner = await seller.desk.find_owner()
        theirs = Entry(
            preview_id="prv_theirs", principal="local", environment=owner.environment, state=State.QUOTED, order=b"",
            currency="USD", total=1, created_at=NOW, expires_at=NOW + 9e9, purge_at=NOW + 9e9, account="another",
        )  # fmt: skip
        await seller.desk.ledger.add(theirs)
        their_account = replace(owner, account="another")
        assert await claim(seller.desk.ledger, preview_id=theirs.preview_id, owner=their_account)
        assert await finish(seller.desk.ledger, State.UNKNOWN, preview_id=theirs.preview_id)
        capsys.readouterr()
        assert await command.carry_out(parsed(["sales", "settle"]), seller.desk) == 0
        assert capsys.readouterr().out.splitlines() == [
            f"{mine}  found in the payments list and recorded",
            "1 asked about, 0 still unknown",
            "1 not asked about: of another merchant account, and settled with an API key of that account",
        ]
        assert await command.carry_out(parsed(["sales", "settle", theirs.preview_id]), seller.desk) == 2
        assert "another account's is settled with an API key of that account" in capsys.readouterr().err
        assert "those of this API key's merchant account" in (await seller.run("doctor"))[1]


@pytest.mark.requirement("sales.settle")
@pytest.mark.parametrize(
    ("sold", "listing", "told"),
    [
        (drop_after, no_fault, "has a payment of this preview, so nothing was recorded"),
        (drop_before, drop_before, "cannot be read, so nothing was recorded"),
    ],
)
async def test_that_nothing_was_created_is_recorded_only_if_the_payments_list_agrees(
    sold: Fault, listing: Fault, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with shop(tmp_path) as seller:
        lost = await seller.sell(sold)
        seller.upstream.faults[SEARCHES] = listing
        capsys.readouterr()
        ending = ["--nothing-was-created", "--by", "ada", "--because", "the dashboard says so"]
        assert await command.carry_out(parsed(["sales", "settle", lost, *ending]), seller.desk) == 2
        said = capsys.readouterr()
        assert (said.out, told in said.err) == ("", True)
        assert (await seller.last_step(lost))[0] == "unknown"


@pytest.mark.requirement("sales.settle")
async def test_a_named_preview_is_searched_for_until_the_payments_list_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with shop(tmp_path) as seller:
        lost = await seller.sell(drop_after)
        search_once, left = seller.desk.searches.search, iter((False, False, True))

        async def found_at_the_third_time(*asked: Any, **further: Any) -> search.Found:
            monkeypatch.setattr(search, "SEARCH_SECONDS", 60.0 if next(left) else 0.0)
            return await search_once(*asked, **further)

        seller.desk.searches.search = found_at_the_third_time
        capsys.readouterr()
        assert await command.carry_out(parsed(["sales", "settle", lost]), seller.desk) == 0
        assert capsys.readouterr().out.startswith(f"{lost}  found in the payments list and recorded\n")


@pytest.mark.requirement("sales.settle")
async def test_what_is_not_read_to_its_end_does_not_prove_that_nothing_was_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with shop(tmp_path) as seller:
        lost = await seller.sell(drop_after)
        monkeypatch.setattr(search, "SEARCH_SECONDS", 0.0)
        capsys.readouterr()
        ending = ["--nothing-was-created", "--by", "ada", "--because", "the dashboard says so"]
        assert await command.carry_out(parsed(["sales", "settle", lost, *ending]), seller.desk) == 2
        assert "was not read to its end, so nothing was recorded" in capsys.readouterr().err
        assert (await seller.last_step(lost))[0] == "unknown"


@pytest.mark.requirement("sales.settle", "privacy.commands")
@pytest.mark.parametrize(
    "arguments",
    [
        ("--nothing-was-created",),
        ("--nothing-was-created", "--by", "ada"),
        ("--nothing-was-created", "--by", "ada", "--because", "the card 4242 4242 4242 4242"),
        ("--session", "a b", "--by", "ada", "--because", "seen"),
    ],
)
async def test_nothing_is_recorded_without_who_and_why_or_with_a_buyer_in_it(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    async with shop(tmp_path) as seller:
        lost = await seller.sell(drop_before)
        code, output = await seller.run("sales", "settle", lost, *arguments)
        assert (code, "4242" in output) == (2, False)
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
