"""No command: serve stdio."""

import sys

from checkout_server.cli.start import start, stopped
from checkout_server.privacy.logs.lines import say
from checkout_server.settings import Settings

_FOR_A_PERSON = (
    "This is an MCP server, and it waits for a client to speak to it over stdin. To see it sell, run `{0} demo`; to "
    "add it to a client, `{0} install CLIENT`; for everything else, `{0} --help`. Ctrl-D or Ctrl-C ends it."
)


def run(_arguments: None) -> int:
    async def serve(settings: Settings) -> None:
        from checkout_server.transports.stdio import serve_stdio

        if sys.stdin.isatty():
            from checkout_server.cli.program import program

            say(_FOR_A_PERSON.format(program()))
        await serve_stdio(settings)

    if sys.stdin is None or sys.stdout is None:
        return stopped("A client speaks with this server over stdin and stdout, and one of them is closed.")
    return start(serve)
