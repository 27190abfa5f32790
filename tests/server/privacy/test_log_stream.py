"""Where the lines of the log go: readable or JSON, and lost or counted when nobody takes them."""

import errno
import io
import json
import logging
from typing import Any

import pytest

from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.logs.lines import Line, as_json, as_text, output


@pytest.mark.requirement("privacy.diagnostics")
def test_nobody_elses_configuration_of_logging_silences_us(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("checkout"), "disabled", True)  # as dictConfig does by default
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    emit("session.created")
    assert written.only_line()["event"] == "session.created"


@pytest.mark.requirement("privacy.events")
def test_a_disabled_level_builds_nothing(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Untouchable(list[str]):
        def __iter__(self) -> Any:
            raise AssertionError

    monkeypatch.setattr(output, "level", logging.WARNING)
    emit("policy.denied", paths=Untouchable())
    assert written.getvalue() == b""


@pytest.mark.requirement("privacy.stalled")
def test_lines_that_a_full_disk_did_not_take_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Disk(io.BytesIO):
        full = True

        def write(self, data: Any, /) -> int:
            if self.full:
                raise OSError(errno.ENOSPC, "no space left")
            return super().write(data)

    disk = Disk()
    monkeypatch.setattr(output, "stream", disk)
    monkeypatch.setattr(output, "level", logging.INFO)
    monkeypatch.setattr(output, "lost", 0)
    emit("session.created")
    emit("session.created")
    disk.full = False
    emit("session.created")
    told = [json.loads(line) for line in disk.getvalue().splitlines()]
    assert [(line["event"], line.get("count")) for line in told] == [
        ("logging.lines_lost", 2),
        ("session.created", None),
    ]


@pytest.mark.requirement("privacy.events")
def test_a_reader_of_the_log_that_is_gone_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.BytesIO):
        def write(self, data: Any, /) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(output, "stream", Gone())
    emit("session.unknown")


@pytest.mark.requirement("privacy.events")
def test_text_has_the_same_fields_as_json() -> None:
    line = Line(
        0.0,
        logging.ERROR,
        "uvicorn.access",
        "library.logged",
        {"route": "/mcp", "frames": ["a.py:1:f"], "template": "a b"},
    )
    shown = 'library.logged     logger=uvicorn.access route=/mcp frames=["a.py:1:f"] template="a b"'
    assert as_text(line) == f"1970-01-01T00:00:00.000Z ERROR    {shown}"
    assert json.loads(as_json(line)) == {
        "time": "1970-01-01T00:00:00.000Z", "level": "ERROR", "logger": "uvicorn.access", "event": "library.logged",
        "route": "/mcp", "frames": ["a.py:1:f"], "template": "a b",
    }  # fmt: skip
