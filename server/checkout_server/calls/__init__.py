"""What belongs to one call of a tool: when it must have answered, and what it is doing."""
