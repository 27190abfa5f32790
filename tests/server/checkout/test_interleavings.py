"""Random interleavings of sales, faults, crashes, restarts and clock jumps, on two servers that share a ledger."""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pydantic import SecretStr

from checkout_schemas.errors import InvalidArguments
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.checkout.account import MerchantAccount
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.ledger.ledger_key import LedgerKey
from checkout_server.checkout.ledger.sqlite import SqliteLedger
from checkout_server.checkout.policy.document import Confirm, Policy
from checkout_server.checkout.quote.preview import preview_checkout
from checkout_server.checkout.refusals import CheckoutRefusal, PreviewUsedUp
from checkout_server.checkout.sale.guards import complete_sale, prepare_sale
from checkout_server.checkout.sale.lease import LEASE_SECONDS
from checkout_server.checkout.sessions.lookup import look_up_sale
from checkout_server.gateway.client import Gateway
from checkout_server.gateway.errors import GatewayError
from checkout_server.privacy.sealing import Sealer
from checkout_server.tools.failures import explain
from examples import examples
from fault_cases import CASES
from faulty_upstream import FaultyUpstream, hold, no_fault
from orders import CONFIRMED, HOSTED, ORDER

ResultT = TypeVar("ResultT")
FAULTS = sorted(CASES.keys() - {"hang past the deadline", "slow answer"})
"""Those that take no time."""
JUMPS = (-3600.0, -61.0, 30.0, 61.0, 1000.0)
PLAIN = {"session", "outcome_unknown", "preview_used"}
UNATTENDED = Policy(confirm=Confirm(mode="unattended"))
"""What a person says is not what this is about."""

one_of_two = st.integers(0, 1)


class World:
    """What outlives an example: the loop, the upstream, the connections and the file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.db"
        self.runner = asyncio.Runner()
        self.upstream = FaultyUpstream()
        self.sealer = Sealer([bytes(32)])
        self._stack = AsyncExitStack()
        self.run(self._stack.enter_async_context(self.upstream.running()))
        self.gateway = Gateway(base_url=self.upstream.url, api_key=SecretStr("test_key"))
        self._stack.push_async_callback(self.gateway.aclose)

    def run(self, work: Awaitable[ResultT]) -> ResultT:
        async def awaited() -> ResultT:
            return await work

        return self.runner.run(awaited())

    def close(self) -> None:
        self.run(self._stack.aclose())
        self.runner.close()


class Dying:
    """The ledger of a process that dies before it records anything more."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def finish(self, *_arguments: Any, **_named: Any) -> bool:
        raise LedgerUnavailable("It is dead.")


