"""Blocks, transactions, receipts and logs as the Ethereum JSON-RPC specification writes them."""

from collections.abc import Sequence

from pydantic import JsonValue

from app.sandbox.world.chains.evm.ledger import digest
from app.sandbox.world.chains.evm.models import Block, Inclusion, Transaction
from app.sandbox.world.chains.evm.spec import EvmSpec, Token
from app.sandbox.world.chains.evm.vantage import Vantage
from app.sandbox.world.state import JsonObject

_TRANSFER_TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_TRANSFER_SELECTOR = "0xa9059cbb"
_NO_UNCLES = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
# It says "anything may be in here", which is never wrong.
_BLOOM = "0x" + "f" * 512
_BLOCK_GAS_LIMIT = 45_000_000


def block_shape(vantage: Vantage, block: Block, *, full: bool) -> JsonObject:
    transactions: list[JsonValue] = [*block.hashes]
    if full:
        found = vantage.list_transactions(block)
        transactions = [transaction_shape(vantage, one) for one in found]
    return {
        **_header(block),
        "number": hex(block.number),
        "hash": block.hash,
        "logsBloom": _BLOOM,
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
        base_fee=vantage.ledger.state.base_fee,
        gas_used=sum(one.gas_used for one in waiting),
        hashes=[one.hash for one in waiting],
    )
    unknown: JsonObject = {"hash": None, "logsBloom": None, "miner": None, "nonce": None}
    return block_shape(vantage, block, full=full) | unknown


def transaction_shape(vantage: Vantage, transaction: Transaction) -> JsonObject:
    placed = vantage.get_inclusion(transaction)
    token = _token(vantage.spec, transaction)
    signature = digest("signature", transaction.hash)
    return {
        "hash": transaction.hash,
        "type": "0x2",
        "chainId": hex(vantage.spec.chain_id),
        "nonce": hex(transaction.nonce),
        "from": transaction.sender,
        "to": token.address if token else transaction.to,
        "value": hex(transaction.value),
        "input": _input(transaction, token),
        "gas": hex(transaction.gas_limit),
        "gasPrice": hex(placed.price if placed else transaction.max_fee),
        "maxFeePerGas": hex(transaction.max_fee),
        "maxPriorityFeePerGas": hex(transaction.tip),
        "accessList": [],
        "blockHash": placed.block_hash if placed else None,
        "blockNumber": hex(placed.block_number) if placed else None,
        "transactionIndex": hex(placed.index) if placed else None,
        "v": "0x0",
        "yParity": "0x0",
        "r": signature,
        "s": signature,
    }


def receipt_shape(spec: EvmSpec, transaction: Transaction, placed: Inclusion) -> JsonObject:
    token = _token(spec, transaction)
    logs: list[JsonValue] = [*log_shapes(spec, transaction, placed)]
    return {
        "transactionHash": transaction.hash,
        "transactionIndex": hex(placed.index),
        "blockHash": placed.block_hash,
        "blockNumber": hex(placed.block_number),
        "from": transaction.sender,
        "to": token.address if token else transaction.to,
        "contractAddress": None,
        "cumulativeGasUsed": hex(placed.gas_before + transaction.gas_used),
        "gasUsed": hex(transaction.gas_used),
        "effectiveGasPrice": hex(placed.price),
        "logs": logs,
        "logsBloom": _BLOOM,
        "status": "0x0" if transaction.fails else "0x1",
        "type": "0x2",
    }


def log_shapes(spec: EvmSpec, transaction: Transaction, placed: Inclusion) -> list[JsonObject]:
    """The Transfer of a token that was moved, or none."""
    token = _token(spec, transaction)
    if token is None or not transaction.logs_count:
        return []
    topics: Sequence[JsonValue] = [
        _TRANSFER_TOPIC,
        _word(transaction.sender),
        _word(transaction.to),
    ]
    return [
        {
            "address": token.address,
            "topics": [*topics],
            "data": f"0x{transaction.amount:064x}",
            "blockNumber": hex(placed.block_number),
            "blockHash": placed.block_hash,
            "transactionHash": transaction.hash,
            "transactionIndex": hex(placed.index),
            "logIndex": hex(placed.log_index),
            "removed": False,
        }
    ]


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
        "blobGasUsed": "0x0",
        "excessBlobGas": "0x0",
        "parentBeaconBlockRoot": digest("beacon", block.parent_hash),
    }


def _token(spec: EvmSpec, transaction: Transaction) -> Token | None:
    return spec.token(transaction.token) if transaction.token else None


def _input(transaction: Transaction, token: Token | None) -> str:
    if token is None:
        return "0x"
    recipient = _word(transaction.to).removeprefix("0x")
    return f"{_TRANSFER_SELECTOR}{recipient}{transaction.amount:064x}"


def _word(address: str) -> str:
    return "0x" + address.removeprefix("0x").rjust(64, "0")
