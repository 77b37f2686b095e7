"""What happens at each command, tap and message, one file a noun."""
