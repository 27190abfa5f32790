"""What comes after a session: the provider's events, who is woken by them, and the page that the buyer returns to."""
