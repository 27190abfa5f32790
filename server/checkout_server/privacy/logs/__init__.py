"""What this process writes: declared events, and nothing of what others write."""
