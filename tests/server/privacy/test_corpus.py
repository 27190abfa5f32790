"""A corpus of buyers through every tool, both eras, stdio and HTTP, with talkative libraries, faults and crashes."""

import asyncio
import json
import os
import re
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote_plus

import pytest

from checkout_server.checkout.ledger.sqlite import SqliteLedger
from collector import running_collector
from echoing_api import SECRETS, running_echo
from forms import approving
from misplaced_words import CART
from privacy_corpus import CARD, NAMES, Buyer, buyers, forms, leaks
from published_inputs import published_parts
from served_tools import ALL, OFFERING_ALL

SERVER = Path(__file__).with_name("talkative_server.py")
ERAS = {"2026": "auto", "2025": "legacy"}
BUYERS = buyers(len(NAMES), seed=2026)
PRECISION = 0.98

FAULTS = ("", "refused", "broken in HTML", "dropped", "garbage", "refused with a code of its own")
"""In turn, of the creations."""


@asynccontextmanager
async def clients(transport: str, settings: dict[str, str], folder: Path) -> AsyncGenerator[dict[str, Any]]:
    """A client of each era; over stdio each has a server of its own."""
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    async def accept(_context: Any, params: Any) -> Any:
        return approving(params)

    async with AsyncExitStack() as stack:
        errors = stack.enter_context((folder / "stderr").open("wb"))
        if transport == "http":
            url = await stack.enter_async_context(_serving(settings, errors))
            servers: dict[str, Any] = dict.fromkeys(ERAS, url)
        else:
            parameters = StdioServerParameters(command=sys.executable, args=[str(SERVER)], env=settings)
            servers = {era: stdio_client(parameters, errlog=errors) for era in ERAS}  # pyright: ignore[reportArgumentType] - bytes are kept as they came
        yield {
            era: await stack.enter_async_context(Client(servers[era], mode=mode, elicitation_callback=accept))  # pyright: ignore[reportArgumentType] - an era is a word
            for era, mode in ERAS.items()
        }


@asynccontextmanager
async def _serving(settings: dict[str, str], errors: BinaryIO) -> AsyncGenerator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, SERVER, "serve", "--port", "0", env=settings, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    while not (line := await process.stderr.readline()).startswith(b"http://"):
        assert line
        errors.write(line)
    rest = asyncio.create_task(process.stderr.read())
    yield line.decode().strip()
    process.terminate()
    errors.write(await rest)
    errors.flush()
    await process.wait()


def calls(buyer: Buyer, number: int) -> list[tuple[str, dict[str, Any]]]:
    """What an agent sends for a buyer, in good order and in bad. ``PREVIEW`` is filled in."""
    cart = CART
    address = {
        "country": "US", "state": "CA", "city": buyer.city, "street": buyer.street, "zipcode": buyer.zipcode
    }  # fmt: skip
    customer = {"email": buyer.email, "name": buyer.name, "phone_number": buyer.phone}
    sale: dict[str, Any] = {
        "preview_id": "PREVIEW",
        "customer": customer,
        "metadata": {"note": buyer.note, "name": buyer.name, "landline": buyer.landline},
        "custom_fields": [{"key": buyer.name, "label": buyer.note, "field_type": "dropdown", "options": [buyer.city]}],
        "return_url": f"https://shop.example.com/?for={quote_plus(buyer.email)}&name={quote_plus(buyer.name)}",
        "cancel_url": f"https://shop.example.com/?tel={quote_plus(buyer.landline)}#name={quote_plus(buyer.name)}",
    }
    return [
        (
            "preview_checkout",
            {
                "product_cart": cart,
                "billing_address": address,
                "tax_id": buyer.tax_id,
                "customer_business_name": buyer.business,
            },
        ),
        ("create_checkout_session", sale | ({"confirm": True} if number % 4 == 0 else {})),
        ("get_checkout_session", {"preview_id": "PREVIEW"}),
        ("get_checkout_session", {"session_id": buyer.email}),
        ("get_checkout_session", {"session_id": f"crash{number}.{buyer.zipcode}"}),
        ("list_products", {"query": buyer.name}),
        ("list_saved_payment_methods", {"customer_id": buyer.email}),
        ("preview_checkout", {"product_cart": [{"product_id": buyer.email, "quantity": buyer.phone}], buyer.name: 1}),
        (
            "preview_checkout",
            {
                "product_cart": [*cart, {"product_id": f"prod_of_{number}", "quantity": -1, buyer.name: 1}],
                "billing_address": {"country": "US", buyer.city: buyer.street},
                "discount_codes": [buyer.note, ""],
            },
        ),
        (
            "preview_checkout",
            {"product_cart": cart, "billing_address": {"country": buyer.name, "zipcode": CARD}, "locale": buyer.note},
        ),
        ("create_checkout_session", {"preview_id": buyer.note, "customer": buyer.name, "metadata": {buyer.name: {}}}),
        ("create_checkout_session", {"customer": customer, "retrun_url": buyer.note}),
        ("create_checkout_session", {"return_url": f"shop.example.com/?{quote_plus(buyer.name)}={buyer.landline}"}),
    ]


