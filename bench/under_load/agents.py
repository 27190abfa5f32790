"""Agents with real clients, who sell through replicas that die and a database that is restarted."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from fault_cases import MODES, accept, call, word
from issuers import Issuer
from orders import CONFIRMED, ORDER
from under_load.team import Team

PREVIEW, CREATE, STATUS = "preview_checkout", "create_checkout_session", "get_checkout_session"
PRINCIPALS = 8
CALL_SECONDS = 60.0
"""A call answers within 50."""
AWAY_SECONDS = 0.2
"""After a broken connection."""
INVENTED = {"preview_id": "prv_AbCdEfGhIjKlMnOp", "session_id": "cks_AbCdEfGhIjKlMnOp"}
NOT_RECORDED = "could not be recorded here yet"
STATUS_ALONE = {"environment", "status", "next_step"}
"""What anybody is told of a session that the ledger does not know."""
SAME = ("code", "message", "retry")


@dataclass
class Attempt:
    """A preview that was asked to be sold, and what was told of it."""

    preview_id: str
    subject: str
    confirmed: bool
    calls: int = 0
    told: str = ""
    """By the last call: ``session`` or the code of an error."""
    session_ids: set[str] = field(default_factory=set[str])
    is_recorded: bool = True
    """Whether the ledger had the session when its caller was given it."""

    @property
    def sale(self) -> dict[str, Any]:
        buyer = {"customer": {"email": f"{self.preview_id}@example.com", "name": "Buyer"}}
        return {"preview_id": self.preview_id, **(CONFIRMED if self.confirmed else buyer)}

    def note(self, answer: dict[str, Any]) -> None:
        self.told = word(answer)
        if "session_id" in answer:
            self.session_ids.add(answer["session_id"])
            self.is_recorded = not any(NOT_RECORDED in warning for warning in answer.get("warnings", ()))


@dataclass
class Run:
    """What the agents share: the replicas, what was asked to be sold, and answers that were another principal's."""

    team: Team
    issuer: Issuer
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    strangers: Counter[str] = field(default_factory=Counter[str])
    """How questions about another principal's preview or session ended."""
    wrong_principal: list[str] = field(default_factory=list[str])
    broken: Counter[str] = field(default_factory=Counter[str])
    """Connections, by what broke them."""
    unlike: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """The answers to ids that nobody was given, by what was asked."""
    is_over: bool = False

    @asynccontextmanager
    async def client(self, subject: str, replica: int, mode: str = "auto") -> AsyncGenerator[Client]:
        headers = {"authorization": f"Bearer {self.issuer.token(sub=subject)}"}
        async with (
            httpx2.AsyncClient(headers=headers, trust_env=False, timeout=CALL_SECONDS) as http,
            Client(
                streamable_http_client(self.team.urls[replica], http_client=http),
                mode=mode,
                elicitation_callback=accept,
            ) as client,
        ):
            yield client

    async def learn_what_is_unknown(self) -> None:
        async with self.client("somebody@example.com", 0) as client:
            for asked, arguments in questions(INVENTED["preview_id"], INVENTED["session_id"]).items():
                self.unlike[asked] = same_part(await call(client, asked.partition(" ")[0], **arguments))


def questions(preview_id: str, session_id: str | None) -> dict[str, dict[str, Any]]:
    """All that can be asked with somebody's ids, by the tool and the id."""
    asked = {f"{CREATE} preview_id": {"preview_id": preview_id}, f"{STATUS} preview_id": {"preview_id": preview_id}}
    return asked | ({f"{STATUS} session_id": {"session_id": session_id}} if session_id else {})


def same_part(answer: dict[str, Any]) -> dict[str, Any]:
    """What of an answer is the same each time."""
    error = answer.get("error")
    return {"error": {name: error.get(name) for name in SAME}} if error else answer


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__


class Agent:
    """One client of one principal in one era, which sells until the run is over."""

    def __init__(self, run: Run, number: int) -> None:
        self._run = run
        self._mode = MODES["2026" if number % 2 else "2025"]
        self._replica = number // 2
        self._subject = f"agent-{number // 4 % PRINCIPALS}@example.com"
        self._chance = random.Random(number)  # noqa: S311 - a plan, and no secret
        self._open: Attempt | None = None
        """Asked for, and not answered yet."""

    async def sell_until_over(self) -> None:
        """Whenever the connection breaks, go on at the next replica, as behind a balancer."""
        run = self._run
        while not run.is_over or self._open is not None:
            replica = self._replica % len(run.team.replicas)
            try:
                async with asyncio.timeout(None) as patience, run.client(self._subject, replica, self._mode) as client:
                    while not run.is_over or self._open is not None:
                        patience.reschedule(asyncio.get_running_loop().time() + CALL_SECONDS)
                        await self._step(client)
            except Exception as error:  # noqa: BLE001 - a connection that breaks ends in errors of many kinds
                run.broken[_innermost(error)] += 1
                self._replica += 1
                await asyncio.sleep(AWAY_SECONDS)

    async def _step(self, client: Client) -> None:
        if self._open is None:
            cart = [{**ORDER["product_cart"][0], "quantity": self._chance.randint(1, 1000)}]
            quoted = await call(client, PREVIEW, **ORDER | {"product_cart": cart})
            if "preview_id" not in quoted:
                return
            confirmed = self._chance.random() < 0.5
            self._open = Attempt(quoted["preview_id"], self._subject, confirmed)
            self._run.attempts.append(self._open)
        attempt = self._open
        attempt.calls += 1
        attempt.note(await call(client, CREATE, **attempt.sale))
        self._open = None
        await self._pry(client)

    async def _pry(self, client: Client) -> None:
        """Ask for what another principal was given."""
        others = [each for each in self._run.attempts[-100:] if each.subject != self._subject]
        if not others:
            return
        other = self._chance.choice(others)
        for asked, arguments in questions(other.preview_id, next(iter(other.session_ids), None)).items():
            answer = await call(client, asked.partition(" ")[0], **arguments)
            told = word(answer)
            if not other.is_recorded and answer.keys() == STATUS_ALONE:
                told = "status of a session that is not recorded yet"
            self._run.strangers[told] += 1
            is_allowed = told != word(answer) or told == "gateway_unavailable"
            if same_part(answer) != self._run.unlike[asked] and not is_allowed:
                self._run.wrong_principal.append(f"{asked} {other.preview_id}: {answer}")
