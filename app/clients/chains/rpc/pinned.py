"""One endpoint for the length of a pass, so that all its answers are of one view of the chain."""

from collections.abc import Sequence
from typing import Protocol

from app.clients.chains.rpc.calls import RpcAnswer, RpcCall
from app.clients.chains.rpc.endpoint import Endpoint
from app.clients.chains.rpc.faults import EndpointError, Fault, FaultKind
from app.clients.chains.rpc.timings import PoolTimings, make_retrying

_TRIES = 3  # more would hold a pass that another endpoint could serve


class Peers(Protocol):
    """The other endpoints of the chain."""

    async def ask_others(self, first: Endpoint, call: RpcCall) -> list[RpcAnswer]: ...

    async def find_others(self, first: Endpoint) -> list[Endpoint]: ...

    async def find_witness(self, first: Endpoint) -> Endpoint: ...


class Pinned:
    def __init__(self, endpoint: Endpoint, peers: Peers, timings: PoolTimings) -> None:
        self._endpoint = endpoint
        self._peers = peers
        self._timings = timings

    @property
    def name(self) -> str:
        """Without a key."""
        return self._endpoint.name

    @property
    def is_ready(self) -> bool:
        """As it says itself: one that synchronises may not know yet what others do."""
        return self._endpoint.health.is_ready

    async def call(self, call: RpcCall) -> RpcAnswer:
        """Raises EndpointError, an UnavailableError whose `kind` says what went wrong."""
        [answer] = await self.call_many([call])
        return answer

    async def call_many(self, calls: Sequence[RpcCall]) -> list[RpcAnswer]:
        """All of them, in order, in requests of the learned size; what failed is asked again.

        Raises EndpointError, an UnavailableError whose `kind` says what went wrong.
        """
        answers, error = await self._ask(calls)
        if error is not None:
            raise error
        return [answers[index] for index in range(len(calls))]

    async def call_each(self, calls: Sequence[RpcCall]) -> dict[int, RpcAnswer]:
        """As `call_many`, but what got no answer is missing: one call's trouble is its own.

        Raises EndpointError where nothing got one.
        """
        answers, error = await self._ask(calls)
        if error is not None and not answers:
            raise error
        return answers

    async def _ask(
        self, calls: Sequence[RpcCall]
    ) -> tuple[dict[int, RpcAnswer], EndpointError | None]:
        answers: dict[int, RpcAnswer] = {}
        try:
            async for attempt in make_retrying(
                self._timings,
                tries=_TRIES,
                patience=self._timings.answer_within,
                when=self._is_worth_another_try,
            ):
                with attempt:
                    await self._ask_missing(calls, answers)
        except EndpointError as error:
            return answers, error
        return answers, None

    async def _ask_missing(self, calls: Sequence[RpcCall], answers: dict[int, RpcAnswer]) -> None:
        missing = [index for index in range(len(calls)) if index not in answers]
        got = await self._endpoint.ask_many([calls[index] for index in missing])
        faults = []
        for index, answer in zip(missing, got, strict=True):
            if isinstance(answer, Fault):
                faults.append(answer)
            else:
                answers[index] = answer
        if faults:
            raise self._endpoint.error(faults[0])

    def _is_worth_another_try(self, kind: FaultKind) -> bool:
        return kind is FaultKind.TRANSIENT and self._endpoint.health.is_checked

    def note_head(self, number: int) -> None:
        self._endpoint.note_head(number)

    def record_invalid_answer(self, text: str) -> None:
        """What came can't be true, or be read: an equal endpoint is asked first for a while."""
        self._endpoint.record_invalid_answer(text)

    def note_refusal(self, method: str) -> None:
        """Another one answered what this one refused: it is not asked that for a while."""
        self._endpoint.health.note_refusal(method)

    async def ask_others(self, call: RpcCall) -> list[RpcAnswer]:
        """Of the others that are fit to testify, once each; without who does not answer."""
        return await self._peers.ask_others(self._endpoint, call)

    async def find_others(self) -> list["Pinned"]:
        """Whom else to ask one question, the best first; none that synchronises."""
        others = await self._peers.find_others(self._endpoint)
        return [Pinned(one, self._peers, self._timings) for one in others]

    async def other(self) -> "Pinned":
        """A second witness: another endpoint, or this one where only one is configured.

        Its head was asked for just now and is level with the others'. Raises UnavailableError
        where others exist and none is fit to testify.
        """
        witness = await self._peers.find_witness(self._endpoint)
        return Pinned(witness, self._peers, self._timings)
