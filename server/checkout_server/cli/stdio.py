"""No command: serve stdio."""

import argparse

from checkout_server.cli.start import start
from checkout_server.settings import Settings


def run(_arguments: argparse.Namespace) -> int:
    async def serve(settings: Settings) -> None:
        from checkout_server.transports.stdio import serve_stdio

        await serve_stdio(settings)

    return start(serve)