class Sales(RuleBasedStateMachine):
    """Two servers sell; what they say is held against what the upstream really made."""

    previews: Bundle[str] = Bundle("previews")

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.upstream = world, world.upstream
        self.upstream.fault = no_fault
        self.upstream.forget()
        self.jumped = 0.0
        self.known: list[str] = []
        self.told: dict[str, str] = {}
        """The session that somebody was told of, by preview."""
        self.sold_confirmed: dict[str, bool] = {}
        """Whether that session was asked for with ``confirm``: calls that differ in it get nothing of it."""
        self.desks = [self.run(self._open()) for _ in range(2)]

    def run(self, work: Awaitable[ResultT]) -> ResultT:
        return self.world.run(work)

    async def _open(self) -> Desk:
        ledger = await SqliteLedger.open(self.world.path)
        return Desk(
            environment="test_mode", gateway=self.world.gateway, ledger=ledger, sealer=self.world.sealer,
            account=MerchantAccount("fingerprint"), common_policy=UNATTENDED,
            ledger_key=LedgerKey(ledger, self.world.sealer),
            clock=lambda: time.time() + self.jumped,
        )  # fmt: skip

    def teardown(self) -> None:
        for desk in self.desks:
            self.run(desk.ledger.close())

    @rule(target=previews, server=one_of_two)
    def preview(self, server: int) -> str:
        quoted = self.run(preview_checkout(PreviewCheckout.model_validate(ORDER), self.desks[server]))
        self.known.append(quoted.preview_id)
        return quoted.preview_id

    @rule(fault=st.sampled_from(FAULTS))
    def break_or_mend(self, fault: str) -> None:
        self.upstream.fault = CASES[fault].fault

    @rule(seconds=st.sampled_from(JUMPS))
    def clock_jumps(self, seconds: float) -> None:
        self.jumped += seconds

    @rule(server=one_of_two)
    def restart(self, server: int) -> None:
        self.run(self.desks[server].ledger.close())
        self.desks[server] = self.run(self._open())

    @rule(preview_id=previews, confirmed=st.booleans(), server=one_of_two)
    def create(self, preview_id: str, confirmed: bool, server: int) -> None:
        self._sell(preview_id, (confirmed, server))

    @rule(preview_id=previews, one=st.booleans(), two=st.booleans())
    def create_on_both_servers_at_once(self, preview_id: str, one: bool, two: bool) -> None:
        self._sell(preview_id, (one, 0), (two, 1), (one, 0))

    @rule(preview_id=previews, confirmed=st.booleans(), server=one_of_two)
    def die_while_the_answer_is_awaited(self, preview_id: str, confirmed: bool, server: int) -> None:
        """And start again when the lease of its claim, if it took one, is over."""
        self.run(self._die(preview_id, confirmed, self.desks[server]))
        self.restart(server)
        self.jumped += LEASE_SECONDS
        self.look_up(preview_id, server)

    @rule(preview_id=previews, server=one_of_two)
    def look_up(self, preview_id: str, server: int) -> None:
        status = self.run(look_up_sale(GetCheckoutSession(preview_id=preview_id), self.desks[server])).status
        made = self.upstream.sessions_of(preview_id)
        if status.session_id is not None:
            assert status.session_id in made
            assert status.session_id == self.told.setdefault(preview_id, status.session_id)
        elif status.status in {"not_created", "refused"}:
            assert made == set()
        else:
            assert status.status == "unknown"
            assert not (made and self._was_confirmed(preview_id)), "its payment is in the list"

    @invariant()
    def a_confirmed_preview_is_sent_once_and_nothing_else_with_it(self) -> None:
        for preview_id in self.known:
            assert not self._was_confirmed(preview_id) or self.upstream.posts_of(preview_id) == 1

    def _was_confirmed(self, preview_id: str) -> bool:
        posts = (body for body in self.upstream.posts if body["metadata"]["mcp_preview_id"] == preview_id)
        return any(body.get("confirm") for body in posts)

    def _sell(self, preview_id: str, *calls: tuple[bool, int]) -> None:
        """Ask for a creation, several times at once, and hold what is told against what was made."""
        before, sent = self.upstream.sessions_of(preview_id), self.upstream.posts_of(preview_id)
        known = self.told.get(preview_id)
        creations = [self._create(preview_id, confirmed, self.desks[server]) for confirmed, server in calls]
        results = self.run(_all(creations))
        made = self.upstream.sessions_of(preview_id)
        for (confirmed, _), (_, session_id) in zip(calls, results, strict=True):
            if session_id is not None:
                assert session_id in made
                assert session_id == self.told.setdefault(preview_id, session_id)
                assert confirmed is self.sold_confirmed.setdefault(preview_id, confirmed)
        if not {word for word, _ in results} & PLAIN:
            assert made == before, "a clean refusal, and yet a session"
        if "preview_expired" in {word for word, _ in results}:
            assert made == set(), "called expired, and yet a session"
        if known is not None:
            assert {session_id for _, session_id in results} <= {known, None}
            assert {word for word, _ in results} <= {"session", "preview_used", "preview_expired"}
            assert self.upstream.posts_of(preview_id) == sent

    async def _create(self, preview_id: str, confirmed: bool, desk: Desk) -> tuple[str, str | None]:
        rest = CONFIRMED if confirmed else HOSTED
        request = CreateCheckoutSession.model_validate({"preview_id": preview_id, **rest})
        try:
            sold = await complete_sale(await prepare_sale(request, desk), None, desk)
        except (CheckoutRefusal, GatewayError, InvalidArguments, PreviewUsedUp) as error:
            return explain(error, "create_checkout_session").code, None
        return "session", sold.outcome.session_id

    async def _die(self, preview_id: str, confirmed: bool, desk: Desk) -> None:
        mended, self.upstream.fault = self.upstream.fault, hold
        self.upstream.arrived.clear()
        ledger, dying = desk.ledger, Dying(desk.ledger)
        desk.ledger = dying  # pyright: ignore[reportAttributeAccessIssue] - it passes everything on
        creating = asyncio.create_task(self._create(preview_id, confirmed, desk))
        arriving = asyncio.create_task(self.upstream.arrived.wait())
        await asyncio.wait({creating, arriving}, return_when=asyncio.FIRST_COMPLETED)
        tasks: set[asyncio.Task[Any]] = {*desk.creations.tasks(), arriving, creating}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        desk.ledger, self.upstream.fault = ledger, mended


async def _all(works: Iterable[Awaitable[ResultT]]) -> list[ResultT]:
    return await asyncio.gather(*works)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.mark.requirement("once.proof", "once.crash", "once.concurrent")
@pytest.mark.hypothesis
def test_whatever_happens_in_whatever_order_what_is_told_is_true_and_charged_once(world: World) -> None:
    run_state_machine_as_test(
        lambda: Sales(world),  # pyright: ignore[reportArgumentType] - a factory will do
        settings=hypothesis_settings(max_examples=examples(50), stateful_step_count=15, deadline=None, database=None),
    )
