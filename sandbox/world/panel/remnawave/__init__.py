"""Remnawave's side of the world: 3.x, or 2.8 where a test sets its version so."""
