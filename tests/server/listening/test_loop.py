"""The event loop that the servers run on."""

import asyncio
import importlib.util
import sys

import pytest

from checkout_server.listening.loop import new_event_loop


@pytest.mark.requirement("transport.fast_loop")
def test_it_is_uvloops_where_there_is_one() -> None:
    loop = new_event_loop()
    loop.close()
    assert type(loop).__module__.startswith("uvloop") == (importlib.util.find_spec("uvloop") is not None)


@pytest.mark.requirement("transport.fast_loop")
def test_it_is_asyncios_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    loop, usual = new_event_loop(), asyncio.new_event_loop()
    loop.close()
    usual.close()
    assert type(loop) is type(usual)
