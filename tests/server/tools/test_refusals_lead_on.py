"""A refused call says what leads on: an agent that follows it literally comes to a sale, or to a person."""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any, NamedTuple, get_args

import httpx2
import pytest

from checkout_schemas.errors import ErrorCode
from checkout_server.checkout.policy.document import Limits
from checkout_server.gateway.errors import NotSent
from literal_agent import CREATE, PREVIEW, STATUS, LiteralAgent
from orders import CONFIRMED, HOSTED, ORDER, TWO
from sale_world import ShopWorld
from shops import Person, Shop

QUOTE, CHECKOUTS = "/checkouts/preview", "/checkouts"


class Scene(NamedTuple):
    """What an agent meets."""

    code: str
    retry: str
    """Of the first refusal."""
    ends: str
    """With a ``sale``, or with a ``person``."""
    order: dict[str, Any] = ORDER
    rest: dict[str, Any] = HOSTED
    start: str = CREATE
    arrange: "Callable[[Around], Awaitable[None]] | None" = None
    """What happens after the preview."""
    policy: str = ""
    person: str | None = "accept"
    """What the person in the client answers; None for a client without one."""


class Around(ShopWorld):
    """The world of a scene, in which what is set to pass passes as time does."""

    shop: Shop
    agent: LiteralAgent
    passing: Callable[[], None] | None = None

    async def wait(self, seconds: float) -> None:
        await super().wait(seconds)
        if seconds and self.passing is not None:
            self.passing()


async def sold_before(around: Around) -> None:
    arguments = {"preview_id": around.agent.preview_id, **HOSTED, "metadata": {"order": "7"}}
    await around.shop.call(CREATE, arguments)


async def paid_before(around: Around) -> None:
    await sold_before(around)
    told = await around.shop.call(STATUS, {"preview_id": around.agent.preview_id})
    await around.open_page(told["checkout_url"])


async def refused_without_confirm(around: Around) -> None:
    around.shop.upstream.statuses[CHECKOUTS] = 422
    await around.shop.refusal(CREATE, {"preview_id": around.agent.preview_id, **HOSTED})
    del around.shop.upstream.statuses[CHECKOUTS]


async def stricter_policy(around: Around) -> None:
    limits = Limits(max_quantity=1)
    around.desk.common_policy = around.desk.common_policy.model_copy(update={"limits": limits})


async def dearer(around: Around) -> None:
    def rewrite(quote: Any) -> Any:
        quote["current_breakup"]["total_amount"] += 1
        return quote

    around.shop.upstream.rewrites[QUOTE] = rewrite


async def another_id(around: Around) -> None:
    around.agent.preview_id = "prv_nobodys"


async def another_session(around: Around) -> None:
    around.agent.session_id = "cks_nobodys"


async def hour_is_full(around: Around) -> None:
    await around.shop.call(CREATE, {"preview_id": await around.shop.preview_id()})


def fails(path: str, status: int, code: str = "", *, passes: bool = False, once: bool = False) -> Any:
    """The API answers with this from now on, until time passes, or once."""

    async def arrange(around: Around) -> None:
        upstream = around.shop.upstream

        def end() -> None:
            upstream.statuses.pop(path, None)
            upstream.rewrites.pop(path, None)

        def rewrite(_answer: Any) -> Any:
            if once:
                end()
            return {"code": code, "message": "no"}

        upstream.statuses[path], upstream.rewrites[path] = status, rewrite
        around.passing = end if passes else None

    return arrange


def unreachable(*, passes: bool) -> Any:
    """No connection can be made for a creation."""

    async def arrange(around: Around) -> None:
        gateway: Any = around.desk.gateway
        create = gateway.create

        async def no_connection(_body: Any) -> Any:
            raise NotSent("create")

        def end() -> None:
            gateway.create = create

        gateway.create = no_connection
        around.passing = end if passes else None

    return arrange


