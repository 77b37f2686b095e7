"""What is asked of a node and what comes back, whichever protocol it speaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from pydantic import JsonValue

from app.clients.chains.rpc.faults import Fault


@dataclass(frozen=True, slots=True)
class Call:
    """`refusals`: error codes that are an answer for this caller, given back as RpcRefusal."""

    method: str
    params: tuple[JsonValue, ...] = ()
    refusals: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class RpcRefusal:
    """`message` is scrubbed and at most 200 characters."""

    code: int
    message: str


Answer: TypeAlias = JsonValue | RpcRefusal


class WrongChainError(Exception):
    """The endpoint serves another chain than was asked for; the text says which."""


class RpcProtocol(Protocol):
    """What differs between a JSON-RPC 2.0 node and a Cellframe node."""

    @property
    def max_batch(self) -> int:
        """Calls in the first request; 1 where the node knows no batches."""
        ...

    @property
    def head(self) -> tuple[Call, ...]:
        """The calls that probe an endpoint."""
        ...

    def read_head(self, answers: Sequence[Answer]) -> int:
        """The head's number, or what else grows with the chain, of the answers to `head`.

        Raises WrongChainError, and ValueError when the answers make no sense.
        """
        ...

    def encode(self, calls: Sequence[Call]) -> bytes:
        """The request's body."""
        ...

    def decode(self, body: bytes, calls: Sequence[Call]) -> list[Answer | Fault]:
        """An answer or a Fault for each call, in order; never raises, whatever the body."""
        ...
