"""ERC-20 transfers out of a node's logs, in portions that nodes answer."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pydantic import RootModel

from app.clients.chains.evm import calls
from app.clients.chains.evm.fallback import ask_with_fallback
from app.clients.chains.evm.models import LogModel
from app.clients.chains.evm.parsing import CallRefusedError, require_answer
from app.clients.chains.rpc.calls import RpcRefusal
from app.clients.chains.rpc.pool import Pinned
from app.domain.chain_ports import Transfer

_BLOCKS: Final = 500  # the smallest limit of public nodes is about that
_RECIPIENTS: Final = 200


class _Logs(RootModel[list[LogModel]]):
    pass


class _Filter(NamedTuple):
    tokens: Sequence[str]
    recipients: Sequence[str]
    is_served: bool


async def get_transfers(
    pinned: Pinned,
    tokens: Sequence[str],
    recipients: Sequence[str],
    first: int,
    last: int,
    *,
    is_served: bool = False,
) -> list[Transfer]:
    """In the chain's order; by another endpoint where this one refuses.

    `is_served`: only who shows the last block in the same request is believed, for nodes that
    answer nothing for blocks that they do not have.
    """
    if not tokens:
        return []  # to a node, no address means any
    return await ask_with_fallback(
        pinned,
        lambda one: _get_all(one, _Filter(tokens, recipients, is_served), first, last),
        refusable=calls.GET_LOGS,
    )


async def get_own_transfers(
    pinned: Pinned, tokens: Sequence[str], recipients: Sequence[str], first: int, last: int
) -> list[Transfer]:
    """As this endpoint says, and never another in its place; it shows the last block with them."""
    if not tokens:
        return []
    return await _get_all(pinned, _Filter(tokens, recipients, is_served=True), first, last)


async def _get_all(pinned: Pinned, wanted: _Filter, first: int, last: int) -> list[Transfer]:
    found: set[Transfer] = set()
    for start in range(first, last + 1, _BLOCKS):
        for some in _portions(wanted.recipients):
            end = min(last, start + _BLOCKS - 1)
            part = wanted._replace(recipients=some)
            found.update(await _get_portion(pinned, part, start, end))
    return sorted(found, key=lambda one: (one.block_number, one.log_index))


async def _get_portion(pinned: Pinned, wanted: _Filter, first: int, last: int) -> list[Transfer]:
    call = calls.make_transfers_call(wanted.tokens, wanted.recipients, first, last)
    served = [calls.make_block_call(last)] if wanted.is_served else []
    *blocks, answer = await pinned.call_many([*served, call])
    if None in blocks:
        raise CallRefusedError(f"{pinned.name}: {call.method}: is not at block {last} yet")
    if not isinstance(answer, RpcRefusal):
        return _list_transfers(require_answer(pinned, _Logs, call, answer), wanted.recipients)
    if first == last or not calls.is_too_large(answer):
        raise CallRefusedError(f"{pinned.name}: {call.method}: refused with {answer.code}")
    middle = (first + last) // 2
    return [
        *await _get_portion(pinned, wanted, first, middle),
        *await _get_portion(pinned, wanted, middle + 1, last),
    ]


def _list_transfers(logs: _Logs, recipients: Sequence[str]) -> list[Transfer]:
    wanted = {recipient.lower() for recipient in recipients}
    transfers = [transfer for log in logs.root if (transfer := log.to_transfer()) is not None]
    return [transfer for transfer in transfers if transfer.recipient in wanted]


def _portions(recipients: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(recipients), _RECIPIENTS):
        yield recipients[start : start + _RECIPIENTS]
