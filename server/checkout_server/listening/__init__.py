"""Sockets, embedded HTTP servers and signals: how a process listens and stops listening."""
