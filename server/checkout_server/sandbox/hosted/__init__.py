"""The hosted checkout page: what a buyer sees, fills in and pays."""
