"""Customers whom the payment API knows by an id: who they are to this server, and what they have saved."""
