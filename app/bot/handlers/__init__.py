"""What happens at each command, tap and letter, one file a noun."""
