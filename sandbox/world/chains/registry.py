"""Makes the world's chains, fresh or as a snapshot has them."""

from collections.abc import Mapping

from sandbox.world.chains.base import Chain
from sandbox.world.chains.cellframe.chain import KEY as CELLFRAME
from sandbox.world.chains.cellframe.chain import CellframeChain
from sandbox.world.chains.evm.chain import EvmChain
from sandbox.world.chains.evm.spec import EVM_SPECS
from sandbox.world.chains.tron.spec import TRON_SPEC
from sandbox.world.clock import WorldClock
from sandbox.world.json_types import JsonObject


def make_chains(
    clock: WorldClock, snapshots: Mapping[str, JsonObject], *, mines: bool
) -> dict[str, Chain]:
    """`mines`: fresh ones make blocks by themselves. ValidationError when a snapshot is broken."""
    chains: dict[str, Chain] = {}
    for spec in (*EVM_SPECS, TRON_SPEC):
        chains[spec.key] = EvmChain(spec, clock, snapshots.get(spec.key), mines=mines)
    chains[CELLFRAME] = CellframeChain(clock, snapshots.get(CELLFRAME), mines=mines)
    return chains
