"""``serve``: Streamable HTTP."""

import argparse

from checkout_server.cli.start import start
from checkout_server.privacy.stderr import take_stdout
from checkout_server.settings import Settings


def run(arguments: argparse.Namespace) -> int:
    async def serve(settings: Settings) -> None:
        from checkout_server.transports.http import serve_http

        await serve_http(settings, arguments.host, arguments.port, arguments.public_port)

    take_stdout()
    return start(serve)
