"""What commands print for a person: no key, no password and nothing of a buyer, whatever the API or a file says."""

import asyncio
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from checkout_server.clients.targets import TARGETS
from echoing_api import running_echo
from privacy_corpus import buyers, leaks
from processes import server_environment

pytestmark = pytest.mark.thorough

[BUYER] = buyers(1, seed=8)
API_KEY = "sk_live_Sycamore4242Plover"
SEALING_KEY = "b2JzaWRpYW5lLWxhcmtzcHVyLXNhZmZyb25ldHRlISE"
PASSWORD = "Marzipan-Gyrfalcon-7"
DATABASE = f"postgresql://{quote(BUYER.email)}:{PASSWORD}@127.0.0.1:1/{quote(BUYER.name)}"


def found_in(text: str) -> set[str]:
    return leaks(iter([*BUYER.texts(), API_KEY, SEALING_KEY, PASSWORD]), text)


async def run(*arguments: str, folder: Path, **settings: str) -> tuple[int, str]:
    """The exit code of a command, and all that it wrote. Its home is the folder."""
    homes = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "XDG_CONFIG_HOME"), str(folder))
    given = {
        "DODO_PAYMENTS_API_KEY": API_KEY, "CHECKOUT_SECRET_KEYS": SEALING_KEY, "CHECKOUT_LOG_LEVEL": "DEBUG",
    } | homes | settings  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", *arguments, env=server_environment(folder / "ledger.db", None) | given,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@pytest.mark.requirement("privacy.commands")
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("", "ok    api          answers"),
        ("unauthorized", "FAIL  api          does not accept the key"),
        ("refused", "FAIL  api          gave no usable answer"),
        ("no HTTP", "FAIL  api          gave no usable answer"),
    ],
)
async def test_the_doctor_repeats_nothing_of_what_the_api_says(fault: str, says: str, tmp_path: Path) -> None:
    async with running_echo() as api:
        api.fault, api.person = fault, {"email": BUYER.email, "name": BUYER.name}
        code, output = await run("doctor", folder=tmp_path, DODO_PAYMENTS_BASE_URL=api.url)
        assert api.answered
    assert found_in(output) == set()
    assert (code, says in output) == (0 if not fault else 1, True)


@pytest.mark.requirement("privacy.commands")
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("CHECKOUT_LEDGER", DATABASE, "FAIL  ledger       The ledger's database cannot be reached"),
        ("CHECKOUT_LEDGER", DATABASE.replace("@127.0.0.1:1", "@[x"), "is not a PostgreSQL URL that can be understood"),
        ("CHECKOUT_SECRET_KEYS", f"{SEALING_KEY},{PASSWORD}", "key 2 is not 32 bytes"),
        ("DODO_PAYMENTS_API_KEY", f"{API_KEY} {BUYER.email}", "must be the API key as the dashboard shows it"),
        ("DODO_PAYMENTS_BASE_URL", f"https://{quote(BUYER.email)}:{PASSWORD}@api.example", "without credentials"),
        ("CHECKOUT_POLICY", "policy.toml", "limits.max_quantity must be an integer"),
    ],
)  # fmt: skip
async def test_the_doctor_names_what_is_wrong_and_not_what_it_says(
    name: str, value: str, says: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(f'[limits]\nmax_quantity = "{PASSWORD}"\n# for {BUYER.name} <{BUYER.email}>\n', encoding="utf-8")
    value = str(policy) if name == "CHECKOUT_POLICY" else value
    code, output = await run("doctor", folder=tmp_path, **{name: value})
    assert (code, says in output) == (1, True)
    assert found_in(output) == set()


@pytest.mark.requirement("privacy.commands")
@pytest.mark.parametrize("client", TARGETS)
async def test_install_shows_which_settings_it_writes_and_no_secret(client: str, tmp_path: Path) -> None:
    code, output = await run("install", client, "--yes", folder=tmp_path, CHECKOUT_LEDGER=DATABASE)
    assert (code, "CHECKOUT_LEDGER" in output, "********" in output) == (0, True, True)
    assert found_in(output) == set()


@pytest.mark.requirement("privacy.commands")
@pytest.mark.parametrize("client", ["claude", "codex", "goose"])
async def test_neither_the_printed_entry_nor_the_one_that_is_taken_out_shows_a_secret(
    client: str, tmp_path: Path
) -> None:
    await run("install", client, "--yes", folder=tmp_path, CHECKOUT_LEDGER=DATABASE)
    _, printed = await run("install", client, "--print", folder=tmp_path, CHECKOUT_LEDGER=DATABASE)
    code, removed = await run("uninstall", client, "--yes", folder=tmp_path)
    assert (code, "<CHECKOUT_LEDGER>" in printed, "CHECKOUT_LEDGER" in removed) == (0, True, True)
    assert found_in(printed + removed) == set()
