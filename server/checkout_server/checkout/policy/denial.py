"""What a policy refuses of a call."""

from typing import Annotated

from pydantic import Field

from checkout_schemas.errors import Problem
from checkout_server.privacy.vocabulary.fields import PolicyRule


class Denial(Problem):
    """A problem, and the policy's key that makes it one: for the log, while the model reads the sentence."""

    rule: Annotated[PolicyRule, Field(exclude=True)]
