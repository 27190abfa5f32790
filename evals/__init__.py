"""Tasks for an agent with this server's tools: ``uv run python -m evals``. See docs/evals.md."""
