"""Transactions that users watch: followed on their chains, shown in cards."""
