"""Telegram's side of the world: the Bot API and the delivery of updates."""
