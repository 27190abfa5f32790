"""Only an approved sale can be sent, and only the approval makes one: pyright says so, and so does running code."""

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

import checkout_server
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale import creation
from checkout_server.checkout.sale.approval import ApprovedSale
from checkout_server.checkout.sale.caller import WaitingCaller
from checkout_server.checkout.sale.creation import create_session
from checkout_server.checkout.sale.guards import complete_sale, prepare_sale
from checkout_server.checkout.sale.stages import PreparedSale, SoldSession
from fault_cases import call, opened
from faulty_upstream import FaultyUpstream
from orders import CONFIRMED, ORDER
from type_checker import wrong_lines

CODE = """
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sale.approval import ApprovedSale, approve_sale
from checkout_server.checkout.sale.creation import create_session
from checkout_server.checkout.sale.stages import FoundSale, PreparedSale, SoldSession

async def right(prepared: PreparedSale, desk: Desk) -> SoldSession:
    approved = await approve_sale(prepared, "approved", desk)
    if isinstance(approved, SoldSession):
        return approved
    return await create_session(approved, desk)

async def wrong(prepared: PreparedSale, found: FoundSale, sold: SoldSession, desk: Desk) -> None:
    await create_session(prepared, desk)
    await create_session(found, desk)
    await create_session(sold, desk)
    await create_session(await approve_sale(prepared, "approved", desk), desk)
    ApprovedSale(prepared)
    prepared.request.emial
    prepared.order.order.product_carts
    class Forged(ApprovedSale): ...
"""


@pytest.mark.requirement("sale.types")
def test_pyright_refuses_to_send_a_sale_that_was_not_approved(tmp_path: Path) -> None:
    first = CODE.splitlines().index("    await create_session(prepared, desk)")
    assert wrong_lines(CODE, tmp_path) == list(range(first, first + 8))


def from_memory(prepared: PreparedSale) -> Any:
    """Without its constructor, as an unpickler makes one."""
    return object.__new__(ApprovedSale)


def by_duck(prepared: PreparedSale) -> Any:
    class ApprovedSale:
        def __init__(self, prepared: PreparedSale) -> None:
            self.prepared = prepared

    return ApprovedSale(prepared)


def by_inheritance(prepared: PreparedSale) -> Any:
    forged = object.__new__(type("Forged", (ApprovedSale,), {}))
    forged._prepared = prepared
    return forged


async def claim_and_send(sale: Any, desk: Desk) -> SoldSession:
    caller = WaitingCaller(None, 30.0)
    return await creation._claim_and_send(sale, caller, desk)  # pyright: ignore[reportPrivateUsage] - a way to the wire


async def send(sale: Any, desk: Desk) -> Any:
    return await creation._send(sale, None, desk)  # pyright: ignore[reportPrivateUsage] - a way to the wire


UNAPPROVED = {
    "as it was prepared": lambda prepared: prepared,
    "without its constructor": from_memory,
    "a duck": by_duck,
    "an heir": by_inheritance,
}


@pytest.mark.requirement("sale.types")
@pytest.mark.parametrize("case", UNAPPROVED)
async def test_running_code_refuses_to_send_a_sale_that_was_not_approved(case: str, tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        request = CreateCheckoutSession.model_validate({"preview_id": preview_id, **CONFIRMED})
        prepared = await prepare_sale(request, desk)
        assert isinstance(prepared, PreparedSale)
        for way in (create_session, send, claim_and_send):
            with pytest.raises((TypeError, AttributeError)):
                await way(UNAPPROVED[case](prepared), desk)
        assert upstream.posts == []
        assert [row.event for row in await desk.ledger.audit(preview_id)] == ["quoted"], "nothing was claimed"


@pytest.mark.requirement("sale.types")
async def test_nobody_makes_an_approved_sale_but_the_approval(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        request = CreateCheckoutSession.model_validate({"preview_id": preview_id, **CONFIRMED})
        prepared = await prepare_sale(request, desk)
        assert isinstance(prepared, PreparedSale)
        for forger in (None, object(), True, "approve_sale"):
            with pytest.raises(TypeError, match="only approve_sale makes an ApprovedSale"):
                ApprovedSale(prepared, forger, by_person=False)
        with pytest.raises(Exception, match="approval_required"):
            await complete_sale(prepared, None, desk)
        assert upstream.posts == []


def calls_of(name: str) -> list[str]:
    """The functions of the server in which a method of this name is called."""
    found: list[str] = []
    root = Path(inspect.getfile(checkout_server)).parent
    for path in sorted(root.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                calls = (each.func for each in ast.walk(function) if isinstance(each, ast.Call))
                if any(isinstance(each, ast.Attribute) and ast.unparse(each).endswith(name) for each in calls):
                    found.append(f"{path.relative_to(root).as_posix()}:{function.name}")
    return found


@pytest.mark.requirement("sale.types")
def test_a_creation_leaves_from_one_place_and_its_body_is_made_there() -> None:
    assert calls_of("gateway.create") == ["checkout/sale/creation.py:_send"]
    takes = inspect.signature(creation._send).parameters["sale"]  # pyright: ignore[reportPrivateUsage] - the one place
    assert takes.annotation is ApprovedSale
