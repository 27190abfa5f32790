"""Sockets on loopback addresses."""

import socket
import sys
from contextlib import suppress


class PortUnusable(Exception):
    """A port cannot be listened on. The text is one sentence for the operator."""


def bound_socket(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 is a free one.

    Raises:
        PortUnusable: another program listens there, or it is not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named: without it each answer waits 40 ms for the last one's
    # acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        with suppress(OSError):
            listener.close()
        raise PortUnusable(
            f"Port {port} cannot be used: another program listens there, or it is not allowed."
        ) from None
    return listener


def url_of(listener: socket.socket) -> str:
    """The base URL of what listens on a socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
