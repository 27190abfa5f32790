"""``policy --check FILE``: a policy is read before a server starts with it."""

from pathlib import Path

import pytest

from processes import run

pytestmark = pytest.mark.thorough

SECRET = "hunter2"


@pytest.mark.requirement("policy.check")
def test_a_file_that_can_be_used_is_named_with_the_keys_that_it_sets(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('[confirm]\nmode = "ask"\n[limits]\nmax_total = { USD = 5000 }\n')
    done = run("policy", "--check", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{path}: ok, sets limits.max_total, confirm.mode\n"


@pytest.mark.requirement("policy.check")
def test_the_keys_of_sections_are_named_with_their_sections(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        "[limits]\nmax_quantity = 9\n"
        '[principal."https://auth.example.com|jane@example.com".limits]\nmax_quantity = 3\n'
        '[scope."checkout:create".confirm]\nmode = "never"\n'
    )
    done = run("policy", "--check", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{path}: ok, sets limits.max_quantity, principal[section 1].limits.max_quantity, "
        'scope."checkout:create".confirm.mode\n'
    )


@pytest.mark.requirement("policy.check")
def test_an_empty_file_is_said_to_limit_nothing(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("")
    assert run("policy", "--check", str(path)).stdout == f"{path}: ok, sets nothing, so nothing is limited\n"


@pytest.mark.requirement("policy.check")
def test_each_problem_is_a_line_with_its_key_and_no_value(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(f'[limits]\nmax_totl = 3\nmax_quantity = "{SECRET}"\n[confirm]\nmode = "{SECRET}"\n')
    done = run("policy", "--check", str(path))
    assert (done.returncode, done.stderr) == (1, "")
    assert sorted(done.stdout.splitlines()) == [
        f"{path}: confirm.mode must be 'ask', 'never' or 'unattended'",
        f"{path}: limits.max_quantity must be an integer",
        f"{path}: limits.max_totl is not a key of the policy (did you mean limits.max_total?)",
    ]


@pytest.mark.requirement("policy.check")
def test_of_many_problems_the_first_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[limits]\n" + "".join(f"unknown_{number} = 1\n" for number in range(13)))
    lines = run("policy", "--check", str(path)).stdout.splitlines()
    assert len(lines) == 11
    assert lines[0] == f"{path}: limits.unknown_0 is not a key of the policy"
    assert lines[-1] == f"{path}: 3 more problems"


@pytest.mark.requirement("policy.check")
@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read"), ("[limits\n", "is not valid TOML at line 1, column 8"), ("\x00", "is not valid TOML")],
)
def test_a_file_that_cannot_be_read_is_a_problem_as_a_whole(content: str | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    if content is not None:
        path.write_text(content)
    done = run("policy", "--check", str(path))
    assert (done.returncode, done.stderr) == (1, "")
    [line] = done.stdout.splitlines()
    assert line.startswith(f"{path}: {says}")


@pytest.mark.requirement("policy.check")
def test_what_live_mode_forbids_is_a_note_until_it_is_live(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('[confirm]\nmode = "unattended"\n')
    problem = "confirm.mode must be ask or never in live_mode, where a person is asked"
    done = run("policy", "--check", str(path))
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [f"{path}: ok, sets confirm.mode", f"{path}: not for live_mode: {problem}"],
    )
    live = run("policy", "--check", str(path), DODO_PAYMENTS_ENVIRONMENT="live_mode")
    assert (live.returncode, live.stdout) == (1, f"{path}: {problem}\n")


@pytest.mark.requirement("policy.check")
def test_a_check_needs_no_other_setting_and_asks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("")
    done = run(
        "policy", "--check", str(path), CHECKOUT_POLICY="/nonexistent", CHECKOUT_LEDGER=f"mysql://{SECRET}",
        DODO_PAYMENTS_API_KEY="${KEY}",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
