"""The HTTP client of the payment API."""
