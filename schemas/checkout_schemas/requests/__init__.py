"""What the tools take. No field exists in both preview_checkout and create_checkout_session."""
