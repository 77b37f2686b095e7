"""The shop's tables as CSV files, at the command line and in the chat."""
