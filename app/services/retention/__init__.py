"""What is kept for a while only, deleted in small batches."""
