"""Transactions, receipts and logs as the JSON-RPC specification writes them, type by type."""

from pydantic import JsonValue

from sandbox.world.chains.evm.hashes import digest
from sandbox.world.chains.evm.models import BLOB_TYPE, Inclusion, Transaction
from sandbox.world.chains.evm.spec import EvmSpec, Token
from sandbox.world.chains.evm.vantage import Vantage
from sandbox.world.json_types import JsonObject

TRANSFER_TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_TRANSFER, _SWAP, _SAFE_TRANSFER = "0xa9059cbb", "0x38ed1739", "0x42842e0e"
_BATCH = "0xe6fd48bc"
_CODE = "0x6080604052348015600e575f5ffd5b50"
_ROUTER = "0x7a250d5630b4cf539739df2c5dacb4c659f2488d"
_EXCHANGE = "0x1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c9d0e"
_NFTS = "0x57f1887a8bf19b14fc0df6fd9b2acc9af147ea85"
_LEGACY, _ACCESS_LIST, _SET_CODE = 0, 1, 4
_BLOB_GAS_PRICE = 1
# It says "anything may be in here", which is never wrong.
BLOOM = "0x" + "f" * 512


def transaction_shape(vantage: Vantage, transaction: Transaction) -> JsonObject:
    placed = vantage.get_inclusion(transaction)
    signature = digest("signature", transaction.hash)
    return {
        "hash": transaction.hash,
        "type": hex(transaction.type),
        "nonce": hex(transaction.nonce),
        "from": transaction.sender,
        "to": _called(vantage.spec, transaction),
        "value": hex(transaction.value),
        "input": _input(transaction),
        "gas": hex(transaction.gas_limit),
        "gasPrice": hex(placed.price if placed else transaction.max_fee),
        "blockHash": placed.block_hash if placed else None,
        "blockNumber": hex(placed.block_number) if placed else None,
        "blockTimestamp": hex(placed.timestamp) if placed else None,
        "transactionIndex": hex(placed.index) if placed else None,
        "r": signature,
        "s": signature,
        **_of_its_type(vantage.spec, transaction),
    }


def receipt_shape(spec: EvmSpec, transaction: Transaction, placed: Inclusion) -> JsonObject:
    logs: list[JsonValue] = [*log_shapes(spec, transaction, placed)]
    is_creation = transaction.kind == "creation"
    blobs: JsonObject = {
        "blobGasUsed": hex(transaction.blob_gas_used),
        "blobGasPrice": hex(_BLOB_GAS_PRICE),
    }
    return {
        "transactionHash": transaction.hash,
        "transactionIndex": hex(placed.index),
        "blockHash": placed.block_hash,
        "blockNumber": hex(placed.block_number),
        "from": transaction.sender,
        "to": _called(spec, transaction),
        "contractAddress": _created(transaction) if is_creation else None,
        "cumulativeGasUsed": hex(placed.gas_before + transaction.gas_used),
        "gasUsed": hex(transaction.gas_used),
        "effectiveGasPrice": hex(placed.price),
        "logs": logs,
        "logsBloom": BLOOM,
        "status": "0x0" if transaction.fails else "0x1",
        "type": hex(transaction.type),
    } | (blobs if transaction.type == BLOB_TYPE else {})


def log_shapes(spec: EvmSpec, transaction: Transaction, placed: Inclusion) -> list[JsonObject]:
    """What it moved, in order; nothing where it failed."""
    if not transaction.logs_count:
        return []
    return [
        event
        | {
            "blockNumber": hex(placed.block_number),
            "blockHash": placed.block_hash,
            "blockTimestamp": hex(placed.timestamp),
            "transactionHash": transaction.hash,
            "transactionIndex": hex(placed.index),
            "logIndex": hex(placed.log_index + number),
            "removed": False,
        }
        for number, event in enumerate(_events(spec, transaction))
    ]


