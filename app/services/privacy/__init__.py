"""A user's own data: its export and its erasure."""
