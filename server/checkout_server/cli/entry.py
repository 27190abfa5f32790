"""``dodo-checkout-mcp``: hands over to the command."""

import gc
import importlib
import os
import sys
from collections.abc import Sequence

_SERVERS = frozenset({"stdio", "serve"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    words = sys.argv[1:] if argv is None else argv
    module, arguments = _command_of(words)
    if module in _SERVERS:
        # What a server imports stays. Looking through it again and again is a tenth of the start; see tell_started.
        gc.disable()
    # After parsing, which must be instant; before anything of other people's is imported.
    from checkout_server.privacy.logs.install import install_logging

    install_logging()
    try:
        return importlib.import_module(f"checkout_server.cli.{module}").run(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output is gone; without this, the interpreter complains once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _command_of(words: Sequence[str]) -> tuple[str, object]:
    """The command's module in this package, and its arguments."""
    if not words:  # a client starts the server, and need not wait for what reads arguments
        return "stdio", None
    from checkout_server.cli.commands import COMMANDS, parsed

    arguments = parsed(words)
    return COMMANDS[arguments.command][0] if arguments.command else "stdio", arguments