def _events(spec: EvmSpec, transaction: Transaction) -> list[JsonObject]:
    sender, to, amount = transaction.sender, transaction.to, transaction.amount
    if transaction.kind == "nft":
        topics: list[JsonValue] = [TRANSFER_TOPIC, _word(sender), _word(to), f"0x{amount:064x}"]
        return [{"address": _NFTS, "topics": topics, "data": "0x"}]
    token = _require_token(spec, transaction)
    if transaction.kind == "transfer":
        return [_transfer(token, sender, to, amount)]
    if transaction.kind == "batch":  # an exchange pays several customers at once
        others = [_transfer(token, sender, one, amount) for one in (_ROUTER, _NFTS)]
        return [others[0], _transfer(token, sender, to, amount), others[1]]
    other = next(one for one in spec.tokens if one != token)
    return [_transfer(token, sender, _ROUTER, amount), _transfer(other, _ROUTER, sender, amount)]


def _transfer(token: Token, sender: str, to: str, amount: int) -> JsonObject:
    topics: list[JsonValue] = [TRANSFER_TOPIC, _word(sender), _word(to)]
    return {"address": token.address, "topics": topics, "data": f"0x{amount:064x}"}


def _of_its_type(spec: EvmSpec, transaction: Transaction) -> JsonObject:
    """EIP-2930 brings the access list, 1559 the two fees, 4844 the blobs, 7702 the code."""
    if transaction.type == _LEGACY:
        return {"v": hex(2 * spec.chain_id + 35)}
    fields: JsonObject = {
        "chainId": hex(spec.chain_id),
        "accessList": [],
        "v": "0x0",
        "yParity": "0x0",
    }
    if transaction.type == _ACCESS_LIST:
        return fields
    fields["maxFeePerGas"] = hex(transaction.max_fee)
    fields["maxPriorityFeePerGas"] = hex(transaction.tip)
    if transaction.type == BLOB_TYPE:
        fields["maxFeePerBlobGas"] = hex(10 * _BLOB_GAS_PRICE)
        fields["blobVersionedHashes"] = ["0x01" + digest("blob", transaction.hash)[4:]]
    if transaction.type == _SET_CODE:
        fields["authorizationList"] = [_authorization(spec, transaction)]
    return fields


def _authorization(spec: EvmSpec, transaction: Transaction) -> JsonObject:
    signature = digest("authorization", transaction.hash)
    return {
        "chainId": hex(spec.chain_id),
        "address": _ROUTER,
        "nonce": hex(transaction.nonce + 1),
        "yParity": "0x0",
        "r": signature,
        "s": signature,
    }


def _called(spec: EvmSpec, transaction: Transaction) -> str | None:
    if transaction.kind == "transfer":
        return _require_token(spec, transaction).address if transaction.token else transaction.to
    return {"swap": _ROUTER, "nft": _NFTS, "creation": None, "batch": _EXCHANGE}[transaction.kind]


def _created(transaction: Transaction) -> str:
    return "0x" + digest("contract", transaction.sender, transaction.nonce)[-40:]


def _require_token(spec: EvmSpec, transaction: Transaction) -> Token:
    token = spec.token(transaction.token or "")
    if token is None:
        raise LookupError(f"a token that this chain does not have: {transaction.token}")
    return token


def _input(transaction: Transaction) -> str:
    recipient = _word(transaction.to).removeprefix("0x")
    amount = f"{transaction.amount:064x}"
    if transaction.kind == "transfer":
        return f"{_TRANSFER}{recipient}{amount}" if transaction.token else "0x"
    sender = _word(transaction.sender).removeprefix("0x")
    return {
        "swap": f"{_SWAP}{amount}{0:064x}{recipient}",
        "nft": f"{_SAFE_TRANSFER}{sender}{recipient}{amount}",
        "creation": _CODE,
        "batch": f"{_BATCH}{recipient}{amount}",
    }[transaction.kind]


def _word(address: str) -> str:
    return "0x" + address.removeprefix("0x").rjust(64, "0")
