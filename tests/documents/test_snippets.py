"""Every snippet in the documents is generated, run or checked here, or stands in one list with the reason."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.policy.document import Policy
from checkout_server.privacy.vocabulary.checks import CHECKS
from checkout_server.privacy.vocabulary.event_names import EVENTS
from docs.generate.documents import ROOT, documents
from documented import Fence, fences, fences_of, in_the_source_tree
from evals.task import Task
from processes import run

CHECKED = {"json", "sh", "toml", "text"}
"""Languages of which a test takes every block: ``sh`` in ``test_commands``."""
ONLY_SHOWN = {
    "group          tasks  passed  pass^1  calls  tokens": "the form of a table whose figures change with each version",
}
"""Blocks of text, by their first line, that are no list of paths; and why nothing compares them."""


@pytest.mark.requirement("docs.snippets")
def test_every_snippet_is_in_a_language_that_is_checked() -> None:
    strays = [
        f"{fence} ({fence.language or 'no language'})"
        for path in documents()
        for fence in fences_of(path)
        if fence.region != "generated" and fence.language not in CHECKED
    ]
    assert strays == []


@pytest.mark.requirement("docs.snippets")
@pytest.mark.parametrize("fence", fences("toml"), ids=str)
def test_a_toml_snippet_is_a_policy_or_a_task(fence: Fence) -> None:
    document = tomllib.loads(fence.text)
    if "task" in document:
        for name, task in document["task"].items():
            Task(name=name, **task)
    else:
        assert Policy.model_validate(document) != Policy()


@pytest.mark.requirement("docs.snippets")
@pytest.mark.parametrize("fence", fences("json"), ids=str)
def test_a_json_snippet_is_a_line_of_the_log_or_an_entry_that_starts_the_server(fence: Fence, tmp_path: Path) -> None:
    content: dict[str, Any] = json.loads(fence.text)
    if "event" in content:
        fields = {name: value for name, value in content.items() if name not in {"time", "level", "logger", "event"}}
        assert content["event"] in EVENTS
        assert [name for name, value in fields.items() if not CHECKS[name](value)] == []
        return
    [entry] = content["mcpServers"].values()
    assert entry.keys() == {"command", "args", "env"}
    command = shlex.join([entry["command"], *entry["args"]])
    assert re.fullmatch("uv --directory /[a-z/-]+ run --no-dev dodo-checkout-mcp", command)
    key = dict.fromkeys(entry["env"], "test_key")
    done = run(folder=tmp_path, DODO_PAYMENTS_BASE_URL="http://127.0.0.1:9", **key)
    assert done.returncode == 0, done.stderr


@pytest.mark.requirement("docs.snippets")
@in_the_source_tree
@pytest.mark.parametrize("fence", fences("text"), ids=str)
def test_a_text_snippet_lists_paths_that_exist(fence: Fence) -> None:
    if fence.text.split("\n")[0] in ONLY_SHOWN:
        return
    folders: list[str] = []
    missing: list[str] = []
    for line in fence.text.rstrip().split("\n"):
        depth = (len(line) - len(line.lstrip())) // 2
        named = line.split()[0]
        folders[depth:] = [named]
        if not (ROOT / "".join(folders)).exists():
            missing.append("".join(folders))
    assert missing == []


@pytest.mark.requirement("docs.snippets")
def test_nothing_is_listed_as_only_shown_that_is_not_there() -> None:
    first_lines = {fence.text.split("\n")[0] for fence in fences("text")}
    assert ONLY_SHOWN.keys() - first_lines == set()
