"""What strangers send, so that no block is empty and no filter matches by luck."""

from datetime import datetime
from typing import Final

from sandbox.world.chains.addresses import evm_address
from sandbox.world.chains.evm.models import EvmState, Kind, Transaction, TransactionType
from sandbox.world.chains.evm.spec import EvmSpec

_STRANGERS = tuple(evm_address(f"stranger {number}") for number in range(24))


# As often as they come here, so that a few blocks have one of each.
_KINDS: Final[tuple[Kind, ...]] = (*("transfer",) * 5, "swap", "nft", "creation")
_TYPES: Final[tuple[TransactionType, ...]] = (2, 2, 2, 0, 0, 1, 4)


def make_traffic(spec: EvmSpec, state: EvmState, at: datetime) -> list[Transaction]:
    """One to three transactions for the next block."""
    dice = bytes.fromhex(state.new_hash("dice").removeprefix("0x"))
    return [_one(spec, state, dice[number * 4 :], number, at) for number in range(1 + dice[-1] % 3)]


def _one(spec: EvmSpec, state: EvmState, dice: bytes, number: int, at: datetime) -> Transaction:
    # Each place of a block has senders of its own: nobody sends twice in it.
    sender = _STRANGERS[dice[0] % 8 * 3 + number]
    tip = spec.tip * (50 + dice[1]) // 100
    kind = _KINDS[dice[0] % len(_KINDS)]
    token = spec.tokens[dice[2] % 2] if dice[2] % 3 == 0 or kind == "swap" else None
    amount = (1 + dice[3]) * 10 ** (token.decimals if token else spec.decimals - 2)
    return Transaction(
        hash=state.new_hash("traffic", sender),
        person_id=None,
        sender=sender,
        nonce=state.nonces.get(sender, 0),
        to=_STRANGERS[dice[3] % len(_STRANGERS)],
        value=0 if token else amount,
        token=token.symbol if token else None,
        amount=amount if token else 0,
        tip=tip,
        max_fee=2 * state.base_fee + tip,
        fails=dice[1] % 16 == 0,
        type=_TYPES[dice[3] % len(_TYPES)],
        kind=kind,
        at=at,
    )
