"""The contract: what the tools take and give, as pydantic models, and the JSON Schemas made from them."""
