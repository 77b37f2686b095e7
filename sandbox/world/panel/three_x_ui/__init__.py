"""3x-ui's side of the world."""
