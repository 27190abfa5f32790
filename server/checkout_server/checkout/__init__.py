"""The domain: guardrails, ledger, quoting and creation."""
