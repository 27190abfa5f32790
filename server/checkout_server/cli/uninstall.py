"""``uninstall``: takes this server's entry out of a client's configuration, after showing it."""

import argparse

from checkout_server.cli import client_file
from checkout_server.clients.targets import TARGETS
from checkout_server.privacy.logs.lines import say

add_arguments = client_file.add_arguments


def run(arguments: argparse.Namespace) -> int:
    """0 when the entry is not there any more, 1 when the file was left alone, 2 when nobody could be asked."""
    from checkout_server.clients import configuration

    target = TARGETS[arguments.client]
    try:
        path = client_file.find_path(arguments)
        change = configuration.planned_removal(path, target, arguments.name)
        if change.old is None:
            print(f"{target.title} has no such entry: {path}")
            return 0
        return client_file.ask_and_write(path, arguments, change, secret=False)
    except (client_file.NotOffered, configuration.ConfigurationUnusable) as error:
        say(str(error))
        return 1
