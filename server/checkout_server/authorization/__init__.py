"""Who may call over HTTP, and what: bearer tokens, their scopes, and how a request without them is answered."""
