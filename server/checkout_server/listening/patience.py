"""How long a client may keep its connection waiting: for a request that trickles in, and for an answer not taken."""

import asyncio
from dataclasses import dataclass
from typing import Any

_TOO_SLOW = b"The request took too long to arrive."
_ANSWER = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
)


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds."""

    request: float = 30.0
    """From the opening of a connection, or the first byte of a further request, to its last byte."""
    reading: float = 30.0
    """While a client takes nothing of an answer that is ready."""
    idle: int = 75
    """Between requests: longer than load balancers keep connections (60), which otherwise would lose the request that
    they send as this end closes, and must not send a sale again."""


class _PatientProtocol(asyncio.Protocol):
    """Stands before one of uvicorn's protocols, which waits for the rest of a request for ever."""

    patience: Patience
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    cycle: Any
    """The exchange that began last."""
    reads_body: bool
    """Whether the head of a request has arrived and its body has not: ``more_body`` of an exchange says so too, but
    stays set where the answer was complete before."""
    timeout_keep_alive_task: asyncio.TimerHandle | None
    _arriving: asyncio.TimerHandle | None = None
    _untaken: asyncio.TimerHandle | None = None
    _has_begun = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._arriving = self.loop.call_later(self.patience.request, self._refuse_slow_request)

    def data_received(self, data: bytes) -> None:
        self._has_begun = True
        before, body_was_open = self.cycle, self.reads_body
        arriving = self._arriving or self.loop.call_later(self.patience.request, self._refuse_slow_request)
        self._arriving = arriving
        super().data_received(data)
        now = self.cycle
        if now is not None and not self.reads_body and (now is not before or body_was_open):
            arriving.cancel()
            self._arriving = None
            self._begin_idle_time_again()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._arriving, self._untaken):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._untaken = self.loop.call_later(self.patience.reading, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None

    def _begin_idle_time_again(self) -> None:
        """What arrives ends the idle time, which began with the answer; after a late body nothing else begins it."""
        if self.cycle.response_complete and self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self.timeout_keep_alive_task = self.loop.call_later(self.patience.idle, self.transport.close)

    def _refuse_slow_request(self) -> None:
        if self._has_begun and not self.transport.is_closing() and not self._is_being_answered():
            self.transport.write(_ANSWER % (len(_TOO_SLOW), _TOO_SLOW))
        self.transport.close()

    def _is_being_answered(self) -> bool:
        return self.cycle is not None and self.cycle.response_started and self.cycle.more_body


def patient(protocol: type[asyncio.Protocol], patience: Patience) -> type[asyncio.Protocol]:
    """One of uvicorn's protocols with these bounds."""
    return type("PatientProtocol", (_PatientProtocol, protocol), {"patience": patience})
