"""Bulk actions: for many subscriptions at once, each of them exactly once."""
