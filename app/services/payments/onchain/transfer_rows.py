"""A transfer that was found, as its row."""

from decimal import Decimal

from app.core import clock
from app.domain.onchain.states import TransferState
from app.services.payments.onchain.witnesses import FoundTransfer


def build_transfer_row(chain: str, found: FoundTransfer, state: TransferState) -> dict[str, object]:
    transfer = found.transfer
    return {
        "chain": chain,
        "tx_hash": transfer.tx_hash,
        "ordinal": found.ordinal,
        "block_number": transfer.block_number,
        "block_hash": transfer.block_hash,
        "block_at": found.at,
        "token": transfer.token,
        "sender": transfer.sender,
        "recipient": transfer.recipient,
        "units": Decimal(transfer.amount),
        "state": state,
        "seen_at": clock.now(),
    }
