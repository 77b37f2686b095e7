"""The endpoints of one chain: keeps watch over them, and asks the best, then the next."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from app.clients.chains.rpc.calls import RpcAnswer, RpcCall, RpcProtocol
from app.clients.chains.rpc.choice import EndpointChoice, find_least_unfit
from app.clients.chains.rpc.endpoint import Endpoint
from app.clients.chains.rpc.endpoint_address import name_addresses
from app.clients.chains.rpc.endpoint_status import describe_endpoint
from app.clients.chains.rpc.faults import PASSING_FAULTS, EndpointError, Fault, FaultKind
from app.clients.chains.rpc.pinned import Pinned
from app.clients.chains.rpc.timings import PoolTimings, make_retrying
from app.clients.chains.rpc.transport import HttpTransport
from app.core.metrics import RPC_LAG
from app.core.side_by_side import run_side_by_side
from app.domain.chain_ports import EndpointStatus
from app.domain.ports import UnavailableError

__all__ = ["Pinned", "RpcPool"]

_TRIES = 5  # rounds over all candidates: 1, 2, 4, 8 s between them


class RpcPool:
    """`urls` in order of preference, at least one."""

    def __init__(
        self,
        chain: str,
        urls: Sequence[str],
        protocol: RpcProtocol,
        *,
        block_time: timedelta,
        timings: PoolTimings | None = None,
    ) -> None:
        self._chain = chain
        self._timings = timings or PoolTimings()
        self._choice = EndpointChoice(block_time)
        self._transport = HttpTransport()
        self._endpoints = [
            Endpoint(chain, address, protocol, self._transport, self._timings)
            for address in name_addresses(urls)
        ]

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def pin(self) -> Pinned:
        """The best endpoint for a pass. Raises UnavailableError when none answers."""
        return Pinned((await self._require_candidates())[0], self, self._timings)

    async def call(self, call: RpcCall) -> RpcAnswer:
        """One answer from any endpoint: the next candidate on failure, then all once more.

        Raises UnavailableError.
        """
        patience = self._timings.patience
        async for attempt in make_retrying(
            self._timings, tries=_TRIES, patience=patience, when=PASSING_FAULTS.__contains__
        ):
            with attempt:
                return await self._ask_in_turn(call)
        raise AssertionError  # tenacity ends by returning or raising

    async def _ask_in_turn(self, call: RpcCall) -> RpcAnswer:
        errors = []
        for endpoint in await self._require_candidates():
            [answer] = await endpoint.ask_many([call])
            if not isinstance(answer, Fault):
                return answer
            errors.append(endpoint.error(answer))
            if answer.kind is FaultKind.OURS:
                raise errors[-1]
        # One that may pass outweighs one that won't.
        raise min(errors, key=lambda error: error.kind not in PASSING_FAULTS)

    async def check(self) -> None:
        """Raise UnavailableError when every endpoint is out, whatever the reason."""
        await self._probe_due()
        if not any(self._choice.is_fit(endpoint.health) for endpoint in self._endpoints):
            states = ", ".join(f"{one.name} {one.state}" for one in self.list_endpoints())
            raise UnavailableError(f"{self._chain}: {states}")

    def list_endpoints(self) -> list[EndpointStatus]:
        """In the order of preference that was configured."""
        best = self._choice.best_head(self._endpoints)
        return [
            describe_endpoint(one.name, one.health, best, self._choice) for one in self._endpoints
        ]

    async def _require_candidates(self) -> list[Endpoint]:
        await self._probe_due()
        return self._choice.candidates(self._endpoints) or [await self._require_last_resort()]

    async def _require_last_resort(self) -> Endpoint:
        """The last one is never dropped; its chain is checked first."""
        endpoint = find_least_unfit(self._endpoints)
        if endpoint and not endpoint.health.is_checked:
            await endpoint.probe(early=True)
        if endpoint is None or not endpoint.health.is_checked:
            raise self._no_endpoint_error(endpoint)
        return endpoint

    def _no_endpoint_error(self, last: Endpoint | None) -> EndpointError:
        if last is None or last.health.is_wrong_chain:
            return EndpointError(f"{self._chain}: all are of another chain", FaultKind.OURS)
        reported = f"{last.name}: {last.health.last_error}"
        return EndpointError(f"{self._chain}: no endpoint answers: {reported}", FaultKind.TRANSIENT)

    async def ask_others(self, first: Endpoint, call: RpcCall) -> list[RpcAnswer]:
        """What those say that are worth asking, as far as is known; side by side, once each."""
        others = self._list_others(first)
        reported = await asyncio.gather(*(one.ask_many([call]) for one in others))
        return [answer for [answer] in reported if not isinstance(answer, Fault)]

    async def find_others(self, first: Endpoint) -> list[Endpoint]:
        """Whose answers are worth something, the best first; each was probed just now."""
        others = [one for one in self._endpoints if one is not first]
        await asyncio.gather(*(one.probe() for one in others if one.health.is_approachable))
        return self._list_others(first)

    def _list_others(self, first: Endpoint) -> list[Endpoint]:
        candidates = self._choice.candidates(self._endpoints)
        return [one for one in candidates if one is not first and one.health.is_ready]

    async def find_witness(self, first: Endpoint) -> Endpoint:
        """Another one; the same where it is the only one. Its head was asked for just now."""
        others = [endpoint for endpoint in self._endpoints if endpoint is not first]
        if not others:
            await first.probe()
            return first
        known = self._list_others(first)
        rest = [one for one in others if one not in known and one.health.is_approachable]
        for endpoint in known + rest:
            if await endpoint.probe() and endpoint in self._list_others(first):
                return endpoint
        raise UnavailableError(f"{self._chain}: no second endpoint to ask")

    async def _probe_due(self) -> None:
        """Side by side, each bounded in time."""
        due = [endpoint for endpoint in self._endpoints if endpoint.health.is_due_for_probe]
        await run_side_by_side(one.probe() for one in due)
        for status in self.list_endpoints():
            RPC_LAG.labels(self._chain, status.name).set(status.lag or 0)
