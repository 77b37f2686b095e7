"""Cellframe behind the ports: a node whose JSON-RPC is a command line in disguise."""
