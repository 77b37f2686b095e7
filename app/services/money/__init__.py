"""Every payment, sale and refund, and the ledger that they are entries of."""
