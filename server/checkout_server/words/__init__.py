"""What buyers read: the return page and the sandbox's hosted page, one file for each language of ``force_language``."""
