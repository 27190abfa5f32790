"""What the provider and buyers reach from outside: the webhook and the return page, on a listener of their own."""
