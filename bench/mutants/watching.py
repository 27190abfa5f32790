"""A plugin of pytest: which test runs which lines, and how long each takes, for the workers of pytest-xdist."""

import importlib
import json
import os
import pkgutil
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from coverage import Coverage

FOLDER = "MUTANTS_WATCHED"
"""The environment variable with the folder for what was seen."""


PACKAGES = ["checkout_schemas", "checkout_server.checkout"]
INCLUDED = [f"*/{package.replace('.', '/')}/*" for package in PACKAGES]


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(_Watch(Path(os.environ[FOLDER])))


class _Watch:
    def __init__(self, folder: Path) -> None:
        self._file = folder / str(os.getpid())
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        self._coverage = Coverage(data_file=f"{self._file}.coverage", include=INCLUDED, config_file=False)
        self._coverage.start()
        for package in map(importlib.import_module, PACKAGES):  # what runs as a module is imported is nobody's
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                importlib.import_module(module.name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._coverage.switch_context(item.nodeid)
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self._seconds[item.nodeid] = time.monotonic() - began

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        passed = {test: seconds for test, seconds in self._seconds.items() if test not in self._failed}
        self._file.with_suffix(".json").write_text(json.dumps(passed))
