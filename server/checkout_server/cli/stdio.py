"""No command: serve stdio."""

import argparse
import sys

from checkout_server.cli.start import start, stopped
from checkout_server.settings import Settings


def run(_arguments: argparse.Namespace) -> int:
    async def serve(settings: Settings) -> None:
        from checkout_server.transports.stdio import serve_stdio

        await serve_stdio(settings)

    if sys.stdin is None or sys.stdout is None:
        return stopped("A client speaks with this server over stdin and stdout, and one of them is closed.")
    return start(serve)
