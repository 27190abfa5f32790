"""Any model runs the tasks, by either API: the table says what passed, and nothing says the key."""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from evals.__main__ import main
from evals.agent import Stopped
from evals.model_api import APIS, ATTEMPTS, Reply, Returned, Said, ToolCall
from evals.world import Tool
from model_server import Answer, ModelServer, Script, running_model

KEY = "sk-made-up-0123456789"
ORDER = {"product_cart": [{"product_id": "prod_tokyo_guide", "quantity": 2}], "billing_address": {"country": "JP"}}
PATHS = {"openai": "/v1", "anthropic": ""}
"""Where the URL of each API ends."""
BOTH = pytest.mark.parametrize("api", APIS)


def seller(returned: list[str]) -> Answer:
    """Quotes, and reads the total out."""
    if not returned:
        return Answer("One moment.", (("preview_checkout", ORDER),))
    return Answer(f"That is {json.loads(returned[-1])['display']['total']}.")


async def run(server: ModelServer, api: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    """The command, in a thread with an event loop of its own; its exit status."""
    monkeypatch.setenv("EVALS_TEST_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    model = ["--model", "made-up", "--url", server.url + PATHS[api], "--key-env", "EVALS_TEST_KEY", "--api", api]
    return await asyncio.to_thread(main, [*model, "--tasks", "quotes/yen", *options])


@pytest.mark.requirement("evals.models")
@BOTH
async def test_a_model_that_sells_passes(
    api: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_model(seller) as server:
        assert await run(server, api, monkeypatch) == 0
    head, group, everything = capsys.readouterr().out.splitlines()
    assert head.split() == ["group", "tasks", "passed", "pass^3", "calls", "tokens"]
    assert re.fullmatch(r"quotes +1 +3/3 +1/1 +1\.0 +\d{4}", group)
    assert everything.split()[1:] == group.split()[1:]
    headers, body = server.requests[0]
    assert headers["authorization" if api == "openai" else "x-api-key"].removeprefix("Bearer ") == KEY
    assert "The Tokyo guide, in Japan.\\n\\nproduct_id: prod_tokyo_guide\\nquantity: 2" in json.dumps(body)
    assert "preview_checkout" in json.dumps(body["tools"])


@pytest.mark.requirement("evals.models")
@BOTH
async def test_what_fails_once_fails_the_run(
    api: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = iter([seller, lambda _: Answer("It is free."), seller])
    current: Script = seller

    def changing(returned: list[str]) -> Answer:
        nonlocal current
        current = current if returned else next(runs)
        return current(returned)

    async with running_model(changing) as server:
        assert await run(server, api, monkeypatch, "--repeat", "3") == 1
    out = capsys.readouterr().out
    assert re.search(r"quotes +1 +2/3 +0/1", out)
    assert "FAILED quotes/yen (run 2): nothing was quoted" in out
    assert "FAILED quotes/yen (run 2): the buyer was not told “3300” by turn 1" in out


@pytest.mark.requirement("evals.models")
@pytest.mark.parametrize("status", [401, 404])
@BOTH
async def test_an_api_that_refuses_is_named_by_its_status_and_the_key_is_not_shown(
    api: str, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_model(seller) as server:
        server.status = status
        assert await run(server, api, monkeypatch, "--repeat", "1") == 1
    shown = capsys.readouterr()
    assert f"FAILED quotes/yen: turn 1: the model's API answered {status}" in shown.out
    assert KEY not in shown.out + shown.err


@pytest.mark.requirement("evals.models")
@BOTH
async def test_calls_that_no_tool_can_serve_are_answered_and_counted(
    api: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lost(returned: list[str]) -> Answer:
        if not returned:
            return Answer("", (("sell_everything", {}), ("preview_checkout", [] if api == "anthropic" else "{")))
        return seller(returned[2:])

    async with running_model(lost) as server:
        assert await run(server, api, monkeypatch, "--repeat", "1") == 1
    out = capsys.readouterr().out
    assert "FAILED quotes/yen: 2 refused calls, and at most 0 are allowed" in out
    assert "FAILED quotes/yen: 3 calls, and at most 2 are allowed" in out
    assert "There is no tool of this name." in json.dumps(server.requests[-1][1])


@pytest.mark.requirement("evals.models")
async def test_a_model_without_an_end_is_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_model(lambda _: Answer("", (("list_products", {"query": "guide"}),))) as server:
        assert await run(server, "openai", monkeypatch, "--repeat", "1") == 1
    assert "turn 1: no end of calls" in capsys.readouterr().out


@pytest.mark.requirement("evals.models")
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--tasks", "nothing/*"], "no task has such a name"),
        (["--model", "made-up"], "--model needs --url and --key-env"),
        (["--model", "m", "--url", "http://127.0.0.1:9", "--key-env", "EVALS_NO_KEY"], "EVALS_NO_KEY holds no key"),
        (["--model", "m", "--url", "http://127.0.0.1:9", "--key-env", "EVALS_ODD_KEY"], "EVALS_ODD_KEY holds no key"),
    ],
)  # fmt: skip
def test_a_command_that_cannot_run_says_why(
    options: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVALS_ODD_KEY", f"{KEY}\n")
    with pytest.raises(SystemExit) as stop:
        main(options)
    shown = capsys.readouterr().err
    assert (stop.value.code, complaint in shown, KEY in shown) == (2, True, False)


async def ask(api: str, answers: Sequence[httpx2.Response | Exception]) -> tuple[Reply | str, list[float]]:
    """What comes of these answers, and the waits between them."""
    waits: list[float] = []
    left = iter(answers)

    async def answer(request: httpx2.Request) -> httpx2.Response:
        given = next(left)
        if isinstance(given, Exception):
            raise given
        return given

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    call = ToolCall("1", "look", {"a": 1})
    talk = [Said("Hello."), Reply("", (call, call)), Returned(call, "{}", False), Returned(call, "no", True)]
    tool = Tool("look", "Looks.", {"type": "object"}, True)
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        model = APIS[api](http, "https://model.example.com", "made-up", KEY, sleep)
        assert KEY not in repr(model)
        try:
            return await model.complete("Sell.", [tool], talk), waits
        except Stopped as stop:
            return str(stop), waits


def good(api: str) -> httpx2.Response:
    message: Any = {"content": [{"type": "text", "text": "Yes."}]}
    return httpx2.Response(200, json=message if api == "anthropic" else {"choices": [{"message": {"content": "Yes."}}]})


@pytest.mark.requirement("evals.models")
@BOTH
async def test_an_api_that_is_busy_is_asked_again(api: str) -> None:
    broken = httpx2.ConnectError(f"with {KEY}")
    answers = [httpx2.Response(429), broken, httpx2.Response(503), good(api)]
    assert await ask(api, answers) == (Reply("Yes.", ()), [2.0, 4.0, 8.0])
    assert await ask(api, [httpx2.Response(503)] * ATTEMPTS) == ("the model's API answered 503", [2.0, 4.0, 8.0])
    assert await ask(api, [broken] * ATTEMPTS) == ("the model's API did not answer", [2.0, 4.0, 8.0])


@pytest.mark.requirement("evals.models")
@BOTH
async def test_an_api_that_refuses_is_not_asked_again(api: str) -> None:
    assert await ask(api, [httpx2.Response(401), good(api)]) == ("the model's API answered 401", [])


@pytest.mark.requirement("evals.models")
@BOTH
@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"choices": [], "content": [{}]}'])
async def test_an_answer_of_another_kind_is_named(api: str, body: bytes) -> None:
    told, waits = await ask(api, [httpx2.Response(200, content=body)])
    assert str(told).startswith("the model's API answered something else than")
    assert waits == []
