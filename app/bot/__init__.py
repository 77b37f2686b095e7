"""Everything that Telegram shows."""
