"""On-chain payments: what buyers and operators see of them."""