@pytest.mark.requirement("privacy.corpus")
def test_the_corpus_goes_through_every_tool() -> None:
    assert {tool for tool, _ in calls(BUYERS[0], 0)} == {*ALL}


IN_FORM = re.compile("(prod|pdt)_[A-Za-z0-9_]+")


def facts(tool: str, arguments: dict[str, Any], content: dict[str, Any]) -> str:
    """The fields that were wrong, the products in the form of ids, and the total: of the call and of its answer."""
    paths = [problem["path"] for problem in content.get("error", {}).get("problems", [])]
    typed = [row["product_id"] for row in arguments.get("product_cart", [])]
    ids = list(dict.fromkeys(filter(IN_FORM.fullmatch, typed)))
    return json.dumps([tool, published_parts(tool, paths), ids, content.get("total"), content.get("currency")])


def logged_facts(event: dict[str, Any]) -> str:
    amounts = [event.get("total"), event.get("currency")]
    return json.dumps([event["tool"], event.get("paths", []), event.get("product_ids", []), *amounts])


@dataclass
class Run:
    """What was sent and what came out."""

    told: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Tool and outcome of each call, as the caller was told."""
    facts: Counter[str] = field(default_factory=Counter[str])
    """What else the log must say of each call: wrong fields, products and amounts."""
    errors: list[str] = field(default_factory=list[str])
    output: str = ""
    spans: bytes = b""
    audit: str = ""
    requests: int = 0
    """How many reached the payment API."""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.splitlines() if line.startswith("{")]


async def drive(transport: str, folder: Path) -> Run:
    from mcp.shared.exceptions import MCPError

    run = Run()
    (folder / "policy.toml").write_text(OFFERING_ALL, encoding="utf-8")
    with running_collector() as collector:
        async with running_echo() as api:
            kept = {k: v for k, v in os.environ.items() if not k.startswith(("DODO_PAYMENTS_", "CHECKOUT_", "OTEL_"))}
            settings = kept | {
                "DODO_PAYMENTS_API_KEY": "key-of-the-corpus",
                "DODO_PAYMENTS_BASE_URL": api.url,
                "CHECKOUT_LEDGER": str(folder / "ledger.db"),
                "CHECKOUT_LOG_LEVEL": "DEBUG",
                "CHECKOUT_POLICY": str(folder / "policy.toml"),
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            }
            preview_ids: list[str] = []
            async with clients(transport, settings, folder) as by_era:
                for number, buyer in enumerate(BUYERS):
                    client = by_era[list(ERAS)[number % len(ERAS)]]
                    preview_id = ""
                    api.person = {"email": buyer.email, "name": buyer.name, "tax_id": buyer.tax_id}
                    for tool, arguments in calls(buyer, number):
                        filled = {k: preview_id if v == "PREVIEW" else v for k, v in arguments.items()}
                        api.fault = FAULTS[number % len(FAULTS)] if tool == "create_checkout_session" else ""
                        result = await client.call_tool(tool, filled)
                        content = result.structured_content
                        preview_id = content.get("preview_id", preview_id)
                        run.told[tool, content["error"]["code"] if result.is_error else "ok"] += 1
                        run.facts[facts(tool, filled, content)] += 1
                        run.errors += [json.dumps(content)] if result.is_error else []
                    preview_ids.append(preview_id)
                    for strange in (
                        client.call_tool(buyer.name, {buyer.name: buyer.note}),
                        client.get_prompt(buyer.name, {"x": buyer.note}),
                        client.read_resource(f"file:///{quote_plus(buyer.email)}"),
                    ):
                        with suppress(MCPError):
                            await strange
            run.requests = api.answered
        run.spans = b"".join(collector.bodies)
    run.output = (folder / "stderr").read_text(encoding="utf-8")
    ledger = await SqliteLedger.open(folder / "ledger.db")
    run.audit = str([row for each in preview_ids for row in await ledger.audit(each)])
    await ledger.close()
    return run


@pytest.fixture(scope="module", params=["stdio", "http"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return asyncio.run(drive(request.param, tmp_path_factory.mktemp("corpus")))


@pytest.mark.requirement("privacy.corpus")
def test_nothing_of_a_buyer_comes_out(run: Run) -> None:
    everything = run.output + run.spans.decode("utf-8", "replace") + run.audit
    assert leaks(chain(SECRETS.values(), *(buyer.texts() for buyer in BUYERS)), everything) == set()
    assert "key-of-the-corpus" not in everything


@pytest.mark.requirement("error.data_is_data")
def test_no_error_repeats_to_the_model_what_was_wrong(run: Run) -> None:
    assert leaks((text for buyer in BUYERS for text in buyer.texts()), "\n".join(run.errors)) == set()


@pytest.mark.requirement("privacy.diagnostics")
def test_what_happened_is_told_all_the_same(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    finished = [
        event for event in run.events if event["event"] == "tool.finished" and event["code"] != "input_required"
    ]
    logged = Counter((event["tool"], event["code"]) for event in finished)
    requests = sum(event["event"] in {"gateway.answered", "gateway.failed"} for event in run.events)
    crashes = [event for event in run.events if event["event"] == "tool.crashed"]
    expected = run.told.total() + run.requests + len(BUYERS)
    found = (run.told & logged).total() + min(requests, run.requests) + min(len(crashes), len(BUYERS))
    score = found / expected
    with capsys.disabled():
        print(f"\ndiagnostics: {found} of {expected} ({score:.1%})")  # noqa: T201 - a score is there to be seen
    assert score >= PRECISION
    assert all({"duration_ms", "principal"} <= event.keys() for event in finished)
    assert all(event["frames"] and event["error_type"] == "RuntimeError" for event in crashes)
    assert {"preview_id", "session_id"} <= next(
        event for event in finished if (event["tool"], event["code"]) == ("create_checkout_session", "ok")
    ).keys()


@pytest.mark.requirement("privacy.diagnostics")
def test_each_call_tells_its_wrong_fields_its_products_and_its_amounts(run: Run) -> None:
    finished = [each for each in run.events if each["event"] == "tool.finished" and each["code"] != "input_required"]
    logged = Counter(map(logged_facts, finished))
    assert run.facts - logged == Counter()
    assert sum("product_cart[1].quantity" in each for each in run.facts.elements()) == len(BUYERS)
    assert sum('"prod_of_' in each for each in run.facts.elements()) == len(BUYERS)


@pytest.mark.requirement("privacy.tripwire")
def test_what_was_printed_of_a_buyer_is_withheld_and_counted(run: Run) -> None:
    withheld = [event for event in run.events if event["event"] == "privacy.withheld"]
    assert withheld
    assert {event["where"] for event in withheld} == {"stderr"}


@pytest.mark.requirement("privacy.corpus")
@pytest.mark.parametrize("buyer", BUYERS[:6], ids=lambda buyer: "buyer")
def test_the_judge_sees_a_leak_in_every_form(buyer: Buyer) -> None:
    for text in buyer.texts():
        for form in forms(text):
            assert leaks(iter([text]), f'{{"line": "before {form} after"}}') == {text}
