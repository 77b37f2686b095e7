"""Blocks as the Ethereum JSON-RPC specification writes them."""

from pydantic import JsonValue

from sandbox.world.chains.evm.hashes import digest
from sandbox.world.chains.evm.models import Block
from sandbox.world.chains.evm.transaction_shapes import BLOOM, transaction_shape
from sandbox.world.chains.evm.vantage import Vantage
from sandbox.world.json_types import JsonObject

_NO_UNCLES = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
_BLOCK_GAS_LIMIT = 45_000_000


def block_shape(vantage: Vantage, block: Block, *, full: bool) -> JsonObject:
    transactions: list[JsonValue] = [*block.hashes]
    if full:
        found = vantage.list_transactions(block)
        transactions = [transaction_shape(vantage, one) for one in found]
    blob_gas = sum(one.blob_gas_used for one in vantage.list_transactions(block))
    return {
        **_header(block),
        "blobGasUsed": hex(blob_gas),
        "number": hex(block.number),
        "hash": block.hash,
        "logsBloom": BLOOM,
        "miner": "0x4838106842222222222222222222222222222222",
        "nonce": "0x0000000000000000",
        "transactions": transactions,
    }


def pending_block_shape(vantage: Vantage, *, full: bool) -> JsonObject:
    """What would be the next block; it has no hash yet."""
    head, waiting = vantage.require_head(), vantage.list_pool()
    block = Block(
        number=head.number + 1,
        hash=digest("pending", head.hash),
        parent_hash=head.hash,
        timestamp=max(vantage.ledger.clock.timestamp(), head.timestamp),
        base_fee=vantage.ledger.next_base_fee,
        gas_used=sum(one.gas_used for one in waiting),
        hashes=[one.hash for one in waiting],
    )
    unknown: JsonObject = {"hash": None, "logsBloom": None, "miner": None, "nonce": None}
    return block_shape(vantage, block, full=full) | unknown


def _header(block: Block) -> JsonObject:
    """What every block has of its own, pending or not."""
    return {
        "parentHash": block.parent_hash,
        "sha3Uncles": _NO_UNCLES,
        "uncles": [],
        "stateRoot": digest("state", block.hash),
        "transactionsRoot": digest("transactions", block.hash),
        "receiptsRoot": digest("receipts", block.hash),
        "mixHash": digest("mix", block.hash),
        "difficulty": "0x0",
        "extraData": "0x",
        "size": hex(600 + 120 * len(block.hashes)),
        "gasLimit": hex(_BLOCK_GAS_LIMIT),
        "gasUsed": hex(block.gas_used),
        "timestamp": hex(block.timestamp),
        "baseFeePerGas": hex(block.base_fee),
        "withdrawals": [],
        "withdrawalsRoot": digest("withdrawals", block.hash),
        "requestsHash": digest("requests", block.hash),
        "excessBlobGas": "0x0",
        "parentBeaconBlockRoot": digest("beacon", block.parent_hash),
    }
