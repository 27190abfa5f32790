"""Keeps a Python program on this machine, by being on its path: what would leave is refused, and written down."""

import os
import sys
from ipaddress import ip_address

_LEFT = os.environ["OFFLINE_LOG"]
_NAMES = {"localhost", "", None}


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in _NAMES:
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _stay(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not _is_here(host):
        with open(_LEFT, "a", encoding="utf-8") as log:  # noqa: PTH123 - imported before anything else
            log.write(f"{event} {host}\n")
        raise PermissionError("no network here")


sys.addaudithook(_stay)
