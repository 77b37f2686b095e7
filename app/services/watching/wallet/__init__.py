"""Beside a transaction: what it costs, whose addresses are told of arrivals, the bridge."""
