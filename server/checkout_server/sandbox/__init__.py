"""The embedded stand-in for the payment API, with a hosted checkout page. Its prices and taxes are made up.

It knows nothing of the rest of the server, so that it can be a witness for it.
"""
