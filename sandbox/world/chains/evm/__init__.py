"""An Ethereum-like chain in memory, with a pool, blocks and reorgs, behind JSON-RPC."""
