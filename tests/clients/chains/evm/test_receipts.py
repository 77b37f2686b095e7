"""What receipts of all kinds say of success and cost: shapes of public nodes."""

import pytest
from pydantic import JsonValue, ValidationError

from app.clients.chains.evm.models import EvmTransactionModel
from app.clients.chains.evm.receipts import ReceiptModel
from app.domain.chain_ports import Inclusion

HASH, BLOCK, ROOT = f"0x{'a1' * 32}", f"0x{'b2' * 32}", f"0x{'09' * 32}"
GWEI = 10**9


def read(**values: JsonValue) -> ReceiptModel:
    plain: dict[str, JsonValue] = {
        "transactionHash": HASH,
        "blockHash": BLOCK,
        "blockNumber": "0x10",
        "status": "0x1",
        "gasUsed": "0x5208",
        "effectiveGasPrice": "0x3b9aca00",
    }
    return ReceiptModel.model_validate(plain | values)


def include(**values: JsonValue) -> Inclusion:
    inclusion = read(**values).to_inclusion()
    assert inclusion is not None
    return inclusion


JOVIAN: dict[str, JsonValue] = {"daFootprintGasScalar": "0x190", "blobGasUsed": "0x9c40"}


@pytest.mark.parametrize(
    ("told", "fee"),
    [
        ({}, 21_000 * GWEI),
        # Sepolia 0x50dc1e2e…
        (
            {
                "effectiveGasPrice": "0x5da256f",
                "blobGasUsed": "0x20000",
                "blobGasPrice": "0x80679abe1",
            },
            4_519_900_749_019_512,
        ),
        ({"type": "0x3", "blobGasUsed": "0x20000"}, None),
        ({"blobGasUsed": "0x0", "blobGasPrice": None}, 21_000 * GWEI),
        ({"gasUsed": "0xfa0d", "l1Fee": "0x5bf1ab43d"}, 64_013 * GWEI + 24_681_034_813),
        ({"l1Fee": None, "l1GasUsed": "0x640", "l1FeeScalar": "0.684"}, 21_000 * GWEI),
        (
            {"l1Fee": "0x7", "operatorFeeScalar": "0x7a120", "operatorFeeConstant": "0x5"},
            21_000 * GWEI + 7 + 10_500 + 5,
        ),
        ({"operatorFeeScalar": "0x1", "operatorFeeConstant": "0x0"}, 21_000 * GWEI),
        (JOVIAN, 21_000 * GWEI),
        (JOVIAN | {"blobGasPrice": "0x1"}, 21_000 * GWEI),
        (
            JOVIAN | {"operatorFeeScalar": "0x2", "operatorFeeConstant": "0x5"},
            21_000 * GWEI + 21_000 * 2 * 100 + 5,
        ),
        ({"effectiveGasPrice": "0x0", "type": "0x7e", "depositNonce": "0x1"}, 0),
        ({"effectiveGasPrice": None}, None),
    ],
)
def test_the_fee_is_all_that_was_paid(told: dict[str, JsonValue], fee: int | None) -> None:
    assert include(**told).fee == fee


def test_a_receipt_without_a_price_takes_that_of_the_transaction() -> None:
    old = read(effectiveGasPrice=None, l1Fee="0x7").to_inclusion(gas_price=3 * GWEI)
    new = read(effectiveGasPrice="0x1").to_inclusion(gas_price=3 * GWEI)
    assert (old and old.fee, new and new.fee) == (21_000 * 3 * GWEI + 7, 21_000)


@pytest.mark.parametrize(
    ("status", "succeeded"), [("0x1", True), ("0x0", False), (1, True), (0, False), ("0x01", True)]
)
def test_a_status_is_one_or_zero(status: JsonValue, succeeded: bool) -> None:  # noqa: FBT001 - a case
    assert include(status=status).succeeded is succeeded


@pytest.mark.parametrize(
    "status", ["0x2", 2, "0xff", "1", "0", "", "0x", "success", None, True, False, 1.0, -1, [], {}]
)
def test_any_other_status_is_no_answer(status: JsonValue) -> None:
    with pytest.raises(ValidationError):
        read(status=status)


