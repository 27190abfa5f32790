"""Who found an outcome out, and how: any language, and nothing that a buyer could be known by."""

import pytest

from checkout_server.cli.commands import parsed
from checkout_server.cli.sales import evidence

NOTHING = ["sales", "settle", "prv_1", "--nothing-was-created"]


@pytest.mark.requirement("sales.settle")
@pytest.mark.parametrize(
    "reason",
    [
        "geprüft", "проверено", "ダッシュボードで確認", "नहीं मिला", "ticket 20261127", "of 2026-11-27",
        "none on 2026-11-27 14:30, nor on 2026-11-28 09.15", "none of 14.00 to 15.30", "prv_1 & cks_2: 53.17 USD?",
        "1" * 8, "é" * 200,
    ],
)  # fmt: skip
def test_a_reason_without_personal_data_is_taken_in_any_language(reason: str) -> None:
    assert parsed([*NOTHING, "--by", "ada.l-2", "--because", f"  {reason} "]).because == reason


@pytest.mark.requirement("sales.settle", "privacy.commands", "cli.usage")
@pytest.mark.parametrize(
    "reason",
    [
        "Jane Doe, +49 170 123 456 78", "the card 4242 4242 4242 4242", "4242-4242-4242-4242", "(0170) 123/45.67-8",
        "123456789", "4 2 4 2 4 2 4 2 4", "４２４２ ４２４２ ４２４２", "٠١٢٣٤٥٦٧٨", "20261127 14", "2026-13-27 14",
        "jane.doe@example.com said so", "jane＠example.com", "", "   ", "x" * 201, "two\nlines", "a\u202eb", "a\u200bb",
        "\udcff",
    ],
)  # fmt: skip
def test_a_reason_that_may_tell_a_buyer_is_refused_by_its_rule_and_not_repeated(
    reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parsed([*NOTHING, "--by", "ada", "--because", reason])
    told = f"argument --because must be {evidence.WHY}; --help says what can be used"
    assert capsys.readouterr().err.splitlines()[-1] == f"dodo-checkout-mcp sales settle: error: {told}"


@pytest.mark.requirement("sales.settle", "cli.usage")
def test_who_found_it_out_is_refused_by_its_rule(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parsed([*NOTHING, "--by", "Ada Lovelace", "--because", "seen"])
    told = f"argument --by must be {evidence.WHO}; --help says what can be used"
    assert capsys.readouterr().err.splitlines()[-1] == f"dodo-checkout-mcp sales settle: error: {told}"


@pytest.mark.requirement("sales.settle", "cli.usage")
def test_help_tells_the_rules_of_who_and_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    with pytest.raises(SystemExit, match="0"):
        parsed(["sales", "settle", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert (evidence.WHO in told, evidence.WHY in told) == (True, True)
