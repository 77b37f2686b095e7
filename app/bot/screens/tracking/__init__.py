"""What the tracker shows: looking for a hash, its card, the list, the diagnosis, the letters."""
