"""What each value of each key of the policy says, and calls that show it: by key, in the order of the file."""

from collections.abc import Mapping, Sequence

from policy_rules.amounts import AMOUNTS
from policy_rules.confirming import CONFIRMING
from policy_rules.lists import LISTS
from policy_rules.tries import Rule
from policy_rules.windows import WINDOWS

RULES: Mapping[str, Sequence[Rule]] = {**AMOUNTS, **LISTS, **CONFIRMING, **WINDOWS}
