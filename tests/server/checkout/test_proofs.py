"""What an answer to a creation proves, and what it does not."""

from pathlib import Path

import pytest

from fault_cases import FaultyUpstream, call, create_then_answer, opened, word
from orders import CONFIRMED, ORDER

CREATE = "create_checkout_session"


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize("status", [408, 499])
async def test_a_request_timeout_of_a_proxy_does_not_prove_that_nothing_was_charged(
    tmp_path: Path, status: int
) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, _desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        upstream.fault = create_then_answer(status, {})
        result = await call(client, CREATE, preview_id=preview_id, **CONFIRMED)
        assert word(result) == "outcome_unknown", result["error"]["retry"]
