"""Clients that no vendor ships: raw JSON-RPC over stdio, and requests that a server should never see."""

import json
import signal
from asyncio.subprocess import Process
from dataclasses import dataclass
from typing import Any

import httpx2

from privacy_corpus import Buyer


@dataclass
class Server:
    """A process that serves."""

    process: Process
    url: str

    async def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        await self.process.wait()


class RawClient:
    """Speaks JSON-RPC over stdio, and rubbish."""

    def __init__(self, server: Server) -> None:
        assert server.process.stdin is not None
        assert server.process.stdout is not None
        self.input, self.output = server.process.stdin, server.process.stdout
        self.number = 0

    def line(self, text: str) -> None:
        self.input.write(text.encode() + b"\n")

    def send(self, **message: Any) -> None:
        self.line(json.dumps({"jsonrpc": "2.0"} | message, ensure_ascii=False))

    async def request(self, method: str, **params: Any) -> Any:
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        while (answer := json.loads(await self.output.readline())).get("id") != self.number:
            pass
        return answer.get("result")

    async def ask(self, tool: str, given: dict[str, Any]) -> Any:
        return await self.request(
            "tools/call", name=tool, arguments=given, _meta={"progressToken": "buyer@mail.example"}
        )

    async def rubbish(self, buyer: Buyer) -> None:
        """A handshake by somebody, and what no client sends."""
        about = {"clientInfo": {"name": buyer.name, "version": buyer.email}, "capabilities": {buyer.email: {}}}
        await self.request("initialize", protocolVersion="2025-06-18", **about)
        self.send(method="notifications/initialized")
        self.line(f"{buyer.name} <{buyer.email}>")
        self.line(f'{{"jsonrpc":"2.0","id":"{buyer.email}","method":5,"who":"{buyer.name}"')
        self.send(method="notifications/cancelled", params={"requestId": buyer.email, "reason": buyer.note})
        self.send(method=f"notifications/{buyer.email}", params={"name": buyer.name})
        self.send(method="notifications/progress", params={"progressToken": buyer.name})
        await self.request(buyer.email, who=buyer.name)
        await self.request("tools/call", name=buyer.email, arguments={"name": buyer.name})
        await self.request("tools/call", name="list_products", arguments=buyer.note)
        await self.request("prompts/get", name=buyer.name, arguments={buyer.email: buyer.note})
        await self.request("prompts/get", name="sell_a_product", arguments={"product": buyer.note})
        await self.request("resources/read", uri=f"mailto:{buyer.email}")
        await self.request("completion/complete", ref={"type": buyer.name}, argument={"name": buyer.email})


async def rubbish_over_http(url: str, buyer: Buyer) -> None:
    accept = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    plain = "".join(filter(str.isascii, buyer.email))
    call = {"jsonrpc": "2.0", "id": buyer.email, "method": buyer.name, "params": {buyer.note: buyer.email}}
    async with httpx2.AsyncClient(trust_env=False) as http:
        await http.post(url, params={"who": buyer.email}, json=call, headers=accept)
        await http.post(url, content=f'{{"who": "{buyer.name}", "email": "{buyer.email}"', headers=accept)
        await http.post(url, json=call, headers=accept | {"mcp-session-id": plain, "last-event-id": plain})
        await http.post(url, json=call, headers=accept | {"mcp-protocol-version": plain, "mcp-method": plain})
        await http.post(url, json=call, headers=accept | {"origin": f"https://{plain}.example", "host": plain})
        await http.post(url, json=[call, buyer.note], headers={"content-type": plain, "user-agent": plain})
        await http.post(f"{url}/{buyer.email}/{buyer.name}", json=call, headers={"authorization": plain})
        await http.get(url, params={"who": buyer.name}, headers={"cookie": f"who={plain}"})
        await http.delete(url, headers={"mcp-session-id": plain})
