"""Which texts of a call may say who somebody is, and the tripwire that holds them back."""
