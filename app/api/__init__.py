"""HTTP: the two webhooks, health and metrics."""
