"""Finds who used a nonce: the proof that a transaction was replaced, and by which."""

from app.clients.chains.evm import calls
from app.clients.chains.evm.elsewhere import ask_in_turn
from app.clients.chains.evm.models import FullBlockModel
from app.clients.chains.evm.parsing import RefusedError, read_count, require
from app.clients.chains.rpc.pool import Pinned


async def find_by_nonce(
    pinned: Pinned, sender: str, nonce: int, first: int, last: int
) -> str | None:
    """None too where no endpoint keeps the state of blocks so old."""
    try:
        return await ask_in_turn(pinned, lambda one: _find(one, sender, nonce, first, last))
    except RefusedError:
        return None


async def _find(pinned: Pinned, sender: str, nonce: int, first: int, last: int) -> str | None:
    """By bisection of these blocks and one block in full at the end."""
    number = await _find_block(pinned, sender, nonce, first, last)
    if number is None:
        return None
    call = calls.full_block_at(number)
    block = require(pinned, FullBlockModel, call, await pinned.call(call))
    for transaction in block.transactions:
        if transaction.sender == sender.lower() and transaction.nonce == nonce:
            return transaction.hash
    return None


async def _find_block(pinned: Pinned, sender: str, nonce: int, first: int, last: int) -> int | None:
    """The first of the blocks after which the nonce is used up."""
    if first > last or not await _is_used(pinned, sender, nonce, last):
        return None
    while first < last:
        middle = (first + last) // 2
        if await _is_used(pinned, sender, nonce, middle):
            last = middle
        else:
            first = middle + 1
    return first


async def _is_used(pinned: Pinned, sender: str, nonce: int, block: int) -> bool:
    call = calls.nonce_after(sender, block)
    return read_count(pinned, call, await pinned.call(call)) > nonce
