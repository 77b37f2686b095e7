"""Transactions of every type, as real nodes answer them, and the card that one sees of each."""

import pytest

from app.clients.chains.evm.models import EvmTransactionModel
from app.clients.chains.evm.receipts import ReceiptModel
from app.domain.chain_ports import NodeTx
from tests.bot.conftest import BotUnderTest
from tests.support.execution_apis import JsonObject, list_spec_cases
from tests.support.fake_chains import FakeChains

# Of Base's block 52158111: https://specs.optimism.io/protocol/deposits.html
DEPOSIT_HASH = "0x233ace96f255608781596edfe1520000bd25b69b122cc101be3abb6689a85322"
DEPOSIT: JsonObject = {
    "blockHash": "0x64d3010c7c0709e760500250dc4177f2479571a79fdcfc48eb73cda64c7332bd",
    "blockNumber": "0x31bde9f",
    "depositReceiptVersion": "0x1",
    "from": "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001",
    "gas": "0xf4240",
    "gasPrice": "0x0",
    "hash": DEPOSIT_HASH,
    "input": "0x3db6be2b",
    "mint": "0x0",
    "nonce": "0x31bdea2",
    "sourceHash": "0x391329aebfee79dbb200b510b04d8795c891055a887433c20a7392b77b0f2fec",
    "to": "0x4200000000000000000000000000000000000015",
    "transactionIndex": "0x0",
    "type": "0x7e",
    **dict.fromkeys(("r", "s", "v", "value", "yParity"), "0x0"),
}
DEPOSIT_RECEIPT: JsonObject = {
    "blobGasUsed": "0x4154",
    "blockHash": "0x64d3010c7c0709e760500250dc4177f2479571a79fdcfc48eb73cda64c7332bd",
    "blockNumber": "0x31bde9f",
    "contractAddress": None,
    "cumulativeGasUsed": "0xb48a",
    "daFootprintGasScalar": "0x94",
    "depositNonce": "0x31bdea2",
    "depositReceiptVersion": "0x1",
    "effectiveGasPrice": "0x0",
    "from": "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001",
    "gasUsed": "0xb48a",
    "l1BaseFeeScalar": "0x8dd",
    "l1Fee": "0x0",
    "l1GasPrice": "0xbe3256b",
    "l1GasUsed": "0x71d",
    "logs": [],
    "status": "0x1",
    "to": "0x4200000000000000000000000000000000000015",
    "transactionHash": DEPOSIT_HASH,
    "transactionIndex": "0x0",
    "type": "0x7e",
}
# EIP-8130 has neither nonce nor gas nor value outside `tx`.
ACCOUNT_HASH = f"0x{'42' * 32}"
ACCOUNT: JsonObject = {
    "type": "0x7d",
    "hash": ACCOUNT_HASH,
    "blockHash": f"0x{'11' * 32}",
    "blockNumber": "0x2a",
    "transactionIndex": "0x1",
    "from": f"0x{0x11:040x}",
    "gasPrice": "0x12a05f200",
    "tx": {"chainId": 8453, "nonceKey": "0x0", "nonceSequence": 7, "gasLimit": 1_000_000},
    "senderAuth": f"0x{'ab' * 32}",
}
ACCOUNT_RECEIPT: JsonObject = {
    "type": "0x7d",
    "status": "0x1",
    "cumulativeGasUsed": "0x5208",
    "logs": [],
    "transactionHash": ACCOUNT_HASH,
    "blockHash": f"0x{'11' * 32}",
    "blockNumber": "0x2a",
    "from": f"0x{0x11:040x}",
    "to": None,
    "gasUsed": "0x5208",
    "effectiveGasPrice": "0x12a05f200",
    "contractAddress": None,
}
UNKNOWN = {
    DEPOSIT_HASH: (DEPOSIT, DEPOSIT_RECEIPT),
    ACCOUNT_HASH: (ACCOUNT, ACCOUNT_RECEIPT),
}


def of_spec(tx_hash: str) -> tuple[JsonObject, JsonObject]:
    """The specification's transaction and receipt."""
    methods = ("eth_getTransactionByHash", "eth_getTransactionReceipt")
    transaction, receipt = (
        next(one.response["result"] for one in list_spec_cases(method) if one.params == [tx_hash])
        for method in methods
    )
    return transaction, receipt


CASES = {  # hash, block, fee
    "legacy": (
        "0x3fbac8b19b59077cd29bbacc3815d73577b45a4d976cae80b04c98c793684c07",
        3,
        "0,000000000000021",
    ),
    "creation": (
        "0xc1d605c6612a5fe84dc95810030bfe5b1d327652b381bc695e28f50d13b2b09e",
        1,
        "0,00000000000006626",
    ),
    "1": (
        "0x695ad02907c9e13ab7c69963f723fa46ac13cd5e2314f61eab2cb2f07b946faa",
        24,
        "0,00000000000005187",
    ),
    "2": ("0x205405746564cbcf1dd53fb5ac92c7622d3792d82f03c59d9baddf2443d91864", 27, "0,00005187"),
    "3": ("0x4bb6fa064c302d27ea9ac821e061bcc336b8fa40de77f01e116c6461d47e7ac1", 42, "0,000007029"),
    "4": ("0x99f7e58af4dd2735931a3262705fbe57ea2fcc79497668f74309cdeaf37cc223", 45, "0,000003344"),
    "0x7e": (DEPOSIT_HASH, 52_158_111, "0"),
    "0x7d": (ACCOUNT_HASH, 42, "0,000105"),
}
UNRECORDED = "Тогда сеть ещё не записывала, выполнена ли транзакция."


def read(kind: str) -> tuple[str, JsonObject, JsonObject]:
    """Its hash, itself and its receipt."""
    tx_hash = CASES[kind][0]
    return tx_hash, *(UNKNOWN.get(tx_hash) or of_spec(tx_hash))


@pytest.mark.parametrize("kind", CASES)
async def test_a_mined_transaction_of_every_type_has_a_card(
    kind: str, tracker: BotUnderTest, chains: FakeChains
) -> None:
    _, block, fee = CASES[kind]
    tx_hash, answer, receipt = read(kind)
    transaction = EvmTransactionModel.model_validate(answer)
    inclusion = ReceiptModel.model_validate(receipt).to_inclusion(transaction.gas_price)
    chains.eth.node_txs[tx_hash] = NodeTx(transaction.to_details(), inclusion)
    await tracker.anna.send(tx_hash)
    text = tracker.anna.text.replace("\xa0", " ")
    assert "📦 Уже в блоке" in text
    assert f"🧱 Блок {block}\n⛽️ Комиссия {fee} ETH\n" in text
    assert (UNRECORDED in text) is (kind in {"legacy", "creation"})


@pytest.mark.parametrize("kind", CASES)
async def test_a_waiting_transaction_of_every_type_has_a_card(
    kind: str, tracker: BotUnderTest, chains: FakeChains
) -> None:
    tx_hash, answer, _ = read(kind)
    waiting: JsonObject = answer | dict.fromkeys(("blockHash", "blockNumber", "transactionIndex"))
    details = EvmTransactionModel.model_validate(waiting).to_details()
    chains.eth.node_txs[tx_hash] = NodeTx(details, None)
    await tracker.ben.send(tx_hash)
    assert "⏳ In the queue, waiting for a block" in tracker.ben.text
