"""How this program is run here, for sentences that name a command to run next."""

import os

RUN_AS = "DODO_CHECKOUT_MCP_RUN_AS"
"""Set by ``run.py``, which is how a clone without uv runs the program."""


def program() -> str:
    return os.environ.get(RUN_AS, "dodo-checkout-mcp")
