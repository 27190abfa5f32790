"""From a call's raw arguments to a request model, or to all of its problems at once."""

from checkout_schemas.parsing.arguments import parse

__all__ = ["parse"]
