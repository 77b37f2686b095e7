"""The sandbox's blockchains: two EVM chains and a Cellframe node, behind their real protocols."""
