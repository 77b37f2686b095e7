"""The outside world behind the ports; no database here."""
