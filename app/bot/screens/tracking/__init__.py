"""What the tracker shows: the lookup of a hash, its card, the list, diagnosis, notifications."""
