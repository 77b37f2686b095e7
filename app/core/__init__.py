"""What every layer may use: no I/O and nothing of the rest of app."""
