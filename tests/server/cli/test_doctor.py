"""What ``doctor`` reports of an installation, and how it is mended."""

import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from checkout_server.cli.doctor.api import find_webhooks
from processes import run_with
from public_world import KEY, open_world

API_KEY = "sk_hunter2"


def examine(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """The doctor, for somebody whose home is the folder."""
    homes = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME")}
    return run_with(homes | settings, "doctor", folder=folder)


def rows_of(output: str) -> list[list[str]]:
    """The state and the subject of each finding."""
    return [line.split()[:2] for line in output.splitlines() if line.startswith(("ok ", "FAIL "))]


@pytest.mark.requirement("cli.doctor")
def test_the_doctor_finds_nothing_wrong_with_the_sandbox(tmp_path: Path) -> None:
    done = examine(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    subjects = "python key environment policy ledger sales api clock webhooks clients"
    assert rows_of(done.stdout) == [["ok", subject] for subject in subjects.split()]
    assert (
        "ok    webhooks     not taken: a call that waits asks the API itself\n"
        "                   → set DODO_PAYMENTS_WEBHOOK_KEY\n"
    ) in done.stdout


@pytest.mark.requirement("cli.doctor", "principal.policy")
def test_the_doctor_names_the_tokens_that_the_policy_is_about_and_the_ledger_does_not_have(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    about = '[principal."token|{}"]\nlimits.max_quantity = 1\n'
    made, revoked = (run_with({}, "token", "create", "bot", folder=tmp_path).stderr.split()[0] for _ in range(2))
    policy.write_text(about.format(made))
    done = examine(tmp_path, CHECKOUT_POLICY=str(policy))
    assert (done.returncode, ["ok", "tokens"] in rows_of(done.stdout)) == (0, True)
    run_with({}, "token", "revoke", revoked, folder=tmp_path)
    policy.write_text(about.format(revoked) + about.format(made) + about.format("tok_0123456789ab"))
    done = examine(tmp_path, CHECKOUT_POLICY=str(policy))
    assert done.returncode == 1
    missing = ", ".join(sorted((revoked, "tok_0123456789ab")))
    assert f"sections of the policy are about {missing}, no active token" in " ".join(done.stdout.split())


@pytest.mark.requirement("cli.doctor")
def test_the_doctor_names_an_api_that_cannot_be_reached(tmp_path: Path) -> None:
    done = examine(tmp_path, DODO_PAYMENTS_API_KEY=API_KEY, DODO_PAYMENTS_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert (
        "FAIL  api          cannot be reached\n"
        "                   → check the network, a proxy and DODO_PAYMENTS_BASE_URL\n"
    ) in done.stdout
    assert ["ok", "clock"] not in rows_of(done.stdout), "nobody told the time"
    assert API_KEY not in done.stdout + done.stderr


@pytest.mark.requirement("gateway.surroundings")
@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ALL_PROXY", "socks5://hunter2:7890", "cannot be reached through the proxy of ALL_PROXY\n → mend or unset it"),
        ("SSL_CERT_FILE", "/nonexistent/hunter2.pem", "fails in TLS\n → SSL_CERT_FILE must name certificates"),
    ],
)
def test_the_doctor_names_the_variable_that_breaks_the_connection(
    variable: str, value: str, says: str, tmp_path: Path
) -> None:
    https = {"DODO_PAYMENTS_API_KEY": API_KEY, "DODO_PAYMENTS_BASE_URL": "https://127.0.0.1:9"}
    done = examine(tmp_path, **https, **{variable: value, "NO_PROXY": ""})
    assert done.returncode == 1
    assert f"FAIL api {says}" in re.sub(" +", " ", done.stdout)
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.requirement("cli.doctor")
def test_the_doctor_names_a_ledger_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("not a database, far from it" * 100)
    done = examine(tmp_path)
    assert done.returncode == 1
    assert "FAIL  ledger       The ledger's file is not a SQLite database\n" in done.stdout


@pytest.mark.requirement("ledger.growth")
def test_the_doctor_reads_a_ledger_whole_that_is_too_large_for_a_start(tmp_path: Path) -> None:
    assert examine(tmp_path).returncode == 0
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as ledger, ledger:
        ledger.execute("INSERT INTO key_account VALUES ('x', hex(zeroblob(5000000)))")
    with path.open("r+b") as file:
        file.seek(5_000_000)
        file.write(b"\xff" * 4096 * 4)
    done = examine(tmp_path)
    assert done.returncode == 1
    assert "FAIL  ledger       The ledger's file is damaged\n" in done.stdout


@pytest.mark.requirement("cli.doctor")
def test_the_doctor_names_what_nothing_reads(tmp_path: Path) -> None:
    theirs = {f"CHECKOUT_PAGE_{letter}": "hunter2" for letter in "ABCDEFGHIJKL"}
    done = examine(tmp_path, **theirs)
    assert done.returncode == 0
    [line] = [each for each in done.stdout.splitlines() if each.startswith("ok    settings")]
    assert line.startswith("ok    settings     nothing here reads CHECKOUT_PAGE_A, CHECKOUT_PAGE_B")
    assert "CHECKOUT_PAGE_J and 2 more" in line
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.requirement("webhook.doctor")
async def test_the_doctor_says_when_the_last_webhook_came_and_that_none_came_though_it_should(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        session = await world.sell()
        assert (await find_webhooks(world.desk, has_key=True)).sentence == "none came so far"
        world.upstream.sandbox.pay(session, "succeeded")
        missing = await find_webhooks(world.desk, has_key=True)
        assert (missing.ok, missing.sentence) == (False, "none ever came, though sessions were paid")
        assert missing.remedy.startswith("compare the endpoint in the provider's dashboard")
        assert await world.send({"type": "payout.success", "data": {}}) == 204, "whatever it is about"
        came = await find_webhooks(world.desk, has_key=True)
        assert came.ok
        assert came.sentence.startswith("the last one came 20")


@pytest.mark.requirement("webhook.doctor")
async def test_the_doctor_misses_no_webhooks_of_the_embedded_sandbox_though_sessions_were_paid(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        world.upstream.sandbox.pay(await world.sell(), "succeeded")
        world.desk.environment = "sandbox"
        found = await find_webhooks(world.desk, has_key=True)
    assert (found.ok, found.sentence) == (True, "the embedded sandbox sends none")


@pytest.mark.requirement("webhook.doctor")
def test_the_doctor_says_of_the_embedded_sandbox_that_it_sends_no_webhooks_and_which_does(tmp_path: Path) -> None:
    done = examine(tmp_path, DODO_PAYMENTS_WEBHOOK_KEY=KEY)
    assert done.returncode == 0
    hint = "→ to try them, sell from a sandbox that runs alone, with --webhook-url"
    assert f"ok    webhooks     the embedded sandbox sends none\n                   {hint}\n" in done.stdout
