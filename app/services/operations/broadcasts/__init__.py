"""Broadcasts: written by operators, sent by a worker to each of a segment's users."""
