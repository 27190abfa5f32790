"""The statements about static bearer tokens: see ``StaticTokens``."""

from dataclasses import fields

from checkout_server.checkout.ledger.fragments import Step
from checkout_server.checkout.ledger.static_tokens import StaticToken

TOKEN_COLUMNS = tuple(field.name for field in fields(StaticToken))

_TOKENS = f"SELECT {', '.join(TOKEN_COLUMNS)} FROM main.static_token"

STORE_TOKEN = Step(
    f"""
INSERT INTO main.static_token ({", ".join(TOKEN_COLUMNS)}) VALUES ({", ".join(f":{name}" for name in TOKEN_COLUMNS)})
ON CONFLICT (token_hash) DO NOTHING
"""
)
FIND_TOKEN = f"{_TOKENS} WHERE token_hash = :token_hash AND revoked_at IS NULL"
LIST_TOKENS = f"{_TOKENS} WHERE created_at > 0 ORDER BY created_at DESC LIMIT :most"
REVOKE_TOKEN = Step(
    "UPDATE main.static_token SET revoked_at = :now WHERE token_id = :token_id AND revoked_at IS NULL",
    done="SELECT 1 FROM main.static_token WHERE token_id = :token_id AND revoked_at = :now",
)
