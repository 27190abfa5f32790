"""The sale of a previewed order. ``guards.py`` is the page to open first."""
