"""The statements about keys: see ``KeyRecords``."""

from checkout_server.checkout.ledger.fragments import Step

FIND_LEDGER_KEY = "SELECT sealed FROM main.ledger_key"
STORE_LEDGER_KEY = Step(
    """
INSERT INTO main.ledger_key AS present (id, sealed) VALUES (1, :sealed)
ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed WHERE present.sealed = :instead_of
"""
)
FIND_KEY_PROBE = "SELECT probe FROM main.key_probe"
STORE_KEY_PROBE = Step(
    """
INSERT INTO main.key_probe AS present (id, probe) VALUES (1, :probe)
ON CONFLICT (id) DO UPDATE SET probe = excluded.probe WHERE present.probe = :instead_of
"""
)
