"""TRON behind the ports, over java-tron's JSON-RPC, which is Ethereum's with exceptions."""
