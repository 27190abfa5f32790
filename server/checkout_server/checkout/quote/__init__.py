"""From an order to a preview: ask the API for the price, store it sealed, return its id."""
