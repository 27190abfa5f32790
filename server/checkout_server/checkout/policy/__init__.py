"""What the operator allows: read from a TOML file, explained in words, enforced at preview and at creation."""
