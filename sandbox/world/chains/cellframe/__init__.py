"""A Cellframe node in memory, old or new, that answers as the real ones do."""
