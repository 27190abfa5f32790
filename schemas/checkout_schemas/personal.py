"""The marker of fields that say who the buyer is."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "name", "email", "phone", "address", "tax_id", "business_name", "customer_id", "metadata", "label", "url"
]


@dataclass(frozen=True, slots=True)
class Personal:
    """Put into ``Annotated[...]``: the value is personal and is masked in ``repr`` and ``str``."""

    kind: Kind
