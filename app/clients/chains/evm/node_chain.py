"""A chain of nodes that speak Ethereum's JSON-RPC, or a dialect of it."""

from collections.abc import Sequence
from typing import ClassVar

from app.clients.chains.evm.heads import UnknownTags
from app.clients.chains.evm.recipients import RecipientInspection
from app.clients.chains.pooled import PooledChain
from app.clients.chains.rpc.jsonrpc import JsonRpc
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import PoolTimings
from app.domain.chains import ChainSpec


class NodeChain(RecipientInspection, PooledChain):
    """`urls` in order of preference."""

    _protocol: ClassVar[type[JsonRpc]] = JsonRpc

    def __init__(
        self, spec: ChainSpec, urls: Sequence[str], *, timings: PoolTimings | None = None
    ) -> None:
        if spec.chain_id is None:
            raise ValueError(f"{spec.key}: no chain id")
        self._spec = spec
        protocol = self._protocol(spec.chain_id)
        self._pool = RpcPool(spec.key, urls, protocol, block_time=spec.block_time, timings=timings)
        self._unknown_tags = UnknownTags()
