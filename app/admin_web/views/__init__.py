"""Pages of the operator's web, one file a noun."""
