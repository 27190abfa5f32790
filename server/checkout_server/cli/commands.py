"""The commands of ``dodo-checkout-mcp`` and their arguments."""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import NoReturn


def _arguments_of_demo(parser: argparse.ArgumentParser) -> None:
    printed = parser.add_mutually_exclusive_group()
    printed.add_argument("--json", action="store_true", help="print the MCP messages instead, one JSON object a line")
    printed.add_argument(
        "--browser", action="store_true", help="pay by hand: open the hosted page and wait until it is paid, or Ctrl-C"
    )


def _arguments_of_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1; another than loopback needs tokens")
    parser.add_argument("--port", type=_port, default=8000, help="default 8000")
    parser.add_argument("--public-port", type=_port, help="a second listener, with webhooks and return pages alone")
    parser.add_argument("--metrics-port", type=_port, help="a listener for Prometheus: /metrics (extra: prometheus)")
    parser.add_argument("--metrics-host", default="127.0.0.1", help="its address (default 127.0.0.1)")
    parser.add_argument(
        "--drain-seconds",
        type=_seconds,
        default=0,
        metavar="SECONDS",
        help="go on serving this long after a signal to stop, while /readyz answers 503 (default 0)",
    )


def _arguments_of_sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=4010, help="default 4010")
    parser.add_argument("--webhook-url", metavar="URL", help="send webhooks there, signed as the provider signs them")
    parser.add_argument(
        "--after-decline",
        choices=("retry", "end"),
        default="retry",
        help="whether a declined payment can be tried again on its page (default), or ends the session",
    )


def _arguments_of_schemas(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file differs")


def _arguments_of_install(parser: argparse.ArgumentParser) -> None:
    from checkout_server.cli.install import add_arguments

    add_arguments(parser)


def _arguments_of_uninstall(parser: argparse.ArgumentParser) -> None:
    from checkout_server.cli.uninstall import add_arguments

    add_arguments(parser)


def _arguments_of_sales(parser: argparse.ArgumentParser) -> None:
    from checkout_server.cli.sales.command import add_arguments

    add_arguments(parser)


def _arguments_of_token(parser: argparse.ArgumentParser) -> None:
    from checkout_server.cli.tokens import add_arguments

    add_arguments(parser)


def _arguments_of_policy(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _ABOUT_TRYING
    parser.add_argument("--check", metavar="FILE", help="check a policy file; with --try, decide by it")
    parser.add_argument(
        "--try", dest="cart", metavar="CART", nargs="+", help="say what would become of a cart; nothing is created"
    )
    cart = parser.add_argument_group("more about a cart of --try")
    cart.add_argument("--country", metavar="CC", help="billing country, such as US")
    cart.add_argument("--state", help="billing state, such as CA")
    cart.add_argument("--zipcode", help="billing postal code")
    cart.add_argument("--currency", metavar="CCC", help="billing currency, such as EUR")
    cart.add_argument("--code", action="append", help="a discount code; may be repeated")
    cart.add_argument("--return-url", metavar="URL", help="where the buyer would be sent after paying")


_ABOUT_TRYING = """\
A CART is one of
  PRODUCT[:QUANTITY] ...  product ids, such as: --try prod_123:2 prod_mouse --country US
  NAME.json               one JSON object with arguments of preview_checkout and create_checkout_session
  -                       the same on stdin
It is quoted by the payment API, or the sandbox where no key is set, and held against the policy.

exit codes
  --check  0 the file can be used, 1 it cannot
  --try    0 it would be sold without asking, 1 it would be refused, 3 a person would be asked,
           2 nothing can be said: the message says what to mend
"""


def _no_arguments(_parser: argparse.ArgumentParser) -> None:
    return


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("must be 0 to 65535")
    return port


def _seconds(text: str) -> int:
    seconds = int(text)
    if not 0 <= seconds <= 600:
        raise argparse.ArgumentTypeError("must be 0 to 600")
    return seconds


Command = tuple[str, str, Callable[[argparse.ArgumentParser], None]]
COMMANDS: dict[str, Command] = {
    "demo": (
        "demo.command",
        "sell and pay in a sandbox on this machine, and show what protects the buyer",
        _arguments_of_demo,
    ),
    "serve": ("serve", "serve Streamable HTTP at /mcp", _arguments_of_serve),
    "sandbox": ("sandbox", "run the stand-in payment API with its hosted page", _arguments_of_sandbox),
    "doctor": (
        "doctor.command",
        "check settings, policy, ledger, payment API, webhooks and the clients' entries, and say what to do",
        _no_arguments,
    ),
    "sales": (
        "sales.command",
        "list what was sold, refused and left unknown; settle what is unknown",
        _arguments_of_sales,
    ),
    "token": ("tokens", "make, list and revoke bearer tokens for serve", _arguments_of_token),
    "policy": (
        "policy.command",
        "explain the effective policy, check a file, or try it on a cart",
        _arguments_of_policy,
    ),
    "install": ("install", "write a client's configuration", _arguments_of_install),
    "uninstall": ("uninstall", "take the entry out of a client's configuration", _arguments_of_uninstall),
    "schemas": ("schemas", "write schemas/json/", _arguments_of_schemas),
}
"""Command → module in this package, help, its arguments. Without a command, stdio is served."""


_OPTION = re.compile("--[a-z]+(-[a-z]+){0,4}")
"""The form of an option's name. What is typed in its place may be a key."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Name the argument, without its value, which may be a key that somebody typed."""
        problem, _, rest = message.partition(": ")
        if problem == "the following arguments are required":
            problem = message  # by the names that we gave them
        elif problem == "unrecognized arguments":
            typed = (word.partition("=")[0] for word in rest.split())
            problem = " ".join([problem, *filter(_OPTION.fullmatch, typed)])
        elif problem.startswith("argument ") and rest.startswith("must be "):
            problem = f"{problem} {rest}"  # a rule of ours, which repeats nothing
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: error: {problem}; --help says what can be used\n")


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The command of these words, with its arguments.

    Raises:
        SystemExit: they are none; said on stderr.
    """
    parser = _Parser(
        prog="dodo-checkout-mcp",
        description="MCP server for selling through Dodo Payments. Without a command it serves stdio.",
    )
    parser.add_argument("--version", action="version", version=version("dodo-checkout-mcp"))
    commands = parser.add_subparsers(dest="command", metavar="command")
    for name, (_module, summary, add_arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name in words:  # the others' modules are not imported
            add_arguments(command)
    return parser.parse_args(words)
