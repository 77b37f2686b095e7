"""Makes the world's chains, moves them, and notifies the page of what has changed."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandbox.world.chains.base import Chain
from sandbox.world.chains.cellframe.chain import KEY as CELLFRAME
from sandbox.world.chains.cellframe.chain import CellframeChain
from sandbox.world.chains.evm.chain import EvmChain
from sandbox.world.chains.evm.spec import EVM_SPECS
from sandbox.world.clock import WorldClock
from sandbox.world.json_types import JsonObject

if TYPE_CHECKING:
    from sandbox.world.world import World

# Also the most often that the page is notified of one chain.
_TICK_SECONDS = 0.25


def make_chains(
    clock: WorldClock, snapshots: Mapping[str, JsonObject], *, mines: bool
) -> dict[str, Chain]:
    """`mines`: fresh ones make blocks by themselves. ValidationError when a snapshot is broken."""
    chains: dict[str, Chain] = {}
    for spec in EVM_SPECS:
        chains[spec.key] = EvmChain(spec, clock, snapshots.get(spec.key), mines=mines)
    chains[CELLFRAME] = CellframeChain(clock, snapshots.get(CELLFRAME), mines=mines)
    return chains


async def run_chains(world: "World") -> None:
    told = {key: chain.revision for key, chain in world.chains.items()}
    while True:
        await asyncio.sleep(_TICK_SECONDS)
        # Asked anew each time, because a restored world has other chains.
        for key, chain in world.chains.items():
            chain.tick()
            if chain.revision != told.get(key):
                told[key] = chain.revision
                world.hub.publish("chain", key=key, chain=chain.view())
