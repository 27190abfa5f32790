"""The sandbox's front page: what it sells, a cart to try it with, and what was sold so far."""
