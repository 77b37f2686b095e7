"""A transfer as tronpy sees it: `python tron.py ENDPOINT TXID` prints what it reads."""

import json
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

tronpy: Any = import_module("tronpy")  # in an environment of its own
keys: Any = import_module("tronpy.keys")
providers: Any = import_module("tronpy.providers")
exceptions: Any = import_module("tronpy.exceptions")


def _look(endpoint: str, tx_id: str) -> dict[str, Any]:
    # Without an endpoint it would ask TronGrid, with keys that it brings along.
    client = tronpy.Tron(providers.HTTPProvider(endpoint_uri=endpoint))
    transaction, info = client.get_transaction(tx_id), client.get_transaction_info(tx_id)
    call = transaction["raw_data"]["contract"][0]["parameter"]["value"]
    contract = client.get_contract(call["contract_address"])
    [event] = contract.events.Transfer.process_receipt(info)
    solid = None
    with suppress(exceptions.TransactionNotFound):
        solid = client.get_solid_transaction_info(tx_id)["id"]
    block = client.get_block(info["blockNumber"])
    return {
        "solid_number": client.get_latest_solid_block_number(),
        "head_number": client.get_latest_block_number(),
        "block_number": info["blockNumber"],
        "in_block": tx_id in [one["txID"] for one in block["transactions"]],
        "result": info["receipt"]["result"],
        "fee": info["fee"],
        "solid": solid,
        "owner": call["owner_address"],
        "owner_hex": keys.to_hex_address(call["owner_address"]),
        "owner_again": keys.to_base58check_address(keys.to_hex_address(call["owner_address"])),
        "contract": contract.contract_address,
        "transfer": {name: str(value) for name, value in event["args"].items()},
    }


if __name__ == "__main__":
    print(json.dumps(_look(*sys.argv[1:])))  # noqa: T201 - a program's answer
