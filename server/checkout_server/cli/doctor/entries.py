"""Whether the entries that clients have for this server start it, with settings that it can use.

A client would run the same command at its next start, and so does this check, with ``--version`` after it.
"""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version

from checkout_server.cli.doctor.finding import Finding, fine, wrong
from checkout_server.cli.program import program
from checkout_server.clients.found import FoundEntry, find_entries
from checkout_server.settings.loading import foreign_environment

START_SECONDS = 20.0
"""For one start: a runner such as uvx may have to fetch the package first."""
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,30}")
_REFERENCE = re.compile(r"\$\{|\{env:")
"""In a value that the client fills in when it starts the server."""


async def find_clients() -> list[Finding]:
    """A row for each entry; one that says so where there is none."""
    found = list(find_entries())
    if not found:
        return [fine("clients", "none has an entry for this server", f"{program()} install CLIENT writes one")]
    return list(await asyncio.gather(*map(_examine, found)))


async def _examine(entry: FoundEntry) -> Finding:
    again = f"{program()} install {entry.client}"
    if not entry.command:
        return fine(entry.client, "reaches the server at a URL, which is not asked here")
    environment = {**os.environ, **entry.env}
    found = shutil.which(entry.command[0], path=environment.get("PATH"))
    if found is None:
        return wrong(entry.client, "has an entry whose program is not on this machine", again)
    code, output, _ = await _run(found, *entry.command[1:], "--version", environment=environment)
    if code != 0 or not _VERSION.fullmatch(output):
        return wrong(entry.client, "has an entry that does not start this server", again)
    if any(map(_REFERENCE.search, entry.env.values())):
        return fine(entry.client, f"starts version {output}, with settings that the client fills in")
    return await _examine_settings(entry, output, again)


async def _examine_settings(entry: FoundEntry, started: str, again: str) -> Finding:
    """Whether this version could use the entry's settings. What it says of them names no value."""
    settings = {**foreign_environment(), **entry.env}
    code, output, errors = await _run(sys.executable, "-m", "checkout_server", "policy", environment=settings)
    if code != 0:
        sentence = errors.removeprefix("dodo-checkout-mcp: ") or "its settings cannot be read"
        return wrong(entry.client, sentence, f"set it rightly in this shell, then {again}")
    environment = re.search(r"^environment +(\w+)$", output, re.MULTILINE)
    hint = f"{again} updates it to {version('dodo-checkout-mcp')}" if started != version("dodo-checkout-mcp") else ""
    return fine(entry.client, f"starts version {started}" + (f" in {environment[1]}" if environment else ""), hint)


async def _run(path: str, *arguments: str, environment: Mapping[str, str]) -> tuple[int | None, str, str]:
    """The exit code of a program, None where it has none, and what it wrote on stdout and stderr."""
    try:
        process = await asyncio.create_subprocess_exec(
            path, *arguments, env=environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except (OSError, ValueError):  # no program that this machine runs; a null byte
        return None, "", ""
    try:
        async with asyncio.timeout(START_SECONDS):
            output, errors = await process.communicate()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return None, "", ""
    return process.returncode, output.decode("utf-8", "replace").strip(), errors.decode("utf-8", "replace").strip()
