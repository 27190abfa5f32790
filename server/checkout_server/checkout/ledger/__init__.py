"""The memory of previews and of how their creation ended."""
