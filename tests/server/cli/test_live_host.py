"""The live API without live_mode stops every command: no question may say TEST MODE over real money."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from checkout_server.cli.commands import COMMANDS
from checkout_server.settings import SettingsError, load_settings
from checkout_server.settings.api_urls import reaches_live_api
from processes import server_environment

SENTENCE = (
    "DODO_PAYMENTS_BASE_URL is the live API and DODO_PAYMENTS_ENVIRONMENT is not live_mode; set the environment to "
    "live_mode to charge buyers, or unset the URL to stay in test mode."
)
LIVE = [
    "https://live.dodopayments.com",
    "https://live.dodopayments.com/",
    "https://live.dodopayments.com/v1?x#y",
    "http://live.dodopayments.com",
    "HTTPS://LIVE.DodoPayments.COM",
    "https://live.dodopayments.com.",
    "https://live.dodopayments.com:443",
    "https://live.dodopayments.com.:8443/x",
    "https://live%2Edodopayments.com",
    "https://%4Cive.dodopayments.com",
    "https://%6Cive.dodopayments%2ecom%2E",
    "https://live。dodopayments。com",
    "https://live．dodopayments．com．",
    "https://live｡dodopayments｡com",
    "https://ｌｉｖｅ.dodopayments.com",
    "https://%EF%BD%8Cive.dodopayments.com",
    "https://ⓛive.dodopaymentſ.com",
    "https://li\u00adve.dodopayments.com",
    "https://li\u200bve.dodopayments.com",
    "https://li\tve.dodopayments.com",
]
OTHERS = [
    "https://test.dodopayments.com",
    "https://live.dodopayments.com.example",
    "https://evil-live.dodopayments.com",
    "https://my.live.dodopayments.com",
    "https://dodopayments.com",
    "https://proxy.example/live.dodopayments.com",
    "https://proxy.example/?https://live.dodopayments.com",
    "http://127.0.0.1:4010",
    "http://[::1]:4010",
]


@pytest.mark.requirement("cli.live_host")
@pytest.mark.parametrize("url", LIVE, ids=ascii)
def test_the_live_host_is_known_in_every_spelling(url: str) -> None:
    keyed = {"DODO_PAYMENTS_API_KEY": "key", "DODO_PAYMENTS_BASE_URL": url}
    with pytest.raises(SettingsError) as refused:
        load_settings(**keyed)
    assert str(refused.value) == SENTENCE
    assert load_settings(**keyed, DODO_PAYMENTS_ENVIRONMENT="live_mode").environment == "live_mode"


@pytest.mark.requirement("cli.live_host")
@pytest.mark.parametrize("url", OTHERS)
def test_another_host_stops_nothing(url: str) -> None:
    assert load_settings(DODO_PAYMENTS_API_KEY="key", DODO_PAYMENTS_BASE_URL=url).environment == "test_mode"


@pytest.mark.requirement("cli.live_host")
@pytest.mark.parametrize("url", [*LIVE, *OTHERS], ids=ascii)
def test_whatever_the_http_client_connects_to_is_known(url: str) -> None:
    try:
        host = httpx2.URL(url).raw_host.decode().removesuffix(".")
    except httpx2.InvalidURL:  # the client goes nowhere
        return
    assert host != "live.dodopayments.com" or reaches_live_api(url)


READING_SETTINGS: dict[str, list[str]] = {
    "stdio": [], "serve": ["serve", "--port", "0"], "doctor": ["doctor"], "sales": ["sales"],
    "token": ["token", "list"], "policy": ["policy"],
}  # fmt: skip
WITHOUT_THE_API = {"demo", "sandbox", "install", "uninstall", "schemas"}


@pytest.mark.requirement("cli.live_host")
@pytest.mark.parametrize("arguments", READING_SETTINGS.values(), ids=READING_SETTINGS)
def test_every_command_stops_with_the_sentence(arguments: list[str], tmp_path: Path) -> None:
    assert READING_SETTINGS.keys() | WITHOUT_THE_API == {"stdio", *COMMANDS}
    done = subprocess.run(
        [sys.executable, "-m", "checkout_server", *arguments],
        env=server_environment(tmp_path / "ledger.db", "https://LIVE.dodopayments.com.:443/hunter2"),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    is_report = arguments == ["doctor"]
    said, silent = (done.stdout, done.stderr) if is_report else (done.stderr, done.stdout)
    line = f"FAIL  settings     {SENTENCE}" if is_report else f"dodo-checkout-mcp: {SENTENCE}"
    assert (done.returncode, said.partition("\n")[0], silent) == (1 if is_report else 2, line, "")
    assert "hunter2" not in said
    assert not (tmp_path / "ledger.db").exists()
