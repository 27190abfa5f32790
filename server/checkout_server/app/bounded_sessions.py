"""Sessions of the older protocol era, as many as a process can hold and no caller can take from others."""

from typing import Any

from mcp.server.auth.middleware.bearer_auth import AuthorizationContext
from mcp.server.streamable_http import StreamableHTTPServerTransport
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

MOST_OF_A_PRINCIPAL = 20
MOST_OF_A_PROCESS = 1000
"""Sessions that are open at the same time: each takes some 40 KiB."""
IDLE_SECONDS = 1800.0
"""How long a session without a request stays open. Many clients never end theirs."""


class NoRoom(Exception):
    """As many sessions are open as may be. Nothing was sent to the client."""


class BoundedSessions(StreamableHTTPSessionManager):
    """The SDK's sessions. One that would be too many is an exception here instead of a 503, so that its request can be
    answered without it."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, session_idle_timeout=IDLE_SECONDS, max_sessions=None, **options)

    def _admit_session(self, requestor: AuthorizationContext | None) -> StreamableHTTPServerTransport | None:
        """Called under the SDK's lock, so that no two requests take the last place.

        Raises:
            NoRoom: this would be one session too many, of all or of the principal's.
        """
        if len(self._server_instances) >= MOST_OF_A_PROCESS or self._count_of(requestor) >= MOST_OF_A_PRINCIPAL:
            raise NoRoom
        return super()._admit_session(requestor)

    def _count_of(self, requestor: AuthorizationContext | None) -> int:
        """The sessions of a principal, whichever programs they use; 0 where nobody says who they are."""
        if requestor is None:
            return 0
        return sum(_principal(owner) == _principal(requestor) for owner in self._session_owners.values())


def _principal(owner: AuthorizationContext) -> tuple[str | None, str | None]:
    return owner["issuer"], owner["subject"]
