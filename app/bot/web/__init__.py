"""What browsers show of a subscription: no framework, and nothing is asked of anybody else."""
