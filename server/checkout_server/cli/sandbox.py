"""``sandbox``: the stand-in payment API, for a browser or another program."""

import argparse

from checkout_schemas.web_addresses import is_loopback
from checkout_server.listening.loopback import PortUnusable
from checkout_server.privacy.lines import say


def run(arguments: argparse.Namespace) -> int:
    if not is_loopback(arguments.host):
        say("--host must be a loopback address such as 127.0.0.1.")
        return 2
    from checkout_server.sandbox.listener import serve_sandbox

    try:
        serve_sandbox(arguments.host, arguments.port, say)
    except PortUnusable as error:
        say(str(error))
        return 2
    return 0
