"""The command line. Each command imports what it needs when it runs: ``--help`` must be instant."""

from checkout_server.cli.entry import main

__all__ = ["main"]
