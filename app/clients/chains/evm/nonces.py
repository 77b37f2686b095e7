"""Finds what used a nonce: the proof that a transaction was replaced, and by which."""

from typing import NamedTuple

from app.clients.chains.evm import calls
from app.clients.chains.evm.fallback import ask_with_fallback
from app.clients.chains.evm.models import FullBlockModel
from app.clients.chains.evm.parsing import CallRefusedError, parse_count, require_answer
from app.clients.chains.rpc.pool import Pinned
from app.domain.chain_ports import NonceUse


class SenderNonce(NamedTuple):
    """`sender` in lower case."""

    chain_id: int | None
    sender: str
    nonce: int


async def find_nonce_use(
    pinned: Pinned, wanted: SenderNonce, first: int, last: int
) -> NonceUse | None:
    """None too where no endpoint keeps the state of blocks so old."""
    try:
        return await ask_with_fallback(pinned, lambda one: _find(one, wanted, first, last))
    except CallRefusedError:
        return None


async def _find(pinned: Pinned, wanted: SenderNonce, first: int, last: int) -> NonceUse | None:
    """By bisection of these blocks and one block in full at the end."""
    number = await _find_block(pinned, wanted, first, last)
    if number is None:
        return None
    call = calls.make_full_block_call(number)
    block = require_answer(pinned, FullBlockModel, call, await pinned.call(call))
    for transaction in block.transactions:
        if (transaction.sender, transaction.nonce) == (wanted.sender, wanted.nonce):
            return NonceUse(transaction.hash)
    # The signer of an authorization is not given: it counts where the nonce was used in this block.
    if not _may_authorize(block, wanted):
        return None
    was_used = number == first and await _is_used(pinned, wanted, number - 1)
    return None if was_used else NonceUse(None)


def _may_authorize(block: FullBlockModel, wanted: SenderNonce) -> bool:
    return any(
        one.nonce == wanted.nonce and one.chain_id in (0, wanted.chain_id)
        for transaction in block.transactions
        for one in transaction.authorization_list or ()
    )


async def _find_block(pinned: Pinned, wanted: SenderNonce, first: int, last: int) -> int | None:
    """The first of the blocks after which the nonce is used up."""
    if first > last or not await _is_used(pinned, wanted, last):
        return None
    while first < last:
        middle = (first + last) // 2
        if await _is_used(pinned, wanted, middle):
            last = middle
        else:
            first = middle + 1
    return first


async def _is_used(pinned: Pinned, wanted: SenderNonce, block: int) -> bool:
    call = calls.make_nonce_after_call(wanted.sender, block)
    return parse_count(pinned, call, await pinned.call(call)) > wanted.nonce
