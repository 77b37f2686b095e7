"""Tollgate: sells VPN access in a Telegram bot and never loses a paid order."""

__version__ = "0.2.0"
