"""The command line: serve, doctor, settings, plans, promo, sandbox."""
