"""Orders: what is bought at which price, and what a sale sets off."""
