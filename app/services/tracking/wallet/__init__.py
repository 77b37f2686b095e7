"""Beside a transaction: fees, bound addresses with their incoming transfers, bridges."""