# Ethereum's first transaction, 0x5c504ed4… of block 46147, as geth sends it; in others' words too.
FIRST: dict[str, JsonValue] = {
    "transactionHash": "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060",
    "transactionIndex": "0x0",
    "blockHash": "0x4e3a3754410177e6937ef1f84bba68ea139e8d1a2258c5f85db9f1cd715a1bdd",
    "blockNumber": "0xb443",
    "from": "0xa1e4380a3b1f749673e270229993ee55f35663b4",
    "to": "0x5df9b87991262f6ba471f09758cde1c0fc1de734",
    "contractAddress": None,
    "cumulativeGasUsed": "0x5208",
    "gasUsed": "0x5208",
    "effectiveGasPrice": "0x2d79883d2000",
    "logs": [],
    "type": "0x0",
    "root": "0x96a8e009d2b88b1483e6941e6812e32263b05683fac202abc622a3e31aed1957",
}


@pytest.mark.parametrize("told", [{}, {"status": None}, {"root": f"0x{'9A' * 32}"}])
def test_a_root_instead_of_a_status_says_where_and_not_how_it_ended(
    told: dict[str, JsonValue],
) -> None:
    inclusion = ReceiptModel.model_validate(FIRST | told).to_inclusion()
    assert inclusion is not None
    assert (inclusion.block_number, inclusion.succeeded) == (46_147, None)
    assert inclusion.fee == 21_000 * 50_000 * GWEI


@pytest.mark.parametrize("root", [None, "", "0x", ROOT])
def test_a_status_is_believed_whatever_root_stands_beside_it(root: JsonValue) -> None:
    """Some work it out for old blocks, and some leave the root empty."""
    for status, succeeded in (("0x1", True), ("0x0", False)):
        assert include(status=status, root=root).succeeded is succeeded


@pytest.mark.parametrize("root", [None, "0x", "0x1", f"0x{'09' * 31}", f"0x{'09' * 33}", "none", 9])
def test_no_status_and_no_root_is_no_answer(root: JsonValue) -> None:
    with pytest.raises(ValidationError):
        read(status=None, root=root)


def test_a_receipt_of_the_pool_needs_no_outcome() -> None:
    assert read(status=None, blockHash=None, blockNumber=None).to_inclusion() is None


BOUNDED = ("blockNumber", "gasUsed", "effectiveGasPrice", "blobGasUsed", "blobGasPrice", "l1Fee")
ODD: list[JsonValue] = [f"0x{'f' * 64}", f"0x{'f' * 65}", 1 << 200, -1, "10", "0x", "", True, 1.5]


@pytest.mark.parametrize("name", [*BOUNDED, "operatorFeeScalar", "operatorFeeConstant"])
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_no_number_of_a_receipt_is_out_of_bounds(name: str, odd: JsonValue) -> None:
    with pytest.raises(ValidationError):
        read(**{name: odd})


def test_the_largest_fee_fits_its_column() -> None:
    """NUMERIC(78, 0)."""
    most, price = hex((1 << 63) - 1), hex((1 << 128) - 1)
    values: dict[str, JsonValue] = dict.fromkeys(("gasUsed", "blobGasUsed"), most)
    values |= dict.fromkeys(("effectiveGasPrice", "blobGasPrice", "l1Fee"), price)
    values |= dict.fromkeys(("operatorFeeScalar", "operatorFeeConstant"), most)
    for jovian in ({}, {"daFootprintGasScalar": "0x1"}):
        assert (include(**values, **jovian).fee or 0) < 10**78


@pytest.mark.parametrize("name", ["nonce", "gas", "gasPrice", "maxFeePerGas", "blockNumber"])
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_no_number_of_a_transaction_is_out_of_bounds(name: str, odd: JsonValue) -> None:
    plain: dict[str, JsonValue] = {
        "hash": HASH,
        "from": f"0x{'cc' * 20}",
        "nonce": "0x1",
        "value": "0x0",
        "gas": "0x5208",
    }
    EvmTransactionModel.model_validate(plain)
    with pytest.raises(ValidationError):
        EvmTransactionModel.model_validate(plain | {name: odd})
