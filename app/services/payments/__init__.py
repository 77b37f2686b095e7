"""How money comes and goes back: invoices, events and polling, settlement, refunds, payouts."""
