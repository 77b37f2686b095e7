"""All addresses of the chains: their nodes' and the controls'."""

from starlette.routing import Route

from sandbox.world.chains.cellframe.control import cellframe_control_routes
from sandbox.world.chains.cellframe.node import cellframe_routes
from sandbox.world.chains.evm.control import evm_control_routes
from sandbox.world.chains.evm.endpoints import evm_routes
from sandbox.world.chains.tron.endpoints import tron_routes
from sandbox.world.chains.tron.spec import TRON_SPEC
from sandbox.world.world import World


def chain_routes(world: World) -> list[Route]:
    return [
        *evm_routes(world),
        *cellframe_routes(world),
        *cellframe_control_routes(world),
        *evm_control_routes(world),
        *evm_control_routes(world, [TRON_SPEC]),
        *tron_routes(world),
    ]
