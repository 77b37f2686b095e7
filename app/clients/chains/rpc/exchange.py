"""One request to one endpoint, and everything that is learned from how it went."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from app.clients.chains.rpc.calls import RpcAnswer, RpcCall, RpcProtocol, RpcRefusal
from app.clients.chains.rpc.endpoint_address import EndpointAddress
from app.clients.chains.rpc.endpoint_health import EndpointHealth
from app.clients.chains.rpc.faults import Fault, FaultKind
from app.clients.chains.rpc.transport import HttpTransport
from app.core.breaker import BreakerOpenError
from app.core.metrics import RPC_CALLS, RPC_FAULTS, RPC_SECONDS

logger = structlog.get_logger()

_PUTS_OFF = frozenset({FaultKind.RATE_LIMIT, FaultKind.BILLING, FaultKind.FORBIDDEN})


class _FailedError(Exception):
    """Some call got no answer that makes sense: the breaker counts it."""


class _PutOffError(Exception):
    """It asked to be left alone: that says nothing about how it is."""


class RpcExchange:
    def __init__(
        self,
        chain: str,
        address: EndpointAddress,
        protocol: RpcProtocol,
        transport: HttpTransport,
        health: EndpointHealth,
    ) -> None:
        self._chain = chain
        self._address = address
        self._protocol = protocol
        self._transport = transport
        self._health = health

    async def ask(
        self, calls: Sequence[RpcCall], within: timedelta, *, early: bool, is_test: bool = False
    ) -> list[RpcAnswer | Fault]:
        """One request. `early` does not wait for the breaker; `is_test`: whether it is well."""
        answers: list[RpcAnswer | Fault] = []
        try:
            with self._health.breaker.guard(
                _FailedError, proves_nothing=(_PutOffError,), early=early
            ):
                answers = await self._send(calls, within)
                self._note(calls, answers)
                _report_to_breaker(calls, answers, is_test=is_test)
        except BreakerOpenError as error:
            return [Fault(FaultKind.TRANSIENT, str(error))] * len(calls)
        except (_FailedError, _PutOffError):
            pass  # meant for the breaker alone: the faults stand in the answers' places
        return answers

    async def _send(self, calls: Sequence[RpcCall], within: timedelta) -> list[RpcAnswer | Fault]:
        started = self._health.now
        body = self._protocol.encode(calls)
        got = await self._transport.post(
            self._address.at(self._protocol.locate(self._address.url, calls)),
            body,
            within=within,
            read_status=lambda status, text, retry_after: self._protocol.read_status(
                status, text, batch=len(calls), retry_after=retry_after
            ),
        )
        RPC_SECONDS.labels(self._chain, self._address.name).observe(self._health.now - started)
        if isinstance(got, Fault):
            return [self._finish(got, len(calls))] * len(calls)
        answers = self._protocol.decode(got.body, calls)
        return [self._finish(answer, len(calls), got.retry_after_seconds) for answer in answers]

    def _finish(
        self, answer: RpcAnswer | Fault, batch: int, retry_after_seconds: float | None = None
    ) -> RpcAnswer | Fault:
        if isinstance(answer, RpcRefusal):
            return RpcRefusal(answer.code, self._address.clean(answer.message))
        if not isinstance(answer, Fault):
            return answer
        # No smaller request is left to try.
        is_hopeless = answer.kind is FaultKind.SIZE and batch == 1
        kind = FaultKind.ELSEWHERE if is_hopeless else answer.kind
        seconds = answer.retry_after_seconds
        return Fault(
            kind,
            self._address.clean(answer.text),
            retry_after_seconds if seconds is None else seconds,
            is_common=answer.is_common or is_hopeless,
        )

    def _note(self, calls: Sequence[RpcCall], answers: Sequence[RpcAnswer | Fault]) -> None:
        faults: dict[FaultKind, tuple[Fault, RpcCall]] = {}
        for call, answer in zip(calls, answers, strict=True):
            if isinstance(answer, Fault):
                faults.setdefault(answer.kind, (answer, call))
            outcome = answer.kind.value if isinstance(answer, Fault) else "ok"
            RPC_CALLS.labels(self._chain, self._address.name, call.method, outcome).inc()
        for fault, call in faults.values():
            self._note_fault(fault, call, len(calls))
        if not faults:
            self._health.note_answers(len(calls))

    def _note_fault(self, fault: Fault, call: RpcCall, batch: int) -> None:
        RPC_FAULTS.labels(self._chain, self._address.name, fault.kind.value).inc()
        self._health.note_fault(fault, call, batch)
        logger.warning(
            "rpc_fault",
            chain=self._chain,
            endpoint=self._address.name,
            kind=fault.kind.value,
            method=call.method,
            batch=batch,
            error=fault.text,
        )


def _report_to_breaker(
    calls: Sequence[RpcCall], answers: Sequence[RpcAnswer | Fault], *, is_test: bool
) -> None:
    faults = [answer for answer in answers if isinstance(answer, Fault)]
    if not is_test and len(faults) == len(answers) and all(fault.is_common for fault in faults):
        raise _PutOffError  # one of the calls may be why: a harmless one is asked next
    kinds = {fault.kind for fault in faults}
    is_answered = not all(isinstance(answer, Fault) for answer in answers)
    if FaultKind.TRANSIENT in kinds and not is_answered:
        raise _FailedError
    if FaultKind.FORBIDDEN in kinds and not all(call.is_side for call in calls):
        raise _FailedError
    if kinds & _PUTS_OFF:
        raise _PutOffError
