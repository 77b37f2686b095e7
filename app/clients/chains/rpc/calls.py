"""What is asked of a node and what comes back, whichever protocol it speaks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from pydantic import JsonValue

from app.clients.chains.rpc.faults import Fault

ANY_CODE: Final = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class RpcCall:
    """`refusals`: error codes that are an answer for this caller, given back as RpcRefusal.

    `is_side`: an error to this call alone says nothing of the endpoint, and is a refusal too.
    """

    method: str
    params: tuple[JsonValue, ...] = ()
    refusals: Collection[int] = frozenset()
    is_side: bool = False


@dataclass(frozen=True, slots=True)
class RpcRefusal:
    """`message` is scrubbed and at most 200 characters."""

    code: int
    message: str


RpcAnswer: TypeAlias = JsonValue | RpcRefusal


class WrongChainError(Exception):
    """The endpoint serves another chain than was asked for; the text says which."""


@dataclass(frozen=True, slots=True)
class EndpointHead:
    """`number`, or what else grows with the chain; `is_ready`: not while it synchronises."""

    number: int
    is_ready: bool = True


class RpcProtocol(Protocol):
    """What differs between a JSON-RPC 2.0 node and a Cellframe node."""

    @property
    def max_batch(self) -> int:
        """Calls in the first request; 1 where the node knows no batches."""
        ...

    @property
    def head(self) -> tuple[RpcCall, ...]:
        """The calls that probe an endpoint."""
        ...

    def read_head(self, answers: Sequence[RpcAnswer]) -> EndpointHead:
        """Of the answers to `head`.

        Raises WrongChainError, and ValueError when the answers make no sense.
        """
        ...

    def locate(self, url: str, calls: Sequence[RpcCall]) -> str:
        """Where an endpoint of that address takes these."""
        ...

    def encode(self, calls: Sequence[RpcCall]) -> bytes:
        """The request's body."""
        ...

    def read_status(
        self, status: int, text: str, *, batch: int, retry_after: str | None
    ) -> Fault | None:
        """None where the body decides. `text` is the body's beginning, whatever it is."""
        ...

    def decode(self, body: bytes, calls: Sequence[RpcCall]) -> list[RpcAnswer | Fault]:
        """An answer or a Fault for each call, in order; never raises, whatever the body."""
        ...
