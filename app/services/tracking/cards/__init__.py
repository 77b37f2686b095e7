"""Watches and the messages that show them: begun, drawn, explained, ended."""
