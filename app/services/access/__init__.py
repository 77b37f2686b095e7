"""Subscriptions: granted, provisioned at the panel, reminded of, expired."""
