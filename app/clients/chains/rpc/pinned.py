"""One endpoint for the length of a pass, so that all its answers are of one view of the chain."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from app.clients.chains.rpc.calls import Answer, Call
from app.clients.chains.rpc.endpoint import Endpoint
from app.clients.chains.rpc.faults import Fault, FaultKind
from app.clients.chains.rpc.retrying import retrying
from app.clients.chains.rpc.timings import Timings

_TRIES = 3  # more would hold a pass that another endpoint could serve

FindWitness: TypeAlias = Callable[[Endpoint], Awaitable[Endpoint]]


class Pinned:
    def __init__(self, endpoint: Endpoint, find_witness: FindWitness, timings: Timings) -> None:
        self._endpoint = endpoint
        self._find_witness = find_witness
        self._timings = timings

    @property
    def name(self) -> str:
        """Without a key."""
        return self._endpoint.name

    async def call(self, call: Call) -> Answer:
        """Raises EndpointError, an UnavailableError whose `kind` says what went wrong."""
        [answer] = await self.call_many([call])
        return answer

    async def call_many(self, calls: Sequence[Call]) -> list[Answer]:
        """All of them, in order, in requests of the learned size; what failed is asked again.

        Raises EndpointError, an UnavailableError whose `kind` says what went wrong.
        """
        answers: dict[int, Answer] = {}
        async for attempt in retrying(
            self._timings,
            tries=_TRIES,
            patience=self._timings.answer_within,
            when=self._is_worth_another_try,
        ):
            with attempt:
                missing = [index for index in range(len(calls)) if index not in answers]
                got = await self._endpoint.ask_many([calls[index] for index in missing])
                faults = [answer for answer in got if isinstance(answer, Fault)]
                answers |= {
                    index: answer
                    for index, answer in zip(missing, got, strict=True)
                    if not isinstance(answer, Fault)
                }
                if faults:
                    raise self._endpoint.error(faults[0])
        return [answers[index] for index in range(len(calls))]

    def _is_worth_another_try(self, kind: FaultKind) -> bool:
        return kind is FaultKind.TRANSIENT and self._endpoint.health.is_checked

    def note_head(self, number: int) -> None:
        self._endpoint.note_head(number)

    def note_nonsense(self, method: str, text: str) -> None:
        """What came can't be true, or be read: an equal endpoint is asked first for a while."""
        self._endpoint.note_nonsense(method, text)

    async def other(self) -> "Pinned":
        """A second witness: another endpoint, or this one where only one is configured.

        Its head was asked for just now and is level with the others'. Raises UnavailableError
        where others exist and none is fit to testify.
        """
        witness = await self._find_witness(self._endpoint)
        return Pinned(witness, self._find_witness, self._timings)
