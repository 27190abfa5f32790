"""Commands on a terminal, as a person meets them."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from processes import own_environment

ESCAPE = re.compile("\x1b\\[[0-9;?]*[a-zA-Z]")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command left on a terminal."""

    code: int
    output: str

    @property
    def text(self) -> str:
        """Without colours."""
        return ESCAPE.sub("", self.output)


def run_on_terminal(settings: Mapping[str, str], *arguments: str, columns: int = 120, typed: bytes = b"") -> Shown:
    """A command with the terminal as its stdin, stdout and stderr, to its end. What is typed waits for it."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    kept = {name: value for name, value in own_environment().items() if name not in _OF_TERMINALS}
    with subprocess.Popen(
        [sys.executable, "-m", "checkout_server", *arguments],
        env={**kept, "TERM": "xterm-256color", **settings},
        stdin=far, stdout=far, stderr=far, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(far)
        os.write(near, typed)
        output = b""
        with suppress(OSError):  # on Linux the end of a terminal is an error
            while said := os.read(near, 65_536):
                output += said
    os.close(near)
    return Shown(process.returncode, output.decode().replace("\r\n", "\n"))


_OF_TERMINALS = frozenset({"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "COLORTERM", "TERM"})
