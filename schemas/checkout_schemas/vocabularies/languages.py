"""Languages that the hosted checkout page speaks (the provider's guide, example 14)."""

LANGUAGES = frozenset("ar ca zh nl en fr de he id it ja ko ms pl pt ro ru es sv th tr".split())
