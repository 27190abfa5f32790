"""What a server says of itself as it starts."""

import gc

from checkout_server.privacy.logs.events import REPLICA, emit
from checkout_server.privacy.vocabulary.checks import CHECKS
from checkout_server.privacy.vocabulary.fields import Transport
from checkout_server.settings import Settings
from checkout_server.settings.loading import unknown_names

MOST_NAMED = 10
NEW_OBJECTS = 5_000
"""How many more new objects there are when garbage is looked for among them. With Python's own 700, which many calls at
the same time hold together, it was what they still needed that was looked through, for a tenth of a sale."""


def tell_started(settings: Settings, transport: Transport) -> None:
    """One event about the start, and one about variables that look like settings and are none.

    From now on garbage is collected, among what is new.
    """
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    gc.enable()
    emit(
        "server.started",
        transport=transport,
        environment=settings.environment,
        policy=settings.policy is not None,
        replica=REPLICA,
    )
    if unknown := unknown_names():
        names = [name for name in unknown if CHECKS["names"]([name])]
        emit("settings.unknown", names=names[:MOST_NAMED], count=len(unknown))
