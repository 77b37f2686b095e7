"""Cellframe as the product sees it: its gateways together."""

from collections.abc import Sequence
from dataclasses import replace

from app.clients.chains.cellframe.asking import Asker
from app.clients.chains.cellframe.commands import get_fee
from app.clients.chains.cellframe.models import FeesModel, read
from app.clients.chains.cellframe.protocol import CellframeProtocol
from app.clients.chains.cellframe.reader import CellframeReader
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import Timings
from app.domain.chain_ports import EndpointStatus, NetworkFee, Sighting
from app.domain.chains import ChainSpec
from app.domain.ports import UnavailableError


class CellframeChain:
    """`urls` in order of preference. Close it with `aclose`."""

    def __init__(
        self, spec: ChainSpec, urls: Sequence[str], *, timings: Timings | None = None
    ) -> None:
        self._spec = spec
        self._protocol = CellframeProtocol(spec.network)
        self._asker = Asker(self._protocol)
        self._pool = RpcPool(
            spec.key, urls, self._protocol, block_time=spec.block_time, timings=timings
        )

    @property
    def spec(self) -> ChainSpec:
        return self._spec

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def check(self) -> None:
        await self._pool.check()

    def list_endpoints(self) -> list[EndpointStatus]:
        """A lonely node is compared with what it says of its network."""
        endpoints = self._pool.list_endpoints()
        if len(endpoints) > 1 or not self._protocol.behind:
            return endpoints
        return [
            replace(one, lag=self._protocol.behind, state="lagging") if one.state == "ok" else one
            for one in endpoints
        ]

    async def pin(self) -> CellframeReader:
        return CellframeReader(self._spec.network, await self._pool.pin(), self._asker)

    async def find(self, tx_hash: str) -> Sighting | None:
        reader = await self.pin()
        try:
            seen = await _look(reader, tx_hash)
        except UnavailableError:
            return await _look(await reader.other(), tx_hash)
        if seen is not None:
            return seen
        # One that lags does not know what others do.
        try:
            other = await reader.other()
            return None if other.endpoint == reader.endpoint else await _look(other, tx_hash)
        except UnavailableError:
            return None

    async def get_network_fee(self) -> NetworkFee:
        command = get_fee(self._spec.network)
        answer = await self._asker.ask(self._pool, command)
        return read(FeesModel, command.method, answer).to_network_fee()


async def _look(reader: CellframeReader, tx_hash: str) -> Sighting | None:
    return (await reader.get_sightings([tx_hash]))[tx_hash]
