"""A payment API on a real socket that repeats in its answers all that it was told, in every way an API can fail."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

SECRETS = {"client_secret": "pi_3Quokka_secret_9fKq", "publishable_key": "pk_live_Zephyrine77Ptarmigan"}
"""What a confirmed session carries."""

BRANDS = b'{"items":[{"brand_id":"bus_echo","business_id":"bus_echo"}]}'
"""Whose account it is, asked for at any time: answered well, and not counted."""
FAULTS = (
    "refused", "refused with a code of its own", "not found", "unauthorized", "slow down", "broken in HTML",
    "broken in JSON", "garbage", "mistyped", "redirect", "lying encoding", "cut off", "dropped", "no HTTP",
)  # fmt: skip


@dataclass
class EchoingApi:
    """Answers as ``fault`` says; well, but talkative, when that is empty."""

    url: str = ""
    fault: str = ""
    person: dict[str, Any] = field(default_factory=dict[str, Any])
    """Whose e-mail and name the sessions carry."""
    answered: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    async def next_request(self) -> None:
        """Wait for the next request."""
        self.arrived.clear()
        await self.arrived.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
                body = await reader.readexactly(int(length or 0))
                if head.startswith(b"GET /brands "):
                    writer.write(_http("200 OK", BRANDS))
                    continue
                self.answered += 1
                self.arrived.set()
                if self.fault == "hang":
                    await reader.read()
                    return
                if not self._answer(writer, head.decode("latin-1"), body.decode()):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._open.discard(writer)
            writer.close()

    def _answer(self, writer: asyncio.StreamWriter, head: str, body: str) -> bool:
        """Whether the connection goes on."""
        path = head.split(" ")[1].partition("?")[0]
        echo = {"code": "INVALID_REQUEST_BODY", "message": f"{head} {body}", "you": body, "person": self.person}
        told = json.dumps(echo, ensure_ascii=False).encode()
        reason = "".join(filter(str.isascii, str(self.person.get("email"))))
        where = f"retry-after: 0\r\nx-request-id: {reason}\r\nset-cookie: who={reason}; Path=/\r\n"
        where += f"x-echo: {quote_plus(body)}\r\n"
        match self.fault:
            case "" if path.startswith("/checkouts/") and "/cks_" not in path and not path.endswith("/preview"):
                answer = _http(f"404 {reason}", told, where)
            case "":
                answer = _http("200 OK", json.dumps(echo | self._good(path, quote_plus(body))).encode(), where)
            case "refused":
                answer = _http(f"422 {reason}", told, where)
            case "refused with a code of its own":
                answer = _http("400 Bad", json.dumps(echo | {"code": self.person.get("name")}).encode(), where)
            case "not found":
                answer = _http(f"404 {reason}", told, where)
            case "unauthorized":
                answer = _http(f"401 {reason}", told, where + f'www-authenticate: Basic realm="{reason}"\r\n')
            case "slow down":
                answer = _http("429 Slow", told, where)
            case "broken in HTML":
                answer = _http("500 Oops", b"<html><b>Oops</b><pre>" + told, where + "content-type: text/html\r\n")
            case "broken in JSON":
                answer = _http(f"503 {reason}", told, where)
            case "garbage":
                answer = _http("200 OK", b"\xff\xfe{" + told)
            case "mistyped":
                answer = _http("200 OK", json.dumps(dict.fromkeys(self._good(path, ""), self.person)).encode())
            case "redirect":
                answer = _http("302 Found", told, f"location: https://else.example/?who={reason}\r\n")
            case "lying encoding":
                answer = _http("200 OK", told, "content-encoding: gzip\r\n")
            case "cut off":
                writer.write(_http("200 OK", told)[:-20])
                return False
            case "no HTTP":
                writer.write(told)
                return False
            case _:
                return False
        writer.write(answer)
        return True

    def _good(self, path: str, about: str) -> dict[str, Any]:
        if path == "/checkouts/preview":
            sums = {"subtotal": 1900, "discount": 0, "tax": None, "total_amount": 1900}
            line = {
                "product_id": "prod_corpus", "name": "Corpus", "quantity": 1, "currency": "USD",
                "discounted_price": 1900, "is_subscription": False, "is_usage_based": False, "og_price": 1900,
            }  # fmt: skip
            return {
                "billing_country": "US", "currency": "USD", "current_breakup": sums, "is_byop": False,
                "product_cart": [line], "tax_id_err_msg": f"{self.person.get('tax_id')} is not valid",
            }  # fmt: skip
        if path == "/checkouts":
            session_id = f"cks_corpus{self.answered}"
            return {"session_id": session_id, "checkout_url": f"https://pay.example/{session_id}?{about}", **SECRETS}
        if path.startswith("/checkouts/"):
            contact = {"customer_email": self.person.get("email"), "customer_name": self.person.get("name")}
            return {"id": path.rpartition("/")[2], "payment_status": "succeeded", **contact}
        if path == "/payments":
            row = {"payment_id": "pay_1", "checkout_session_id": None, "metadata": self.person}
            return {"items": [row, row | {"customer": self.person}]}
        return {"items": [{"product_id": "prod_corpus", "name": "Corpus", "is_recurring": False, "price": 1900}]}


def _http(status: str, content: bytes, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(content)}\r\n{headers}\r\n".encode() + content


@asynccontextmanager
async def running_echo() -> AsyncGenerator[EchoingApi]:
    """The API on a free port."""
    api = EchoingApi()
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield api
    finally:
        server.close()
        for writer in list(api._open):
            writer.transport.abort()
        await asyncio.sleep(0)
