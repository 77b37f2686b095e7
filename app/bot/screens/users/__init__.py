"""Pages about one user, for operators."""
