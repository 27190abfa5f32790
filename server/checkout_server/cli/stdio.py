"""No command: serve stdio."""

import argparse
import sys

from checkout_server.cli.start import start, stopped
from checkout_server.privacy.lines import say
from checkout_server.settings import Settings

_FOR_A_PERSON = (
    "This is an MCP server, and it waits for a client to speak to it over stdin. To see it sell, run "
    "`dodo-checkout-mcp demo`; to add it to a client, `dodo-checkout-mcp install CLIENT`; for everything else, "
    "`dodo-checkout-mcp --help`. Ctrl-D or Ctrl-C ends it."
)


def run(_arguments: argparse.Namespace) -> int:
    async def serve(settings: Settings) -> None:
        from checkout_server.transports.stdio import serve_stdio

        if sys.stdin.isatty():
            say(_FOR_A_PERSON)
        await serve_stdio(settings)

    if sys.stdin is None or sys.stdout is None:
        return stopped("A client speaks with this server over stdin and stdout, and one of them is closed.")
    return start(serve)
