"""Reading the form that a page of the sandbox posted."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from checkout_server.sandbox.answering import MAX_BODY_BYTES


async def read_form(request: Request) -> dict[str, str]:
    """The fields by name; the last of a name counts.

    Raises:
        HTTPException: 413, the form is too large.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise HTTPException(413)
    return dict(parse_qsl(content.decode(errors="replace"), keep_blank_values=True))
