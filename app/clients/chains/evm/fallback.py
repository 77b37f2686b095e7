"""One question that any endpoint may answer: what one refuses, the next one is asked."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from app.clients.chains.evm.parsing import CallRefusedError
from app.clients.chains.rpc.faults import EndpointError, FaultKind
from app.clients.chains.rpc.pool import Pinned
from app.domain.ports import UnavailableError

T = TypeVar("T")

_REFUSED: Final = frozenset({FaultKind.FORBIDDEN, FaultKind.ELSEWHERE})


async def ask_with_fallback(
    pinned: Pinned, ask: Callable[[Pinned], Awaitable[T]], *, refusable: str | None = None
) -> T:
    """Raises the first one's error where nobody answers.

    Who refused what another answers is not asked for `refusable`, a method, for a while.
    """
    try:
        return await ask(pinned)
    except UnavailableError as error:
        first = error
    for other in await pinned.find_others():
        try:
            answer = await ask(other)
        except UnavailableError:
            continue
        if refusable and is_refusal(first):
            pinned.note_refusal(refusable)
        return answer
    raise first


def is_refusal(error: UnavailableError) -> bool:
    if isinstance(error, EndpointError):
        return error.kind in _REFUSED
    return isinstance(error, CallRefusedError)
