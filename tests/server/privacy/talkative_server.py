"""The command line, with libraries that say all they know and a defect that is hit now and then.

Run as a script with the arguments of the command line.
"""

import logging
import sys
import traceback
import warnings
from typing import Any

from checkout_server.cli import main
from checkout_server.gateway.client import Gateway

talkative = logging.getLogger("httpx2")
create, get_session = Gateway.create, Gateway.get_session


async def telling(self: Gateway, body: Any) -> Any:
    talkative.debug("sending %s", body)
    talkative.warning(f"sending {body}", extra={"body": body})
    warnings.warn(f"body {body}", stacklevel=2)
    print(body, file=sys.stderr)  # noqa: T201 - what it is there for
    try:
        raise KeyError(str(body))
    except KeyError:
        logging.getLogger(f"buyer.{body.get('customer')}").exception("for %r", body)
        traceback.print_exc()
    return await create(self, body)


async def crashing(self: Gateway, session_id: str) -> Any:
    if session_id.startswith("crash"):
        raise RuntimeError(f"cannot read {session_id}") from ValueError(session_id)
    return await get_session(self, session_id)


Gateway.create, Gateway.get_session = telling, crashing
raise SystemExit(main(sys.argv[1:]))
