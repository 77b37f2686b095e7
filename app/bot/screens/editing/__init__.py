"""Editing the shop, as operators see it."""
