"""The generated parts of the documents: ``uv run python -m docs.generate``. Each is compared whole in a test."""
