"""What the chat shows: pure functions from data to a Screen, one file a noun."""
