"""What an error of the gateway may say: nothing from outside."""

import traceback
from collections.abc import Awaitable
from typing import Any

import pytest

from checkout_server.gateway.errors import GatewayError

SECRETS = ("NOBODY_MAY_SEE_THIS", "buyer@example.com", "4242", "127.0.0.1", "http://", "req_leak me")


async def failure_of(awaitable: Awaitable[Any]) -> GatewayError:
    """What it raises, which must be a gateway's error that says and remembers nothing from outside."""
    with pytest.raises(GatewayError) as caught:
        await awaitable
    error = caught.value
    told = "".join(traceback.format_exception(error)) + repr(error) + str(error) + repr(vars(error))
    assert [secret for secret in SECRETS if secret in told] == []
    assert (error.__cause__, error.__context__) == (None, None)
    return error
