"""The bot's own pages on the web: its texts, and questions with answers."""
