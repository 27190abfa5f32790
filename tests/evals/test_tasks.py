"""Tasks are data: facts, a goal and checkable ends."""

import re
from pathlib import Path
from typing import get_args

import pytest

from checkout_schemas.parsing.unknown_fields import TOOLS
from checkout_server.tools.served import TOOLS as SERVED
from evals.scripted_agent import OPENINGS
from evals.task import TASKS, TaskUnusable, Wish, choose, load_tasks

WHOLE = 'goal = "Sell it."\nturns = [{ says = "One, please.", wants = "quote" }]\nends = { calls = 1 }\n'


@pytest.mark.requirement("evals.tasks")
def test_there_are_tasks_of_every_kind() -> None:
    tasks = load_tasks()
    groups = {task.name.partition("/")[0] for task in tasks}
    assert len(tasks) >= 60
    assert groups == {path.stem for path in TASKS.glob("*.toml")}


@pytest.mark.requirement("evals.tasks")
def test_every_tool_serves_a_wish_and_every_wish_is_in_a_task() -> None:
    assert [tool.name for tool in SERVED if not tool.description.startswith(tuple(OPENINGS.values()))] == []
    assert {turn.wants for task in load_tasks() for turn in task.turns} == {*get_args(Wish)}


@pytest.mark.requirement("evals.tasks")
def test_no_task_names_a_tool() -> None:
    """But for its world, in which a policy and a hostile product do."""
    strays = [
        task.name for task in load_tasks() for tool in TOOLS.values() if tool in str((task.goal, task.turns, task.ends))
    ]
    assert strays == []


@pytest.mark.requirement("evals.tasks")
def test_every_task_checks_what_reached_the_api_or_what_the_buyer_was_told() -> None:
    idle = [
        task.name
        for task in load_tasks()
        if not (task.ends.created or task.ends.quoted or any(turn.hears for turn in task.turns))
    ]
    assert idle == []


@pytest.mark.requirement("evals.tasks")
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[task.a]\n" + WHOLE + "[task.a]\n" + WHOLE, "group.toml: .*"),
        ("[task.a]\n" + WHOLE + "calls = []", "group.toml: .*calls.*"),
        ("[task.a]\n" + WHOLE.replace("quote", "haggle"), "group.toml: .*wants.*"),
        ("[task.a]\n" + WHOLE.replace("calls = 1", 'calls = "1"'), "group.toml: .*calls.*"),
        ("[task.a]\n" + WHOLE.replace('{ says = "One, please.", wants = "quote" }', ""), "group.toml: .*turns.*"),
        ("[tasks.a]\n" + WHOLE, "group.toml: .*"),
        ("world = 1\n[task.a]\n" + WHOLE, "group.toml: nothing but .* is read"),
        ("task = 1", "group.toml: .*"),
    ],
    ids=["twice", "calls in a task", "an unknown wish", "text for a number", "no turn", "no task", "more", "no table"],
)
def test_what_is_no_task_is_refused_with_the_name_of_its_file(text: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "group.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TaskUnusable, match=re.compile(complaint, re.DOTALL)):
        load_tasks(tmp_path)


@pytest.mark.requirement("evals.tasks")
def test_tasks_are_chosen_by_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(f"[task.a]\n{WHOLE}[task.b]\n{WHOLE}", encoding="utf-8")
    (tmp_path / "two.toml").write_text(f"[task.a]\n{WHOLE}", encoding="utf-8")
    tasks = load_tasks(tmp_path)
    assert [task.name for task in choose(tasks, "*")] == ["one/a", "one/b", "two/a"]
    assert [task.name for task in choose(tasks, "*/a")] == ["one/a", "two/a"]
