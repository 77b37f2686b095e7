"""Payment by transfers to the operator's own addresses: the rules of it."""
