"""The same blocks and transactions as the HTTP API writes them (`wallet/…`, `walletsolidity/…`)."""

from pydantic import JsonValue

from sandbox.world.chains.evm.models import Block, Inclusion, Transaction
from sandbox.world.chains.evm.transaction_shapes import log_shapes, transaction_shape
from sandbox.world.chains.evm.vantage import Vantage
from sandbox.world.chains.tron.addresses import to_base58check, to_tron_hex
from sandbox.world.chains.tron.costs import calls_contract, cost_of
from sandbox.world.json_types import JsonObject

_WITNESS = "0x38e3e3a163163db1f6cfceca1d1c64594dd1f0ca"
_FEE_LIMIT = 30_000_000
_MILLISECONDS = 1000


def wallet_block(vantage: Vantage, block: Block, *, visible: bool) -> JsonObject:
    found = vantage.list_transactions(block)
    listed: list[JsonValue] = [wallet_transaction(vantage, one, visible=visible) for one in found]
    raw: JsonObject = {
        "number": block.number,
        "txTrieRoot": f"{0:064x}",
        "witness_address": _address(_WITNESS, visible=visible),
        "parentHash": _bare(block.parent_hash),
        "version": 32,
        "timestamp": block.timestamp * _MILLISECONDS,
    }
    header: JsonObject = {"raw_data": raw, "witness_signature": "00" * 65}
    shape: JsonObject = {"blockID": _bare(block.hash), "block_header": header}
    return shape | ({"transactions": listed} if listed else {})


def wallet_transaction(vantage: Vantage, transaction: Transaction, *, visible: bool) -> JsonObject:
    plain = transaction_shape(vantage, transaction)
    contract = "TriggerSmartContract" if calls_contract(transaction) else "TransferContract"
    value: JsonObject = {"owner_address": _address(transaction.sender, visible=visible)}
    called = plain["to"]
    if calls_contract(transaction):
        value["data"] = _bare(str(plain["input"]))
        value["contract_address"] = _address(str(called or transaction.to), visible=visible)
    else:
        value["amount"] = transaction.value
        value["to_address"] = _address(transaction.to, visible=visible)
    sent_at = int(transaction.at.timestamp()) * _MILLISECONDS
    lifetime = (vantage.spec.lifetime_seconds or 0) * _MILLISECONDS
    parameter: JsonObject = {"value": value, "type_url": f"type.googleapis.com/protocol.{contract}"}
    raw: JsonObject = {
        "contract": [{"parameter": parameter, "type": contract}],
        "ref_block_bytes": "0000",
        "ref_block_hash": "00" * 8,
        "expiration": sent_at + lifetime,
        "timestamp": sent_at,
    }
    if calls_contract(transaction):
        raw["fee_limit"] = _FEE_LIMIT
    ret: list[JsonValue] = [{"contractRet": _result(transaction)}]
    is_placed = vantage.get_inclusion(transaction) is not None
    shape: JsonObject = {"ret": ret} if is_placed else {}
    return shape | {
        "signature": ["00" * 65],
        "txID": _bare(transaction.hash),
        "raw_data": raw,
        "raw_data_hex": "",
    }


def wallet_info(
    vantage: Vantage, transaction: Transaction, placed: Inclusion, *, visible: bool
) -> JsonObject:
    """After TransactionInfo: what is 0 or empty is left out, as protobuf does."""
    cost = cost_of(transaction)
    receipt: JsonObject = {
        "energy_fee": cost.energy_fee,
        "energy_usage_total": cost.energy,
        "net_fee": cost.net_fee,
        "net_usage": cost.net_usage,
    }
    shape: JsonObject = {
        "id": _bare(transaction.hash),
        "fee": cost.fee,
        "blockNumber": placed.block_number,
        "blockTimeStamp": placed.timestamp * _MILLISECONDS,
        "contractResult": [""],
        "receipt": {name: number for name, number in receipt.items() if number},
    }
    if calls_contract(transaction):
        called = str(transaction_shape(vantage, transaction)["to"] or transaction.to)
        shape["contract_address"] = _address(called, visible=visible)
        shape["receipt"] = {**receipt, "result": _result(transaction)}
    if transaction.fails:
        shape |= {"result": "FAILED", "resMessage": b"REVERT opcode executed".hex()}
    if not cost.fee:
        del shape["fee"]
    listed: list[JsonValue] = [
        _log(log, visible=visible) for log in log_shapes(vantage.spec, transaction, placed)
    ]
    return shape | ({"log": listed} if listed else {})


def _log(log: JsonObject, *, visible: bool) -> JsonObject:
    """Its address is 20 bytes; where it is to be read by people, it is TRON's."""
    topics = log["topics"]
    address = str(log["address"])
    return {
        "address": to_base58check(address) if visible else _bare(address),
        "topics": [_bare(str(one)) for one in topics] if isinstance(topics, list) else [],
        "data": _bare(str(log["data"])),
    }


def _result(transaction: Transaction) -> str:
    if transaction.fails:
        return "REVERT" if calls_contract(transaction) else "FAILED"
    return "SUCCESS"


def _address(address: str, *, visible: bool) -> str:
    return to_base58check(address) if visible else to_tron_hex(address)


def _bare(text: str) -> str:
    return text.removeprefix("0x")
