"""The log as a test reads it."""

import io
import json
import logging
from typing import Any

import pytest

from checkout_server.privacy.logs.lines import output


class Written(io.BytesIO):
    """The bytes that the log wrote."""

    def only_line(self) -> dict[str, Any]:
        [line] = self.getvalue().decode().splitlines()
        event = json.loads(line)
        del event["time"]
        return event


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    """What the log writes at INFO."""
    stream = Written()
    monkeypatch.setattr(output, "stream", stream)
    monkeypatch.setattr(output, "level", logging.INFO)
    return stream
