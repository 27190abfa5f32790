"""What this product promises, id by id: the source and one sentence each. See ``requirements.py``."""
