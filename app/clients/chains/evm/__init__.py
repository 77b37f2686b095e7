"""Ethereum and its relatives behind the ports, over JSON-RPC."""
