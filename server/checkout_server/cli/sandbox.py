"""``sandbox``: the stand-in payment API, for a browser or another program."""

import argparse
import sys

from checkout_schemas.fields import is_loopback
from checkout_server.listening.loopback import PortUnusable


def run(arguments: argparse.Namespace) -> int:
    if not is_loopback(arguments.host):
        print("--host must be a loopback address such as 127.0.0.1.", file=sys.stderr)
        return 2
    from checkout_server.sandbox.listener import serve_sandbox

    try:
        serve_sandbox(arguments.host, arguments.port)
    except PortUnusable as error:
        print(error, file=sys.stderr)
        return 2
    return 0
