"""Background loops, one file a worker; each only calls a use case."""
