"""TRON: one ledger behind java-tron's JSON-RPC and behind its HTTP API."""
