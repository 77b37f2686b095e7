"""What becomes of a transfer and of an on-chain invoice: states, and which follows which."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

HOLD: Final = timedelta(hours=24)
"""So long after its end an invoice's amount is kept for its buyer: late money is then theirs."""


class TransferState(StrEnum):
    MINED = "mined"  # in a block that may still be reorganised: shown, and nothing else
    FINAL = "final"
    GONE = "gone"  # its block left the chain


class Assignment(StrEnum):
    """What a final transfer is; each has exactly one, and only UNMATCHED may change."""

    MATCHED = "matched"  # paid its invoice
    BALANCE = "balance"  # credited to the balance of whose invoice it was
    CLAIMED = "claimed"  # credited to who claimed it, or whom an operator named
    UNMATCHED = "unmatched"  # an operator, or its sender's claim, decides
    IGNORED = "ignored"  # nothing, dust, or dismissed by an operator


class OnchainState(StrEnum):
    """Of an invoice, as its buyer follows it."""

    WAITING = "waiting"
    SEEN = "seen"  # in a node's pool, by the hash that the buyer sent
    MINED = "mined"
    REORGANISED = "reorganised"
    EXPIRED = "expired"  # its amount is held all the same
    PAID = "paid"
    CREDITED = "credited"  # the money is on the balance: the offer was over, or the network another
    CLOSED = "closed"  # nothing came, and its amount is free for others


ONCHAIN_TRANSITIONS: Final[dict[OnchainState, frozenset[OnchainState]]] = {
    OnchainState.WAITING: frozenset(
        {
            OnchainState.SEEN,
            OnchainState.MINED,
            OnchainState.EXPIRED,
            OnchainState.PAID,
            OnchainState.CREDITED,
        }
    ),
    OnchainState.SEEN: frozenset(
        {OnchainState.MINED, OnchainState.EXPIRED, OnchainState.PAID, OnchainState.CREDITED}
    ),
    # Not EXPIRED: what is mined in time is in time, however long finality takes.
    OnchainState.MINED: frozenset(
        {OnchainState.REORGANISED, OnchainState.PAID, OnchainState.CREDITED}
    ),
    OnchainState.REORGANISED: frozenset(
        {OnchainState.MINED, OnchainState.EXPIRED, OnchainState.PAID, OnchainState.CREDITED}
    ),
    OnchainState.EXPIRED: frozenset(
        {OnchainState.MINED, OnchainState.PAID, OnchainState.CREDITED, OnchainState.CLOSED}
    ),
    OnchainState.PAID: frozenset(),
    OnchainState.CREDITED: frozenset({OnchainState.MINED, OnchainState.PAID}),
    OnchainState.CLOSED: frozenset({OnchainState.CREDITED}),
}


def get_source_states(target: OnchainState) -> frozenset[OnchainState]:
    """From which `target` may be reached: the guard of a conditional UPDATE."""
    return frozenset(state for state, targets in ONCHAIN_TRANSITIONS.items() if target in targets)


def build_transfer_key(chain: str, tx_hash: str, ordinal: int) -> str:
    """Names a payment. `ordinal`: of the log within its transaction, which a reorganisation keeps.

    A log's index in its block changes when the transaction is included anew.
    """
    return f"{chain}:{tx_hash}:{ordinal}"
