"""The loops: each chain followed, what becomes of transactions, and what of it is told."""
