"""The command line: serve, doctor, settings, plans, promo, backup, restore, sandbox."""
