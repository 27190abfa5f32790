"""Whether this process has the keys that the others of the ledger seal with."""

from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.sealing import KeyUnusable, Sealer

_OTHER_KEYS = (
    "CHECKOUT_SECRET_KEYS has none of the keys that the ledger is sealed with; add the key of its other servers (a"
    " generated one is in the file beside the ledger), or, if it is lost, name another ledger in CHECKOUT_LEDGER."
)
_NO_KEYS = (
    "The ledger is sealed with a key of CHECKOUT_SECRET_KEYS, which is not set; set it as for the ledger's other"
    " servers, or, if the key is lost, name another ledger in CHECKOUT_LEDGER."
)


async def check_keys(ledger: Ledger, sealer: Sealer, *, generated: bool, serves: bool = True) -> None:
    """Make sure that what the ledger's servers seal can be opened here.

    The probe is where the first key of the server that started last came from, and the key's fingerprint. So a new key
    that was added behind the old one, and then put before it, can stand alone at last. A generated key that was lost
    is replaced: the orders of its last previews are lost with it, and nothing else.

    Args:
        ledger: holds the probe.
        sealer: with the keys of this process.
        generated: whether the keys are those of the file beside the ledger.
        serves: whether this is a server. What an operator runs beside them, with keys of an earlier step of a rotation,
            must not take the probe back to that step.

    Raises:
        KeyUnusable: the ledger is sealed with another key.
        LedgerUnavailable: the ledger cannot be used.
    """
    fingerprints = _fingerprints(sealer)
    probe = f"{'generated' if generated else 'set'} {fingerprints[0]}"
    while (found := await ledger.find_key_probe()) != probe:
        origin, _, fingerprint = (found or probe).partition(" ")
        if fingerprint not in fingerprints:
            if not generated:
                raise KeyUnusable(_OTHER_KEYS)
            if origin != "generated":
                raise KeyUnusable(_NO_KEYS)
            emit("ledger.key_lost")
        if not serves or await ledger.store_key_probe(probe, instead_of=found):
            return


async def has_keys(ledger: Ledger, sealer: Sealer) -> bool:
    """Whether what the server that started last seals can be opened here.

    Raises:
        LedgerUnavailable: the ledger cannot be used.
    """
    found = await ledger.find_key_probe()
    return found is not None and found.partition(" ")[2] in _fingerprints(sealer)


def _fingerprints(sealer: Sealer) -> list[str]:
    return sealer.fingerprints(b"", purpose="key probe")
