"""Reading HTTP requests: by httptools where there is one, which is faster than h11, with the bound that h11 has."""

import asyncio

from checkout_server.listening.patience import Patience, patient

MAX_FRAMING_BYTES = 64 * 1024
"""Of a request, besides its body: the head, the sizes of chunks and what follows the last one. As h11's own bound."""


def request_parser(patience: Patience) -> type[asyncio.Protocol]:
    """What uvicorn reads requests with."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        import h11
        from uvicorn.protocols.http.h11_impl import H11Protocol

        class ObservedH11(H11Protocol):
            """Says whether it waits for the rest of a body."""

            @property
            def reads_body(self) -> bool:
                return self.conn.their_state is h11.SEND_BODY

        return patient(ObservedH11, patience)

    class BoundedHttpTools(HttpToolsProtocol):
        """Keeps no request whose head never ends: httptools itself collects it without a bound. Hands a header on
        without the blanks after it, which httptools leaves there."""

        _framing = 0
        reads_body = False

        def on_headers_complete(self) -> None:
            self.reads_body = True
            super().on_headers_complete()

        def on_header(self, name: bytes, value: bytes) -> None:
            super().on_header(name, value.rstrip(b" \t"))  # no part of the value (RFC 9110, 5.5); h11 leaves it out too

        def data_received(self, data: bytes) -> None:
            self._framing += len(data)
            super().data_received(data)
            if self._framing > MAX_FRAMING_BYTES and not self.transport.is_closing():
                self.send_400_response("The request's head is too long.")

        def on_body(self, body: bytes) -> None:
            self._framing -= len(body)
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._framing = 0
            self.reads_body = False
            super().on_message_complete()

    return patient(BoundedHttpTools, patience)
