"""Asks in requests that an endpoint takes, and finds the one call that spoils the others.

Some nodes answer a whole batch with HTTP 500, a page or one error because of one of its calls. It
is found by halves and left alone for a while; whether the endpoint itself is well is what one
harmless question shows.
"""

from collections import deque
from collections.abc import Sequence
from copy import copy
from datetime import timedelta
from typing import Final

from app.clients.chains.rpc.calls import RpcAnswer, RpcCall, RpcRefusal
from app.clients.chains.rpc.endpoint_health import EndpointHealth
from app.clients.chains.rpc.exchange import RpcExchange
from app.clients.chains.rpc.faults import Fault, FaultKind

_MOST_SPOILED: Final = 24  # requests: four such calls among forty, found by halves
_SPOILED_OF_SIZE: Final = 2  # so many, and no call to blame: it takes fewer in a request


class SplittableRequest:
    """Calls to one endpoint, until each has an answer or a fault. `harmless` is always answered."""

    def __init__(
        self,
        exchange: RpcExchange,
        health: EndpointHealth,
        harmless: RpcCall,
        within: timedelta,
        *,
        early: bool,
    ) -> None:
        self._exchange = exchange
        self._health = health
        self._harmless = harmless
        self._within = within
        self._early = early
        self._answers: dict[int, RpcAnswer | Fault] = {}
        self._waiting: deque[list[int]] = deque()
        self._is_well: bool | None = None  # asked when there is a doubt
        self._spoiled: list[int] = []  # calls in each request that got no answer at all
        self._size_before = copy(health.batch)
        self._has_found = False  # a call that spoils, or is too large, by itself

    async def ask(self, calls: Sequence[RpcCall]) -> list[RpcAnswer | Fault]:
        """In order. Ends with the first request that gets no answer, unless smaller ones may."""
        self._plan(calls)
        while self._waiting:
            some = self._take()
            got = await self._send([calls[index] for index in some])
            self._answers.update(zip(some, got, strict=True))
            fault = await self._sort_answers(calls, some)
            if fault is not None:
                self._give_up(fault)
        if not self._has_found and len(self._spoiled) >= _SPOILED_OF_SIZE:
            self._health.batch.note_too_large(min(self._spoiled))
        return [self._answers[index] for index in range(len(calls))]

    def _plan(self, calls: Sequence[RpcCall]) -> None:
        """One that spoiled others before is asked alone, when its turn has come again."""
        together = []
        for index, call in enumerate(calls):
            if self._health.poison_calls.is_resting(call):
                self._answers[index] = Fault(FaultKind.ELSEWHERE, f"{call.method}: left alone")
            elif self._health.poison_calls.is_known(call):
                self._waiting.append([index])
            else:
                together.append(index)
        if together:
            self._waiting.appendleft(together)

    def _take(self) -> list[int]:
        portion = self._waiting.popleft()
        size = self._health.batch.size
        if portion[size:]:
            self._waiting.appendleft(portion[size:])
        return portion[:size]

    async def _send(self, calls: Sequence[RpcCall]) -> list[RpcAnswer | Fault]:
        is_test = list(calls) == [self._harmless]
        return await self._exchange.ask(calls, self._within, early=self._early, is_test=is_test)

    async def _sort_answers(self, calls: Sequence[RpcCall], some: list[int]) -> Fault | None:
        """What is asked again, and of whom; the fault that ends it all."""
        faults = {i: fault for i in some if isinstance(fault := self._answers[i], Fault)}
        too_large = [i for i, fault in faults.items() if fault.kind is FaultKind.SIZE]
        spoiled = [i for i, fault in faults.items() if fault.is_common]
        others = [fault for i, fault in faults.items() if i not in {*too_large, *spoiled}]
        if others and (len(others) == len(some) or any(map(_puts_off, others))):
            self._waiting.extendleft([spoiled, too_large])
            return others[0]
        if too_large:
            self._waiting.appendleft(too_large)
        if spoiled:
            return await self._divide(calls, some, spoiled)
        if len(some) == 1 and not faults:
            self._note_alone(calls[some[0]], self._answers[some[0]])
        return None

    def _note_alone(self, call: RpcCall, answer: RpcAnswer | Fault) -> None:
        if not isinstance(answer, RpcRefusal):
            self._health.poison_calls.forget(call)
        elif self._spoiled and call.is_side:
            self._note_found()
            self._health.poison_calls.add(call)

    def _note_found(self) -> None:
        """What one call needs says nothing of batches."""
        if not self._has_found:
            self._health.batch = self._size_before
        self._has_found = True

    async def _divide(
        self, calls: Sequence[RpcCall], some: list[int], spoiled: list[int]
    ) -> Fault | None:
        if len(spoiled) < len(some):
            self._waiting.appendleft(spoiled)  # without those that are answered
            return None
        self._spoiled += [len(some)] if len(some) > 1 else []
        fault = self._answers[some[0]]
        assert isinstance(fault, Fault)  # noqa: S101 - for the type alone
        if len(self._spoiled) > _MOST_SPOILED or not await self._ask_if_well(calls, some):
            return fault
        if len(some) > 1:
            middle = len(some) // 2
            self._waiting.extendleft([some[middle:], some[:middle]])
            return None
        self._note_found()
        self._mark_poison(calls[some[0]], some[0], fault)
        return None

    def _mark_poison(self, call: RpcCall, index: int, fault: Fault) -> None:
        if call.is_side:
            self._health.poison_calls.add(call)
            self._answers[index] = Fault(FaultKind.ELSEWHERE, fault.text)
        else:
            self._health.record_invalid_answer(
                fault.text
            )  # a pass needs it: an equal endpoint is better

    async def _ask_if_well(self, calls: Sequence[RpcCall], some: list[int]) -> bool:
        if self._is_well is None:
            if [calls[index] for index in some] == [self._harmless]:
                return False
            [answer] = await self._send([self._harmless])
            self._is_well = not isinstance(answer, Fault)
        return self._is_well

    def _give_up(self, fault: Fault) -> None:
        for portion in self._waiting:
            self._answers |= dict.fromkeys(portion, fault)
        self._waiting.clear()


def _puts_off(fault: Fault) -> bool:
    return fault.kind in {FaultKind.RATE_LIMIT, FaultKind.BILLING}
