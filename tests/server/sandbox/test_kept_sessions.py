"""The embedded sandbox of a folder: one for its servers, at a port that it keeps, with sessions that outlive them."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from checkout_server.app import desk as opening
from checkout_server.app import open_desk
from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.checkout.ledger.sqlite import SqliteLedger
from checkout_server.cli.doctor.command import environment_of
from checkout_server.listening.loopback import bound_socket
from checkout_server.sandbox.embedded import running_kept_sandbox
from checkout_server.sandbox.kept import KEPT, SandboxFile, Seal
from checkout_server.sandbox.payments import Typed
from checkout_server.sandbox.sessions import Sandbox
from checkout_server.settings import Settings, load_settings

CLEAR = Seal(lambda content, _context: content, lambda sealed, _context: sealed)
ADDONS = [{"addon_id": "addon_seat", "quantity": 2}]
ORDER: dict[str, Any] = {
    "product_cart": [{"product_id": "prod_team_plan", "quantity": 1, "addons": ADDONS}],
    "customer": {"email": "buyer@example.com", "name": "Ada"},
    "short_link": True,
}


def kept(folder: Path) -> SandboxFile:
    return SandboxFile(folder / "ledger.db.sandbox", CLEAR)


def settings(folder: Path, **others: str) -> Settings:
    unset = {each.alias: each.default for each in Settings.model_fields.values() if each.alias is not None}
    return load_settings(**unset | {"CHECKOUT_LEDGER": str(folder / "ledger.db")} | others)


async def order(url: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http:
        return (await http.post("/checkouts", json=ORDER)).raise_for_status().json()


async def title(url: str) -> str:
    async with httpx2.AsyncClient() as http:
        return (await http.get(url)).text.partition("<h1>")[2].partition("</h1>")[0]


@pytest.mark.requirement("sandbox.kept")
def test_everything_about_a_session_is_read_as_it_was_written(tmp_path: Path) -> None:
    sandbox = Sandbox()
    session = sandbox.create(ORDER | {"custom_fields": [{"key": "k", "label": "L", "field_type": "text"}]})
    sandbox.pay(session, "failed", error_code="LOST_CARD")
    typed = Typed(email="b@c.de", name="", changes={"discount_codes": ["SAVE20"]}, answers={"k": "v"})
    sandbox.pay(session, "requires_customer_action", typed=typed)
    payment = sandbox.pay(session, "succeeded")
    sandbox.refund(payment, 5, "why")
    sandbox.dispute(payment)
    kept(tmp_path).save(session)
    assert kept(tmp_path).sessions(sandbox.clock()) == [session]


@pytest.mark.requirement("sandbox.kept")
async def test_pages_open_again_at_their_address_after_a_restart(tmp_path: Path) -> None:
    async with running_kept_sandbox(kept(tmp_path)) as url:
        made = await order(url)
    async with running_kept_sandbox(kept(tmp_path)) as again:
        assert again == url
        assert await title(made["checkout_url"]) == "Checkout"
        async with httpx2.AsyncClient() as http:
            await http.post(f"{url}/session/{made['session_id']}/pay")
    async with running_kept_sandbox(kept(tmp_path)):
        assert await title(made["checkout_url"]) == "Payment received"


@pytest.mark.requirement("sandbox.kept")
async def test_two_servers_of_a_folder_share_a_sandbox_and_the_second_goes_on_alone(tmp_path: Path) -> None:
    async with AsyncExitStack() as second:
        async with running_kept_sandbox(kept(tmp_path)) as url:
            assert await second.enter_async_context(running_kept_sandbox(kept(tmp_path))) == url
            made = await order(url)
        async with asyncio.timeout(30):
            while True:
                try:
                    assert await title(made["checkout_url"]) == "Checkout"
                except httpx2.ConnectError:  # between the two
                    await asyncio.sleep(0.01)
                else:
                    break


@pytest.mark.requirement("sandbox.kept")
async def test_servers_that_start_at_once_share_a_sandbox(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        starting = [stack.enter_async_context(running_kept_sandbox(kept(tmp_path))) for _ in range(4)]
        assert len(set(await asyncio.gather(*starting))) == 1


@pytest.mark.requirement("sandbox.kept")
def test_a_place_is_taken_by_the_quicker_of_two(tmp_path: Path) -> None:
    quicker, slower = kept(tmp_path), kept(tmp_path)
    taken = quicker.take_place(4011, instead_of=None)
    assert slower.take_place(4012, instead_of=None) is None
    assert slower.place() == taken


@pytest.mark.requirement("sandbox.kept")
async def test_another_program_at_the_port_is_left_alone(tmp_path: Path) -> None:
    async with running_kept_sandbox(kept(tmp_path)) as url:
        pass
    with bound_socket("127.0.0.1", int(url.rpartition(":")[2])) as other:
        other.listen()

        async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{"mark": "x"}')
            writer.close()

        async with (
            await asyncio.start_server(refuse, sock=other.dup()),
            running_kept_sandbox(kept(tmp_path)) as elsewhere,
        ):
            assert elsewhere != url
            assert await title((await order(elsewhere))["checkout_url"]) == "Checkout"


@pytest.mark.requirement("sandbox.kept")
def test_what_is_old_or_of_another_version_or_key_is_left_out(tmp_path: Path) -> None:
    sandbox, file = Sandbox(), kept(tmp_path)
    session = sandbox.create(ORDER)
    file.save(session)
    unreadable = SandboxFile(tmp_path / "ledger.db.sandbox", Seal(CLEAR.close, lambda _sealed, _context: None))
    changed = SandboxFile(tmp_path / "ledger.db.sandbox", Seal(CLEAR.close, lambda _sealed, _context: b"{}"))
    assert unreadable.sessions(sandbox.clock()) == changed.sessions(sandbox.clock()) == []
    assert file.sessions(session.created_at + KEPT) == [session]
    assert file.sessions(datetime.now(UTC) + KEPT + timedelta(days=1)) == []
    assert file.sessions(session.created_at) == []


@pytest.mark.requirement("sandbox.kept")
async def test_a_server_opens_its_pages_again_before_any_call_and_nothing_of_a_buyer_is_in_the_file(
    tmp_path: Path,
) -> None:
    async with open_desk(settings(tmp_path)) as desk:
        made = await desk.gateway.create(ORDER)
    assert b"buyer@example.com" not in (tmp_path / "ledger.db.sandbox").read_bytes()
    assert made.checkout_url is not None
    async with open_desk(settings(tmp_path)), asyncio.timeout(30):
        while True:
            try:
                assert await title(made.checkout_url) == "Checkout"
            except httpx2.ConnectError:  # it is starting
                await asyncio.sleep(0.01)
            else:
                break


@pytest.mark.requirement("sandbox.kept")
async def test_a_file_that_cannot_be_used_costs_the_memory_and_not_the_sandbox_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    monkeypatch.setattr(opening, "emit", events.append)
    (tmp_path / "ledger.db.sandbox").write_text("not a database, and longer than the header of one" * 9)
    async with open_desk(settings(tmp_path)) as desk:
        assert (await desk.gateway.create(ORDER)).checkout_url
    assert events == ["sandbox.in_memory"]


@pytest.mark.requirement("sandbox.kept")
async def test_beside_postgresql_it_is_in_memory_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    monkeypatch.setattr(opening, "emit", events.append)
    ours = settings(tmp_path, CHECKOUT_LEDGER="postgresql://seller@127.0.0.1:1/shop", CHECKOUT_SECRET_KEYS="ab" * 32)

    async def open_ledger(_url: object, _path: object) -> Ledger:
        return await SqliteLedger.open(tmp_path / "instead.db")

    monkeypatch.setattr(opening, "_open_ledger", open_ledger)
    async with open_desk(ours) as desk:
        assert (await desk.gateway.create(ORDER)).checkout_url
    assert events == ["sandbox.in_memory"]
    assert list(tmp_path.glob("*.sandbox")) == []
    assert "end with the server" in environment_of(ours).sentence
