"""Arguments of ``get_checkout_session``."""

from typing import Annotated

from pydantic import Field

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.fields import Id, WaitSeconds


class GetCheckoutSession(RequestModel):
    """Which session to look up: by one of the two ids."""

    session_id: Annotated[Id | None, Field(description="from create_checkout_session")] = None
    preview_id: Annotated[Id | None, Field(description="also after outcome_unknown")] = None
    wait_seconds: Annotated[WaitSeconds | None, Field(description="seconds, below your client's time-out")] = None
