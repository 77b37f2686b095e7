"""Everything that leaves for Telegram: the bot, its chain of session middlewares, the sender."""
