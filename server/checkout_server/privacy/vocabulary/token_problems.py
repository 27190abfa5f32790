"""Why a request over HTTP was refused before it was a call."""

from typing import Literal

TokenProblem = Literal[
    "missing", "malformed", "algorithm", "unknown_key", "signature", "expired", "not_yet_valid", "audience", "issuer",
    "claims", "bound", "unknown_token",
]  # fmt: skip
"""What is wrong with the token of a request."""
AuthorizationProblem = TokenProblem | Literal["insufficient_scope", "through_a_proxy"]
