"""Where previews are stored, with how their creation ended."""
