"""How ``doctor`` reports: a table on a terminal, and a last line to copy."""

import re
import time
from email.utils import formatdate
from importlib.metadata import version
from pathlib import Path

import pytest

from checkout_server.app import open_desk
from checkout_server.cli.doctor.api import find_api, find_clock
from checkout_server.cli.doctor.finding import Finding
from checkout_server.settings import load_settings
from faulty_upstream import FaultyUpstream, answer
from processes import run_with
from public_world import KEY
from terminals import ESCAPE, run_on_terminal

pytestmark = pytest.mark.thorough

API_KEY = "sk_hunter2"


@pytest.mark.requirement("cli.doctor")
def test_on_a_terminal_it_is_a_table_that_fits_it(tmp_path: Path) -> None:
    settings = {
        "HOME": str(tmp_path), "CHECKOUT_LEDGER": str(tmp_path / "ledger.db"),
        "DODO_PAYMENTS_API_KEY": API_KEY, "DODO_PAYMENTS_BASE_URL": "http://127.0.0.1:9",
    }  # fmt: skip
    shown = run_on_terminal(settings, "doctor", columns=90)
    assert shown.code == 1
    head, *rows = shown.text.splitlines()
    assert head.split() == ["found", "what", "to", "do"]
    [row] = [each for each in rows if each.startswith("FAIL")]
    found, remedy = head.index("found"), head.index("what to do")
    assert row[found:remedy].strip() == "cannot be reached"
    assert row[remedy:].startswith("check the network")
    *table, _heading, summary = rows
    assert max(map(len, table)) <= 90
    assert summary.endswith("wrong: api")
    assert "\x1b[1;31mFAIL\x1b[0m" in shown.output
    assert ESCAPE.search(shown.output.splitlines()[-1]) is None


@pytest.mark.requirement("cli.doctor")
def test_the_last_line_says_what_a_report_needs_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / f"{API_KEY}.toml").write_text("")
    settings = {
        "HOME": str(tmp_path), "CHECKOUT_POLICY": str(tmp_path / f"{API_KEY}.toml"), "DODO_PAYMENTS_API_KEY": API_KEY,
        "DODO_PAYMENTS_BASE_URL": f"http://127.0.0.1:9/{API_KEY}", "DODO_PAYMENTS_WEBHOOK_KEY": KEY,
    }  # fmt: skip
    done = run_with(settings, "doctor", folder=tmp_path)
    *_, heading, line = done.stdout.splitlines()
    assert heading == "For a report, copy this line; nothing in it is secret:"
    packages = ("dodo-checkout-mcp", "mcp", "httpx2", "pydantic")
    assert line.startswith(", ".join(f"{each} {version(each)}" for each in packages) + "; CPython 3.")
    assert line.endswith("; environment test_mode; ledger SQLite; policy set; webhooks set; wrong: api")
    assert API_KEY not in done.stdout + done.stderr


@pytest.mark.requirement("cli.doctor")
@pytest.mark.parametrize("setting", ["DODO_PAYMENTS_ENVIRONMENT", "CHECKOUT_POLCY"])
def test_settings_that_cannot_be_used_end_in_a_report_too(setting: str, tmp_path: Path) -> None:
    done = run_with({setting: API_KEY}, "doctor", folder=tmp_path)
    first, remedy, _, _, line = done.stdout.splitlines()
    assert first.startswith(f"FAIL  settings     {setting}")
    assert remedy.strip() == "→ change it where it is set: in this shell, or in the client's entry"
    assert line.endswith("; wrong: settings")
    assert API_KEY not in done.stdout


@pytest.mark.requirement("cli.doctor")
def test_every_wrong_row_has_a_remedy_of_its_own(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[limits]\nmax_totl = 1\n")
    (tmp_path / "ledger.db").write_text("no database " * 1000)
    for settings in ({"CHECKOUT_POLICY": str(policy)}, {}, {"DODO_PAYMENTS_API_KEY": "${KEY}"}):
        lines = run_with({"HOME": str(tmp_path)} | settings, "doctor", folder=tmp_path).stdout.splitlines()
        wrong = [place for place, line in enumerate(lines) if line.startswith("FAIL")]
        assert wrong
        assert [lines[place] for place in wrong if "→ " not in lines[place + 1]] == []


@pytest.mark.requirement("cli.doctor")
@pytest.mark.parametrize(
    ("seconds", "ok", "says"),
    [
        (0, True, "within 60 seconds of the API's"),
        (-45, True, "within 60 seconds of the API's"),
        (-3600, False, "3600 seconds ahead of the API's"),
        (3600, False, "3600 seconds behind the API's"),
    ],
)
async def test_a_clock_that_is_far_from_the_api_s_is_reported(
    seconds: int, ok: bool, says: str, tmp_path: Path
) -> None:
    date = formatdate(time.time() + seconds, usegmt=True)
    clock = await _clock_beside(date, tmp_path)
    assert clock is not None
    near = re.sub(r"\b3(599|60[0-9])\b", "3600", clock.sentence)  # HTTP dates are whole seconds
    assert (clock.ok, near, bool(clock.remedy)) == (ok, says, not ok)


@pytest.mark.requirement("cli.doctor")
async def test_an_api_that_does_not_tell_the_time_is_not_compared(tmp_path: Path) -> None:
    assert await _clock_beside("soon", tmp_path) is None


async def _clock_beside(date: str, folder: Path) -> Finding | None:
    products = answer(200, {"items": [{"product_id": "prod_1"}]}, {"date": date})
    async with FaultyUpstream(faults={"GET /products": products}).running() as upstream:
        settings = load_settings(
            DODO_PAYMENTS_API_KEY="test_key",
            DODO_PAYMENTS_BASE_URL=upstream.url,
            CHECKOUT_LEDGER=str(folder / "ledger.db"),
        )
        async with open_desk(settings) as desk:
            await find_api(desk)
            return find_clock(desk)
