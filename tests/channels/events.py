"""Our own events with what does not belong into them."""

import logging
import sys
from types import ModuleType
from typing import Any

from channels.registry import channel, library


@channel("event.undeclared", dropped=1)
def undeclared_event(secret: str) -> None:
    from checkout_server.privacy.logs.events import emit

    emit(secret)  # pyright: ignore[reportArgumentType] - what pyright would see


@channel("tool.finished", tool="list_products", dropped=4)
def wrong_fields(secret: str) -> None:
    from checkout_server.privacy.logs.events import emit

    wrong: dict[str, Any] = {
        "preview_id": secret,
        "buyer": secret,
        "status": secret,
        "paths": [f"product_cart[0].{secret}"],
    }
    emit("tool.finished", tool="list_products", **wrong)


@channel("privacy.withheld", where="pydantic")
def personal_value_in_an_allowed_field(secret: str) -> None:
    module = ModuleType("prompts.get")
    module.__file__ = "/templates/prompts/get.py"
    sys.modules[module.__name__] = module
    library.handle(library.makeRecord(library.name, logging.WARNING, module.__file__, 1, secret, (), None))
