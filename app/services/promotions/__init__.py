"""Access that is given: trials, invitations, and the entry of promo codes."""
