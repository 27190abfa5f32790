"""``policy``: explains what an agent may do here, checks a policy file, and tries one on a cart."""
