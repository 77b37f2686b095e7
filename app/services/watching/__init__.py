"""Transactions that people watch: followed on their chains, shown in cards, told once."""
