"""Small changes to the domain, the policy and the contract, and whether a test notices each of them."""
