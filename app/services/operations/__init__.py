"""What operators do in the shop: prices, codes, corrections, and finding a user."""
