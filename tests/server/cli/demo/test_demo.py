"""The demo, as somebody runs it who has just installed this."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from processes import own_environment, run, run_with
from terminals import ESCAPE, run_on_terminal

KEY = "sk_hunter2"
NOT_OURS = {
    "DODO_PAYMENTS_API_KEY": KEY,
    "DODO_PAYMENTS_ENVIRONMENT": "live_mode",
    "CHECKOUT_LEDGER": f"postgresql://seller:{KEY}@127.0.0.1:1/shop",
    "CHECKOUT_SECRET_KEYS": KEY,
    "CHECKOUT_POLICY": KEY,
    "checkout_policy": KEY,
    "DODO_PAYMENT_API_KEY": KEY,
    "HTTP_PROXY": f"http://{KEY}:{KEY}@127.0.0.1:1",
    "ALL_PROXY": f"socks5://{KEY}:1",
    "no_proxy": "shop.example.com",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:1/{KEY}",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": KEY,
}
SHOWN = (
    "→ list_products",
    "→ preview_checkout",
    "→ create_checkout_session",
    "→ get_checkout_session",
    "← paid, USD 345.46",
    "← price_changed",
    "It was USD 215.92 and is USD 270.17.",
    "The demo answers in the person's place: No, do not sell",
    "← approval_declined",
    "The demo answers in the person's place: Yes, approve this sale",
    "charged at once: USD 31.47",
    "← outcome_unknown",
    "which was found among the payments",
    "replayed; in all 3 sessions exist",
    '"event": "tool.finished", "tool": "create_checkout_session"',
    "None has a buyer's name or e-mail address.",
    "Everything came out as it should.",
)


def columns_of(line: str) -> int:
    """Of a terminal."""
    wide = sum(unicodedata.east_asian_width(each) in {"W", "F"} for each in line)
    return wide + sum(unicodedata.category(each) not in {"Mn", "Me", "Cf"} for each in line)


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.requirement("privacy.commands", "quote.adds_up")
def test_the_demo_sells_shows_what_protects_the_buyer_takes_none_of_the_settings_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    places = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "TMPDIR"), str(tmp_path))
    done = run_with(NOT_OURS | places, "demo")
    assert (done.returncode, done.stderr) == (0, "")
    shown = one_line(done.stdout)
    assert [each for each in SHOWN if each not in shown] == []
    assert KEY not in done.stdout
    assert "://" not in done.stdout, "an address would have ended with the demo"
    assert "\x1b" not in done.stdout
    assert max(map(columns_of, done.stdout.splitlines())) <= 100
    rows = [line.split() for line in done.stdout.splitlines()]
    [line, together] = [row[-3:] for row in rows if row[:2] == ["2", "×"] or row[:1] == ["together"]]
    assert line == together == ["398.00", "79.60", "27.06"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.requirement("cli.demo")
def test_on_a_terminal_the_demo_is_coloured_and_as_wide_as_it() -> None:
    shown = run_on_terminal({}, "demo", columns=80)
    assert shown.code == 0
    assert [each for each in SHOWN if each not in one_line(shown.text)] == []
    assert "\x1b[36m→ preview_checkout\x1b[0m" in shown.output
    assert 65 < max(map(columns_of, shown.text.splitlines())) <= 80


@pytest.mark.requirement("cli.demo")
def test_a_terminal_that_wants_no_colours_gets_none_and_a_wide_one_at_most_100_columns() -> None:
    shown = run_on_terminal({"NO_COLOR": "1"}, "demo", columns=160)
    assert shown.code == 0
    assert ESCAPE.findall(shown.output) == []
    assert [each for each in SHOWN if each not in one_line(shown.text)] == []
    assert 85 < max(map(columns_of, shown.text.splitlines())) <= 100


@pytest.mark.requirement("cli.demo")
def test_as_json_the_demo_prints_every_message_and_nothing_else() -> None:
    done = run("demo", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert {(each["message"]["jsonrpc"], *each) for each in messages} == {("2.0", "from", "message")}
    asked = {each["message"]["id"]: each["message"] for each in messages if each["from"] == "client"}
    answered = [each["message"]["id"] for each in messages if each["from"] == "server" and "id" in each["message"]]
    assert sorted(asked) == sorted(answered)
    tools = [each["params"]["name"] for each in asked.values() if each["method"] == "tools/call"]
    assert tools[:4] == ["list_products", "preview_checkout", "create_checkout_session", "get_checkout_session"]
    codes = [
        each["message"]["result"]["structuredContent"]["error"]["code"]
        for each in messages
        if each["message"].get("result", {}).get("isError")
    ]
    assert codes == ["price_changed", "approval_declined", "outcome_unknown"]


@pytest.mark.requirement("cli.demo")
def test_a_reader_that_has_seen_enough_ends_the_demo_without_a_crash() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "checkout_server", "demo"], env=own_environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


THOROUGH = pytest.mark.thorough  # a scene of the same play


@pytest.mark.requirement("cli.demo")
@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        ("catalogue.PRODUCTS.pop('prod_premium_course')", "the course is not among the products."),
        pytest.param(
            "app.page_routes = lambda *_, **__: []", "the hosted page did not take the payment.", marks=THOROUGH
        ),
        pytest.param(
            "sessions.Sandbox.pay = lambda *_, **__: sessions.Payment", "the session is not paid.", marks=THOROUGH
        ),
        pytest.param(
            "network.Network.loses_next_creation = property(lambda *_: False, lambda *_: None)",
            "create_checkout_session",
            marks=THOROUGH,
        ),
        ("scenes.BUYER = buyer.BUYER = dict(email='a@example.com', name='tool finished')", "the log names a buyer."),
        (
            "shop.Shop.server = lambda _: StdioServerParameters(command=sys.executable, args=['-c', ''])",
            "did not start",
        ),
    ],
    ids=["catalogue", "page", "payment", "network", "log", "server"],
)
def test_a_step_that_comes_out_otherwise_ends_the_demo_with_a_sentence(spoiled: str, says: str) -> None:
    program = (
        "import sys; from mcp import StdioServerParameters\n"
        "from checkout_server.cli.demo import buyer, network, scenes, shop\n"
        "from checkout_server.sandbox import app, catalogue, sessions\n"
        f"{spoiled}\n"
        "from checkout_server.cli import main\n"
        "sys.exit(main(['demo']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=own_environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr[:18]) == (1, "The demo stopped: ")
    [line] = done.stderr.splitlines()
    assert says in line
    assert "Everything came out" not in done.stdout
