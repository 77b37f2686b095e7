"""Background loops: their table is app/bootstrap/workers.py, and each round calls use cases."""
