"""Follows each chain, and derives milestones and notifications from what it finds."""
