"""The body of an answer, of which no more is unpacked than an answer can hold.

The client's own unpacking turns a chunk of 64 KB into as much as it was packed from at once, which can be gigabytes.
"""

import zlib

import httpx2

MAX_ANSWER_BYTES = 4 * 1024 * 1024
ACCEPT_ENCODING = "gzip"
"""The one encoding that is asked for and read."""

_AS_IT_IS = frozenset({"", "identity"})
_PACKED = frozenset({"gzip", "x-gzip"})
_GZIP = 16 + zlib.MAX_WBITS
"""What zlib calls the gzip format."""


async def read_body(response: httpx2.Response, *, most: int = MAX_ANSWER_BYTES) -> bytes | None:
    """The body; None when it is larger than an answer, or packed in another way or wrongly."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in _AS_IT_IS | _PACKED:
        return None
    unpacking = zlib.decompressobj(_GZIP) if encoding in _PACKED else None
    content = bytearray()
    async for chunk in response.aiter_raw():
        try:
            content += chunk if unpacking is None else unpacking.decompress(chunk, most + 1 - len(content))
        except zlib.error:
            return None
        if len(content) > most:
            return None
    return bytes(content)
