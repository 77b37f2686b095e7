"""Finds an EVM chain of the world among all its chains."""

from sandbox.world.chains.evm.chain import EvmChain
from sandbox.world.world import World


def get_evm_chain(world: World, key: str) -> EvmChain:
    """Of the world as it is now: a restored one has other chains."""
    chain = world.chains[key]
    if not isinstance(chain, EvmChain):
        raise TypeError(f"{key} is no EVM chain")
    return chain
