"""A preview that made a session: the same arguments get it again, others learn nothing of it."""

import asyncio
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout.refusals import CheckoutRefusal
from checkout_server.checkout.sale.guards import complete_sale, prepare_sale
from checkout_server.checkout.sale.stages import SoldSession
from orders import CONFIRMED, TWO

CREATE = "create_checkout_session"
JANE: dict[str, Any] = {
    "customer": {"email": "Jane.Doe@Example.com", "name": "Jane Doe"},
    "return_url": "https://shop.example.com/thanks",
    "metadata": {"order": "7", "shelf": 3, "gift": False},
    "allowed_payment_method_types": ["credit", "debit", "paypal"],
    "customization": {"theme": "dark", "theme_config": {"radius": "4px", "light": {"bg_primary": "#fff"}}},
    "feature_flags": {"allow_tax_id": True},
    "custom_fields": [{"key": "team", "label": "Team", "field_type": "text"}],
}

SAME: dict[str, dict[str, Any]] = {
    "the very same": {},
    "the order of names": {"metadata": {"gift": False, "shelf": 3, "order": "7"}},
    "the host of an e-mail in another case": {"customer": {"email": "Jane.Doe@EXAMPLE.com", "name": "Jane Doe"}},
    "the order of payment methods": {"allowed_payment_method_types": ["paypal", "debit", "credit"]},
    "a payment method twice": {"allowed_payment_method_types": ["paypal", "debit", "credit", "debit"]},
    "false for unset": {
        "short_link": False,
        "force_3ds": False,
        "feature_flags": {"allow_tax_id": True, "single_page": False},
    },
    "null for unset": {"cancel_url": None, "customization": JANE["customization"] | {"force_language": None}},
    "a whole number as a decimal": {"metadata": {"order": "7", "shelf": 3.0, "gift": False}},
}


@pytest.mark.requirement("preview.used")
@pytest.mark.parametrize("case", SAME)
async def test_the_same_arguments_in_other_words_get_the_session_again(open_memory_shop: Any, case: str) -> None:
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id()
        first = await shop.call(CREATE, {"preview_id": preview_id, **JANE})
        again = await shop.call(CREATE, {"preview_id": preview_id, **JANE, **SAME[case]})
        assert again == first | {"replayed": True}
        assert len(shop.upstream.created) == 1


OTHER: dict[str, tuple[dict[str, Any], list[str]]] = {
    "another buyer": ({"customer": {"email": "john@example.com"}}, ["customer.email", "customer.name"]),
    "a buyer by id": (
        {"customer": {"customer_id": "cus_123"}},
        ["customer.customer_id", "customer.email", "customer.name"],
    ),
    "the local part of an e-mail in another case": (
        {"customer": {"email": "jane.doe@example.com", "name": "Jane Doe"}},
        ["customer.email"],
    ),
    "another page to return to": ({"return_url": "https://evil.example/"}, ["return_url"]),
    "a page to cancel to": ({"cancel_url": "https://shop.example.com/"}, ["cancel_url"]),
    "other metadata": ({"metadata": {"order": "8"}}, ["metadata"]),
    "a flag": ({"feature_flags": {"allow_tax_id": True, "single_page": True}}, ["feature_flags.single_page"]),
    "a colour": (
        {"customization": {"theme": "dark", "theme_config": {"radius": "5px"}}},
        ["customization.theme_config"],
    ),
    "a question to the buyer": (
        {"custom_fields": [{"key": "team", "label": "Group", "field_type": "text"}]},
        ["custom_fields"],
    ),
    "a payment method less": ({"allowed_payment_method_types": ["credit", "debit"]}, ["allowed_payment_method_types"]),
    "a mandate of nothing": ({"mandate_min_amount_inr_paise": 0}, ["mandate_min_amount_inr_paise"]),
}


