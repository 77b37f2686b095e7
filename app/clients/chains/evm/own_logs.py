"""What one endpoint alone says of transfers: for who compares it with what another says."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.clients.chains.evm import calls
from app.clients.chains.evm.models import BlockModel, EvmModel, Hash, LogModel, Quantity
from app.clients.chains.evm.parsing import report_invalid_answer, require_answer
from app.clients.chains.rpc.pool import Pinned
from app.domain.chain_ports import ReceiptTransfers, Transfer

_TESTED_TXS: Final = 60  # of a block: on the chains of stablecoins some of them move one


class _ReceiptLogs(EvmModel):
    transaction_hash: Hash
    block_hash: Hash
    status: Quantity
    logs: Sequence[LogModel]

    def to_transfers(self) -> ReceiptTransfers:
        indexes = [log.log_index for log in self.logs if log.log_index is not None]
        transfers = [found for log in self.logs if (found := log.to_transfer()) is not None]
        return ReceiptTransfers(
            block_hash=self.block_hash,
            succeeded=self.status == 1,
            first_log_index=min(indexes, default=0),
            transfers=frozenset(transfers),
        )


async def get_receipt_transfers(
    pinned: Pinned, tx_hashes: Sequence[str]
) -> Mapping[str, ReceiptTransfers]:
    """Of each, by its receipt. Raises UnavailableError where one is missing."""
    asked = [calls.make_receipt_call(tx_hash) for tx_hash in tx_hashes]
    answers = await pinned.call_many(asked) if asked else []
    found = {}
    for tx_hash, call, answer in zip(tx_hashes, asked, answers, strict=True):
        receipt = require_answer(pinned, _ReceiptLogs, call, answer)
        if receipt.transaction_hash != tx_hash:
            raise report_invalid_answer(pinned, call.method, "another transaction than asked for")
        found[tx_hash] = receipt.to_transfers()
    return found


async def find_sample_transfer(
    pinned: Pinned, tokens: Sequence[str], number: int
) -> Transfer | None:
    """One of these tokens in this block, found by receipts, which need no index of logs."""
    call = calls.make_block_call(number)
    block = require_answer(pinned, BlockModel, call, await pinned.call(call))
    receipts = await get_receipt_transfers(pinned, block.transactions[:_TESTED_TXS])
    transfers = [one for receipt in receipts.values() for one in receipt.transfers]
    return next((one for one in transfers if one.token in tokens), None)
