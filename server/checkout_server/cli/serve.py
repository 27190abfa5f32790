"""``serve``: Streamable HTTP."""

import argparse

from checkout_server.cli.start import start
from checkout_server.privacy.logs.stderr import take_stdout
from checkout_server.settings import Settings


def run(arguments: argparse.Namespace) -> int:
    async def serve(settings: Settings) -> None:
        from checkout_server.transports.http import Listeners, serve_http

        listeners = Listeners(
            host=arguments.host,
            port=arguments.port,
            public_port=arguments.public_port,
            metrics_host=arguments.metrics_host,
            metrics_port=arguments.metrics_port,
        )
        await serve_http(settings, listeners, drain_seconds=arguments.drain_seconds)

    take_stdout()
    return start(serve)
