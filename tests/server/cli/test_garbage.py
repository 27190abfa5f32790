"""Garbage is collected by every process but a server that still starts."""

import subprocess
import sys

import pytest

TELLING = """
import gc, importlib, sys, types
from checkout_server.cli import entry
imported = importlib.import_module
fake = types.SimpleNamespace(run=lambda arguments: print(gc.isenabled()) or 0)
importlib.import_module = lambda name, package=None: fake if "server.cli." in name else imported(name, package)
sys.exit(entry.main(sys.argv[1:]))
"""
STARTED = """
import gc
gc.disable()
from checkout_server.settings import load_settings
from checkout_server.transports.started import tell_started
tell_started(load_settings(), "stdio")
print(gc.isenabled(), gc.get_freeze_count() > 0)
"""
MANY_CALLS = f"""{STARTED}
looked = []
gc.callbacks.append(lambda phase, info: looked.append(phase))
held = [[] for _ in range(64 * 50)]
print(len(looked))
"""


def said(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.requirement("cli.garbage")
@pytest.mark.parametrize(("command", "collects"), [([], False), (["serve"], False), (["doctor"], True)])
def test_a_server_collects_none_until_it_has_started(command: list[str], collects: bool) -> None:
    assert said("-c", TELLING, *command) == str(collects)


@pytest.mark.requirement("cli.garbage")
def test_a_server_that_has_started_collects_what_is_new() -> None:
    assert said("-c", STARTED) == "True True"


@pytest.mark.requirement("cli.garbage")
def test_what_many_calls_hold_at_the_same_time_is_not_looked_through() -> None:
    assert said("-c", MANY_CALLS).splitlines()[-1] == "0"
