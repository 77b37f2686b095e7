"""One endpoint: probed for chain and head, and asked in requests of a size that it takes."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from app.clients.chains.rpc.calls import (
    RpcAnswer,
    RpcCall,
    RpcProtocol,
    RpcRefusal,
    WrongChainError,
)
from app.clients.chains.rpc.endpoint_address import EndpointAddress
from app.clients.chains.rpc.endpoint_health import EndpointHealth
from app.clients.chains.rpc.exchange import RpcExchange
from app.clients.chains.rpc.faults import EndpointError, Fault, FaultKind
from app.clients.chains.rpc.splitting import SplittableRequest
from app.clients.chains.rpc.timings import PoolTimings
from app.clients.chains.rpc.transport import HttpTransport
from app.core.breaker import Breaker
from app.core.metrics import RPC_HEAD

logger = structlog.get_logger()

_HIGHEST_HEAD = 2**63  # a liar's may be too large for a metric


class Endpoint:
    def __init__(
        self,
        chain: str,
        address: EndpointAddress,
        protocol: RpcProtocol,
        transport: HttpTransport,
        timings: PoolTimings,
    ) -> None:
        self.name = address.name
        breaker = Breaker(
            f"rpc_{chain} {address.name}", reset_after=timings.break_for, clock=timings.monotonic
        )
        self.health = EndpointHealth(breaker, protocol.max_batch, timings)
        self._chain = chain
        self._address = address
        self._protocol = protocol
        self._exchange = RpcExchange(chain, address, protocol, transport, self.health)
        self._timings = timings
        self._probing = asyncio.Lock()
        self._probes_ended = 0
        self._has_told_head = False

    def note_head(self, number: int) -> None:
        number = min(number, _HIGHEST_HEAD)
        self.health.note_head(number)
        RPC_HEAD.labels(self._chain, self.name).set(number)

    def record_invalid_answer(self, text: str) -> None:
        self.health.record_invalid_answer(self._address.clean(text))

    def error(self, fault: Fault) -> EndpointError:
        return EndpointError(f"{self._chain}: {self.name}: {fault.text}", fault.kind)

    async def probe(self, *, early: bool = False) -> bool:
        """Ask for the chain's id and the head; whether both were answered and the chain is right.

        Callers that come meanwhile share the answer. `early` does not wait for the breaker.
        """
        ended_before = self._probes_ended
        async with self._probing:
            if self._probes_ended == ended_before:
                self._has_told_head = await self._read_head(early=early)
                self.health.probed_at = self.health.now
                self._probes_ended += 1
            return self._has_told_head

    async def _read_head(self, *, early: bool) -> bool:
        started = self.health.now
        within = self._timings.probe_within
        answers = await self._ask(self._protocol.head, within, early=early)
        good = [
            RpcRefusal(0, answer.text) if isinstance(answer, Fault) and call.is_side else answer
            for call, answer in zip(self._protocol.head, answers, strict=True)
        ]
        answered = [answer for answer in good if not isinstance(answer, Fault)]
        if len(answered) < len(answers):
            return False
        try:
            head = self._protocol.read_head(answered)
        except WrongChainError as error:
            text = self._address.clean(str(error))
            self.health.note_wrong_chain(text)
            logger.error("rpc_wrong_chain", chain=self._chain, endpoint=self.name, error=text)  # noqa: TRY400 - no crash
        except ValueError:
            self.record_invalid_answer("its head is no number")
        else:
            self.health.is_wrong_chain = False
            self.health.is_ready = head.is_ready
            self.health.note_latency(self.health.now - started)
            self.note_head(head.number)
            return True
        return False

    async def ask_many(self, calls: Sequence[RpcCall]) -> list[RpcAnswer | Fault]:
        """An answer or a fault for each, in order.

        Ends with the first request that gets no answer, unless a smaller one will: its fault
        stands for all the rest.
        """
        if not self.health.is_checked:
            fault = Fault(FaultKind.TRANSIENT, f"left alone after: {self.health.last_error}")
            return [fault] * len(calls)
        answers: list[RpcAnswer | Fault] = [
            Fault(FaultKind.UNSUPPORTED, f"has no {call.method}") for call in calls
        ]
        asked = [index for index, call in enumerate(calls) if not self.health.lacks(call.method)]
        within = self._timings.answer_within
        got = await self._ask([calls[index] for index in asked], within)
        for index, answer in zip(asked, got, strict=True):
            answers[index] = answer
        return answers

    async def _ask(
        self, calls: Sequence[RpcCall], within: timedelta, *, early: bool = False
    ) -> list[RpcAnswer | Fault]:
        harmless = self._protocol.head[0]
        splittable = SplittableRequest(self._exchange, self.health, harmless, within, early=early)
        return await splittable.ask(calls)
