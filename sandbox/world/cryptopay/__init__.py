"""Crypto Pay's side of the world: invoices, their payment and the signed webhook."""
