"""What callers mean by words that the payment API does not take: tables of meaning, and no guess by spelling."""
