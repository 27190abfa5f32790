"""What there is to sell: the products listed for the model, and those remembered for their billing cycles."""
