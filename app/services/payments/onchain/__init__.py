"""Payment by transfers on chains to the operator's own addresses."""
