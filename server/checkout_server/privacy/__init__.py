"""Sealing of orders at rest, and what may be logged or shown."""