@pytest.mark.requirement("preview.used")
@pytest.mark.parametrize("case", OTHER)
async def test_other_arguments_are_refused_by_what_differs_and_learn_nothing(open_memory_shop: Any, case: str) -> None:
    changes, paths = OTHER[case]
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id()
        session = await shop.call(CREATE, {"preview_id": preview_id, **JANE})
        result = await shop.client.call_tool(CREATE, {"preview_id": preview_id, **JANE, **changes})
        error = result.structured_content["error"]
        assert (error["code"], error["retry"], [each["path"] for each in error["problems"]]) == (
            "preview_used",
            "new_preview",
            paths,
        )
        assert error["message"].index("get_checkout_session") < error["message"].index("preview_checkout")
        for secret in (session["session_id"], session["checkout_url"], "checkout_url", "jane", "john", "evil"):
            assert secret not in result.model_dump_json().lower()
        seen = await shop.call("get_checkout_session", {"preview_id": preview_id})
        assert (seen["session_id"], seen["checkout_url"]) == (session["session_id"], session["checkout_url"])
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("preview.used")
async def test_other_arguments_are_refused_over_every_transport(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id()
        await shop.call(CREATE, {"preview_id": preview_id})
        error = await shop.refusal(CREATE, {"preview_id": preview_id, "customer": {"email": "john@example.com"}})
        assert (error["code"], error["retry"]) == ("preview_used", "new_preview")
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("preview.used")
async def test_after_a_charge_other_arguments_are_told_to_stop(open_shop: Any, person: Any) -> None:
    async with open_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        await shop.call(CREATE, sale)
        error = await shop.refusal(CREATE, sale | {"metadata": {"order": "8"}})
        assert (error["code"], error["retry"]) == ("preview_used", "do_not_retry")
        assert "preview_checkout" not in error["message"]
        assert (len(person.questions), len(shop.upstream.created)) == (1, 1)


@pytest.mark.requirement("preview.used")
async def test_a_hosted_session_that_was_paid_is_no_invitation_to_sell_again(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id()}
        session = await shop.call(CREATE, sale)
        path = f"/checkouts/{session['session_id']}"
        shop.upstream.rewrites[path] = lambda answer: answer | {"payment_status": "succeeded"}
        error = await shop.refusal(CREATE, sale | {"short_link": True})
        assert (error["code"], error["retry"]) == ("preview_used", "do_not_retry")
        shop.upstream.rewrites[path] = lambda _answer: "no answer at all"
        error = await shop.refusal(CREATE, sale | {"short_link": True})
        assert (error["code"], error["retry"]) == ("preview_used", "do_not_retry")


@pytest.mark.requirement("preview.used")
async def test_a_call_beside_the_creation_gets_nothing_of_another_buyers_session(open_memory_shop: Any) -> None:
    arrived, released = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        arrived.set()
        await released.wait()

    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id()
        shop.upstream.gates["/checkouts"] = gate
        creating = asyncio.create_task(shop.call(CREATE, {"preview_id": preview_id, **JANE}))
        await arrived.wait()
        other = {"preview_id": preview_id, "customer": {"email": "john@example.com"}}
        beside = asyncio.create_task(shop.refusal(CREATE, other))
        released.set()
        session = await creating
        error = await beside
        assert error["code"] == "preview_used"
        assert session["session_id"] not in str(error)
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("preview.used")
async def test_a_call_that_was_prepared_before_the_creation_joins_it_only_with_the_same_arguments(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id()
        jane, same, john = [
            await prepare_sale(CreateCheckoutSession.model_validate({"preview_id": preview_id, **rest}), shop.desk)
            for rest in (JANE, JANE, {"customer": {"email": "john@example.com"}})
        ]
        results = await asyncio.gather(
            *(complete_sale(each, None, shop.desk) for each in (jane, same, john)), return_exceptions=True
        )
        first, joined, refused = results
        assert isinstance(first, SoldSession)
        assert isinstance(joined, SoldSession)
        assert (first.replayed, joined.replayed, joined.outcome) == (False, True, first.outcome)
        assert isinstance(refused, CheckoutRefusal)
        assert refused.code == "preview_used"
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("preview.used")
async def test_a_session_that_was_found_later_knows_its_arguments(open_memory_shop: Any, person: Any) -> None:
    """They were stored with the claim, before the answer was lost."""
    async with open_memory_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        assert (await shop.refusal(CREATE, sale))["code"] == "outcome_unknown"
        found = await shop.call("get_checkout_session", {"preview_id": sale["preview_id"]})
        again = await shop.call(CREATE, sale)
        assert (again["session_id"], again["replayed"]) == (found["session_id"], True)
        error = await shop.refusal(CREATE, sale | {"metadata": {"order": "8"}})
        assert (error["code"], error["retry"]) == ("preview_used", "do_not_retry")
        assert len(shop.upstream.created) == 1


def as_version_1_wrote_it(path: Path, desk: Any, preview_id: str, body: dict[str, Any] | None) -> None:
    """Put into the ledger what the first version of its schema knew of a creation: at most a digest of the body."""
    with closing(sqlite3.connect(path)) as ledger, ledger:
        [sealed] = ledger.execute("SELECT outcome FROM preview WHERE preview_id = ?", (preview_id,)).fetchone()
        context = f"outcome:{preview_id}"
        outcome = json.loads(desk.sealer.open(sealed, context=context))
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
        outcome["sold"] = None if body is None else hashlib.sha256(canonical).hexdigest()
        resealed = desk.sealer.seal(json.dumps(outcome).encode(), context=context)
        ledger.execute(
            "UPDATE preview SET outcome = ?, arguments = NULL, account = NULL, goods = NULL, claimed_at = NULL",
            (resealed,),
        )


@pytest.mark.requirement("preview.used")
async def test_a_digest_that_an_earlier_version_wrote_is_understood(open_memory_shop: Any, tmp_path: Path) -> None:
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id(), **JANE}
        session = await shop.call(CREATE, sale)
        as_version_1_wrote_it(tmp_path / "ledger.db", shop.desk, sale["preview_id"], shop.upstream.created[0])
        assert await shop.call(CREATE, sale) == session | {"replayed": True}
        error = await shop.refusal(CREATE, sale | {"customer": {"email": "john@example.com"}})
        assert (error["code"], [each["path"] for each in error["problems"]]) == ("preview_used", ["arguments"])


@pytest.mark.requirement("preview.used")
async def test_where_nobody_knows_who_asked_for_a_session_nobody_gets_it(open_memory_shop: Any, tmp_path: Path) -> None:
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id()}
        await shop.call(CREATE, sale)
        as_version_1_wrote_it(tmp_path / "ledger.db", shop.desk, sale["preview_id"], None)
        assert (await shop.refusal(CREATE, sale))["code"] == "preview_used"
