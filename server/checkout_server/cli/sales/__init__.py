"""``sales``: lists what was sold, refused and left unknown; ``sales settle`` ends what is unknown."""