WITH_CODE = ORDER | {"discount_codes": ["SAVE20"]}
SCENES: dict[str, Scene] = {
    "preview_used, unpaid": Scene("preview_used", "new_preview", "sale", arrange=sold_before),
    "preview_used, paid": Scene("preview_used", "do_not_retry", "sale", arrange=paid_before),
    "price_changed": Scene(
        "price_changed", "new_preview", "sale", arrange=dearer, policy="[preview]\nrequote_after_seconds = 0"
    ),
    "approval_required, hosted page": Scene("approval_required", "fix_and_retry", "sale", rest=CONFIRMED, person=None),
    "approval_required, above the amount": Scene(
        "approval_required", "do_not_retry", "person", person=None, policy="[confirm]\nask_above = { USD = 1000 }"
    ),
    "approval_declined": Scene("approval_declined", "do_not_retry", "person", rest=CONFIRMED, person="decline"),
    "policy_denied, a country": Scene(
        "policy_denied", "ask_human", "person", start=PREVIEW, policy='[allow]\ncountries = ["GB"]'
    ),
    "policy_denied, a code": Scene(
        "policy_denied", "ask_human", "person", WITH_CODE, start=PREVIEW, policy="[allow]\ndiscount_codes = []"
    ),
    "policy_denied, at creation": Scene("policy_denied", "ask_human", "person", TWO, arrange=stricter_policy),
    "policy_denied, confirm": Scene(
        "policy_denied", "fix_and_retry", "sale", rest=CONFIRMED, policy='[confirm]\nmode = "never"'
    ),
    "policy_denied, the hour": Scene(
        "policy_denied", "retry_later", "sale", arrange=hour_is_full, policy="[limits]\ncreations_per_hour = 1"
    ),
    "gateway_refused, a code": Scene(
        "gateway_refused", "ask_human", "person", WITH_CODE,
        arrange=fails(CHECKOUTS, 422, "DISCOUNT_CODE_EXPIRED", once=True),
    ),
    "gateway_refused, a charge with a code": Scene(
        "gateway_refused", "ask_human", "person", WITH_CODE, CONFIRMED,
        arrange=fails(CHECKOUTS, 422, "DISCOUNT_CODE_EXPIRED", once=True),
    ),
    "gateway_refused, a charge": Scene(
        "gateway_refused", "new_preview", "person", rest=CONFIRMED,
        arrange=fails(CHECKOUTS, 422, "INVALID_REQUEST_BODY"),
    ),
    "gateway_refused, no reason": Scene(
        "gateway_refused", "do_not_retry", "person", arrange=fails(CHECKOUTS, 422, "STRANGE")
    ),
    "gateway_refused, an id": Scene(
        "gateway_refused", "fix_and_retry", "person", start=STATUS, arrange=another_session
    ),
    "rate_limited": Scene("rate_limited", "retry_later", "sale", arrange=fails(CHECKOUTS, 429, passes=True)),
    "rate_limited for ever": Scene("rate_limited", "retry_later", "person", arrange=fails(CHECKOUTS, 429)),
    "rate_limited charge": Scene(
        "outcome_unknown", "do_not_retry", "person", rest=CONFIRMED, arrange=fails(CHECKOUTS, 429, passes=True)
    ),
    "outcome_unknown, and charged all the same": Scene(
        "outcome_unknown", "do_not_retry", "sale", rest=CONFIRMED, arrange=fails(CHECKOUTS, 500, passes=True)
    ),
    "not_authorized": Scene("not_authorized", "do_not_retry", "person", arrange=fails(CHECKOUTS, 401)),
    "not_authorized charge": Scene(
        "not_authorized", "do_not_retry", "person", rest=CONFIRMED, arrange=fails(CHECKOUTS, 401)
    ),
    "gateway_unavailable": Scene(
        "gateway_unavailable", "retry_later", "sale", start=PREVIEW, arrange=fails(QUOTE, 503, passes=True)
    ),
    "gateway_unavailable for ever": Scene(
        "gateway_unavailable", "retry_later", "person", start=PREVIEW, arrange=fails(QUOTE, 503)
    ),
    "no connection": Scene("gateway_unavailable", "retry_later", "sale", arrange=unreachable(passes=True)),
    "no connection for ever": Scene("gateway_unavailable", "retry_later", "person", arrange=unreachable(passes=False)),
    "no connection for a charge": Scene(
        "gateway_unavailable", "new_preview", "sale", rest=CONFIRMED, arrange=unreachable(passes=True)
    ),
    "no connection for a charge for ever": Scene(
        "gateway_unavailable", "new_preview", "person", rest=CONFIRMED, arrange=unreachable(passes=False)
    ),
    "outcome_unknown": Scene("outcome_unknown", "retry_later", "sale", arrange=fails(CHECKOUTS, 500, passes=True)),
    "outcome_unknown for ever": Scene("outcome_unknown", "retry_later", "person", arrange=fails(CHECKOUTS, 500)),
    "preview_not_found": Scene("preview_not_found", "new_preview", "sale", arrange=another_id),
    "confirm after an attempt without it": Scene(
        "invalid_request", "fix_and_retry", "sale", rest=CONFIRMED, arrange=refused_without_confirm
    ),
}  # fmt: skip


ELSEWHERE = {
    "preview_required": "whoever has a preview_id to send is not refused so",
    "preview_expired": "a state of a sale: test_no_dead_ends.py",
}


@pytest.mark.requirement("sale.states")
def test_every_code_has_a_scene_or_a_reason_for_none() -> None:
    assert {scene.code for scene in SCENES.values()} == {*get_args(ErrorCode)} - ELSEWHERE.keys()


@pytest.mark.requirement("sale.states")
@pytest.mark.parametrize("name", SCENES)
async def test_who_follows_a_refusal_literally_comes_to_a_sale_or_to_a_person(open_memory_shop: Any, name: str) -> None:
    scene = SCENES[name]
    person = Person(scene.person) if scene.person is not None else None
    async with (
        open_memory_shop(person=person, policy=scene.policy) as shop,
        httpx2.AsyncClient(trust_env=False, verify=False) as browser,
    ):
        around = Around(shop.client, shop.desk, browser)
        around.shop, around.agent = shop, LiteralAgent(around, deepcopy(scene.order), deepcopy(scene.rest))
        if scene.start != PREVIEW:
            around.agent.preview_id = (await shop.call(PREVIEW, scene.order))["preview_id"]
        if scene.arrange is not None:
            await scene.arrange(around)
        ending = await around.agent.run(scene.start)
        first = around.answers[0]["error"]
        assert (first["code"], first["retry"]) == (scene.code, scene.retry)
        paid = around.answers[-1].get("status") == "paid"
        assert (ending.kind, paid) == (("end", True) if scene.ends == "sale" else ("person", False)), ending.calls
