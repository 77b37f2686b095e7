"""Blocks, transactions and receipts as java-tron's JSON-RPC writes them.

After its classes BlockResult, TransactionResult and TransactionReceipt.
"""

from pydantic import JsonValue

from sandbox.world.chains.evm.models import Block, Inclusion, Transaction
from sandbox.world.chains.evm.transaction_shapes import log_shapes, transaction_shape
from sandbox.world.chains.evm.vantage import Vantage
from sandbox.world.chains.tron.costs import cost_of
from sandbox.world.chains.tron.spec import ENERGY_PRICE
from sandbox.world.json_types import JsonObject

_ZERO_HASH = f"0x{0:064x}"
_ZERO_BLOOM = f"0x{0:0512x}"
_WITNESS = "0x38e3e3a163163db1f6cfceca1d1c64594dd1f0ca"


def block_shape(vantage: Vantage, block: Block, *, full: bool) -> JsonObject:
    found = vantage.list_transactions(block)
    transactions: list[JsonValue] = [*block.hashes]
    if full:
        transactions = [tron_transaction_shape(vantage, one) for one in found]
    return {
        "number": hex(block.number),
        "hash": block.hash,
        "parentHash": block.parent_hash,
        "nonce": f"0x{0:016x}",
        "sha3Uncles": _ZERO_HASH,
        "logsBloom": _ZERO_BLOOM,
        "transactionsRoot": _ZERO_HASH,
        "stateRoot": "0x",
        "receiptsRoot": _ZERO_HASH,
        "miner": _WITNESS,
        "difficulty": "0x0",
        "totalDifficulty": "0x0",
        "extraData": "0x",
        "size": hex(300 + 260 * len(block.hashes)),
        "gasLimit": "0x0",
        "gasUsed": hex(sum(cost_of(one).energy for one in found)),
        "timestamp": hex(block.timestamp),
        "transactions": transactions,
        "uncles": [],
        "baseFeePerGas": "0x0",
        "mixHash": _ZERO_HASH,
    }


def tron_transaction_shape(vantage: Vantage, transaction: Transaction) -> JsonObject:
    """With "0x" for what there is not: a recipient, a block."""
    plain = transaction_shape(vantage, transaction)
    is_placed = plain["blockHash"] is not None
    return {
        "hash": transaction.hash,
        "nonce": f"0x{0:016x}",
        "blockHash": plain["blockHash"] or "0x",
        "blockNumber": plain["blockNumber"] or "0x",
        "transactionIndex": plain["transactionIndex"] or "0x",
        "from": transaction.sender,
        "to": plain["to"] or "0x",
        "gas": hex(cost_of(transaction).energy) if is_placed else "0x0",
        "gasPrice": hex(ENERGY_PRICE) if is_placed else "0x",
        "value": plain["value"],
        "input": plain["input"],
        "type": "0x0",
        "v": "0x1b",
        "r": plain["r"],
        "s": plain["s"],
    }


def tron_receipt_shape(vantage: Vantage, transaction: Transaction, placed: Inclusion) -> JsonObject:
    logs: list[JsonValue] = [*log_shapes(vantage.spec, transaction, placed)]
    plain = transaction_shape(vantage, transaction)
    return {
        "blockHash": placed.block_hash,
        "blockNumber": hex(placed.block_number),
        "transactionIndex": hex(placed.index),
        "transactionHash": transaction.hash,
        "from": transaction.sender,
        "to": plain["to"] or "0x",
        "cumulativeGasUsed": hex(cost_of(transaction).energy),
        "effectiveGasPrice": hex(ENERGY_PRICE),
        "gasUsed": hex(cost_of(transaction).energy),
        "contractAddress": None,
        "logs": logs,
        "logsBloom": _ZERO_BLOOM,
        "status": "0x0" if transaction.fails else "0x1",
        "type": "0x0",
    }
