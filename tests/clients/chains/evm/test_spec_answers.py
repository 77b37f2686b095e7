"""The specification's own answers, over HTTP and through the client: what is read of each."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.evm.models import LogModel
from app.clients.chains.evm.reader import EvmReader
from app.domain.chain_ports import GasPrices, Inclusion, NodeTx, NonceUse, TxDetails
from app.domain.chains import ETHEREUM
from app.domain.ports import UnavailableError
from tests.support.execution_apis import JsonObject, get_spec_case, list_spec_cases
from tests.support.rpc_proxy import JsonCall, RpcProxy, replaying

SPEC_CHAIN = replace(ETHEREUM, key="spec", chain_id=0xC72DD9D5E883E)
SENDER = "0x7435ed30a8b4aeb0877cef0c6e8cffe834eb865f"
CONTRACT = "0x7dcd17433742f4c0ca53122ab541d0ba67fc27df"
NULL = {"result": None}
LEGACY = "0x3fbac8b19b59077cd29bbacc3815d73577b45a4d976cae80b04c98c793684c07"
CREATION = "0xc1d605c6612a5fe84dc95810030bfe5b1d327652b381bc695e28f50d13b2b09e"
ACCESS_LIST = "0x695ad02907c9e13ab7c69963f723fa46ac13cd5e2314f61eab2cb2f07b946faa"
DYNAMIC_FEE = "0x205405746564cbcf1dd53fb5ac92c7622d3792d82f03c59d9baddf2443d91864"
BLOB = "0x4bb6fa064c302d27ea9ac821e061bcc336b8fa40de77f01e116c6461d47e7ac1"
SET_CODE = "0x99f7e58af4dd2735931a3262705fbe57ea2fcc79497668f74309cdeaf37cc223"


@dataclass
class SpecNode:
    """Answers as the specification's client does; `instead` of a method's own cases.

    A function is given the call's parameters.
    """

    instead: dict[str, JsonObject | Callable[..., JsonObject]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, call: JsonCall) -> JsonObject:
        method, params = call["method"], call["params"]
        self.asked.append(method)
        if method in self.instead:
            told = self.instead[method]
            return told(*params) if callable(told) else told
        if method == "eth_getBlockByNumber":
            return _find_block(*params)
        cases = list_spec_cases(method)
        return next((one.response for one in cases if one.params == params), NULL)


def _find_block(number: str, in_full: bool) -> JsonObject:  # noqa: FBT001 - the call's second parameter
    """Of each only one form is given: hashes alone are made of what is given in full."""
    cases = [*list_spec_cases("eth_getBlockByNumber"), *list_spec_cases("eth_getBlockByHash")]
    for case in cases:
        block: dict[str, Any] | None = case.response.get("result")
        if block is None or number not in (case.params[0], block["number"]):
            continue
        hashes = [one if isinstance(one, str) else one["hash"] for one in block["transactions"]]
        return {"result": block if in_full else {**block, "transactions": hashes}}
    return NULL


@pytest.fixture(scope="module")
async def served() -> AsyncIterator[tuple[SpecNode, RpcEvmChain]]:
    node = SpecNode()
    async with RpcProxy.open("") as server:
        server.behaviour = replaying(node.answer)
        chain = RpcEvmChain(SPEC_CHAIN, [server.url])
        yield node, chain
        await chain.aclose()


@pytest.fixture
def node(served: tuple[SpecNode, RpcEvmChain]) -> SpecNode:
    node, _ = served
    node.instead.clear()
    node.asked.clear()
    return node


@pytest.fixture
def chain(served: tuple[SpecNode, RpcEvmChain], node: SpecNode) -> RpcEvmChain:  # noqa: ARG001 - is itself again
    return served[1]


@pytest.fixture
async def reader(chain: RpcEvmChain) -> EvmReader:
    return await chain.pin()


async def test_the_chain_its_head_and_that_it_is_ready(chain: RpcEvmChain) -> None:
    """eth_chainId, eth_blockNumber, eth_syncing."""
    await chain.check()
    (endpoint,) = chain.list_endpoints()
    assert (endpoint.state, endpoint.head) == ("ok", 0x36)
    assert (await chain.pin()).is_ready


async def test_heads(reader: EvmReader) -> None:
    """eth_getBlockByNumber with latest, safe, finalized."""
    heads = await reader.get_heads()
    assert (heads.latest.number, heads.safe, heads.final) == (54, 54, 54)
    assert heads.latest.hash.startswith("0xd226371d0b15")
    assert heads.latest.parent_hash.startswith("0x1c40cb1eae4d")
    assert heads.latest.at == datetime(1970, 1, 1, 0, 9, tzinfo=UTC)
    assert [tx_hash[:6] for tx_hash in heads.latest.tx_hashes] == [
        "0x0d1c", "0x4927", "0x02a6", "0x42bb",
    ]  # fmt: skip


async def test_blocks_of_every_fork(reader: EvmReader) -> None:
    """eth_getBlockByNumber: genesis, London, the merge, Shanghai, Cancun, Prague; and none."""
    blocks = await reader.get_blocks([0, 27, 36, 39, 42, 45])
    assert [(one.number, one.hash[:6], len(one.tx_hashes)) for one in blocks] == [
        (0, "0x44fd", 0), (27, "0xb82b", 4), (36, "0xd26a", 4),
        (39, "0x8690", 3), (42, "0x9e5e", 4), (45, "0xe416", 6),
    ]  # fmt: skip
    assert DYNAMIC_FEE in blocks[1].tx_hashes
    assert BLOB in blocks[4].tx_hashes
    assert SET_CODE in blocks[5].tx_hashes
    with pytest.raises(UnavailableError, match="lacks a block"):
        await reader.get_blocks([1000])


async def test_coins_of_blocks_in_full(reader: EvmReader) -> None:
    """eth_getBlockByNumber with whole transactions."""
    (empty, last) = await reader.get_coin_blocks([CONTRACT.upper().replace("X", "x")], [0, 54])
    assert empty.transfers == ()
    (transfer,) = last.transfers
    assert (transfer.sender, transfer.recipient, transfer.amount) == (SENDER, CONTRACT, 2)
    assert (transfer.block_number, transfer.block_hash) == (54, last.hash)


DETAILS = {
    LEGACY: TxDetails(SENDER, 63, "0xc7b99a164efd027a93f147376cc7da7c67c6bbe0", 1, 21_000, 1),
    CREATION: TxDetails(SENDER, 0, None, 0, 80_468, 1),
    ACCESS_LIST: TxDetails(SENDER, 133, CONTRACT, 2, 100_000, 1),
    DYNAMIC_FEE: TxDetails(SENDER, 144, CONTRACT, 2, 100_000, 1_000_000_001),
    BLOB: TxDetails(SENDER, 199, CONTRACT, 3, 100_000, 135_524_924),
    SET_CODE: TxDetails(SENDER, 211, f"0x{0:040x}", 0, 46_000, 90_870_292),
}
PLACES = {  # block, gas used
    LEGACY: (3, 21_000),
    CREATION: (1, 66_259),
    ACCESS_LIST: (24, 51_868),
    DYNAMIC_FEE: (27, 51_868),
    BLOB: (42, 51_868),
    SET_CODE: (45, 36_800),
}

# Before Byzantium receipts hold a root, and do not say.
SUCCEEDED = {**dict.fromkeys(DETAILS, True), LEGACY: None, CREATION: None}


async def test_transactions_and_receipts_of_every_type(reader: EvmReader) -> None:
    """eth_getTransactionByHash and eth_getTransactionReceipt, types 0 to 4, and two unknown."""
    unknown = [f"0x{0:064x}", f"0x{0xDEADBEEF:064x}"]
    node_txs = await reader.get_node_txs([*DETAILS, *unknown])
    assert node_txs.keys() == {*DETAILS, *unknown}
    assert [node_txs[tx_hash] for tx_hash in unknown] == [None, None]
    known = {tx_hash: _require(node_txs[tx_hash]) for tx_hash in DETAILS}
    assert {tx_hash: one.details for tx_hash, one in known.items()} == DETAILS
    places = {tx_hash: _require_place(one) for tx_hash, one in known.items()}
    assert {h: (one.block_number, one.gas_used) for h, one in places.items()} == PLACES
    assert {h: one.succeeded for h, one in places.items()} == SUCCEEDED
    assert places[BLOB].block_hash.startswith("0x9e5e1e79c57f")
    assert places[BLOB].fee == 51_868 * 135_524_924 + 131_072 * 1
    assert places[SET_CODE].fee == 36_800 * 90_870_292


def _require(node_tx: NodeTx | None) -> NodeTx:
    assert node_tx is not None
    return node_tx


def _require_place(node_tx: NodeTx) -> Inclusion:
    assert node_tx.inclusion is not None
    return node_tx.inclusion


async def test_nonces(reader: EvmReader) -> None:
    """eth_getTransactionCount: of an account, one with code (EIP-7702) and one never seen."""
    known, with_code, unknown = (
        get_spec_case(f"eth_getTransactionCount/get-nonce{which}").params[0]
        for which in ("", "-eip7702-account", "-unknown-account")
    )
    nonces = await reader.get_nonces([known, with_code, unknown])
    assert nonces == {known: 1, with_code: 1, unknown: 0}


def _used_in(block: int) -> Callable[..., JsonObject]:
    """The first nonce, in this block."""
    return lambda _, number: {"result": "0x1" if int(number, 16) >= block else "0x0"}


def _in_full(**authorization: str) -> JsonObject:
    """A block with a transaction of its time and the one that sets code, signed otherwise."""
    method = "eth_getTransactionByHash"
    shown = {one.params[0]: one.response["result"] for one in list_spec_cases(method)}
    (signed,) = shown[SET_CODE]["authorizationList"]
    odd = {**signed, "nonce": "0xffffffffffffffff"}
    setting = {**shown[SET_CODE], "authorizationList": [odd, {**signed, **authorization}]}
    plain = {**shown[DYNAMIC_FEE], "authorizationList": None}
    return {"result": {"number": "0x2d", "transactions": [plain, setting]}}


@pytest.mark.parametrize(
    ("first", "authorization", "use"),
    [
        (40, {}, NonceUse(None)),
        (45, {}, NonceUse(None)),
        (40, {"chainId": "0x0"}, NonceUse(None)),
        (40, {"chainId": "0x1"}, None),
        (40, {"nonce": "0x1"}, None),
        (46, {}, None),
    ],
)
async def test_an_authorization_may_use_a_nonce(
    first: int,
    authorization: dict[str, str],
    use: NonceUse | None,
    chain: RpcEvmChain,
    node: SpecNode,
) -> None:
    """EIP-7702, block 45; what was used before the first of the blocks proves nothing."""
    node.instead = {
        "eth_getTransactionCount": _used_in(45),
        "eth_getBlockByNumber": _in_full(**authorization),
    }
    authority = get_spec_case("eth_getTransactionCount/get-nonce-eip7702-account").params[0]
    assert await chain.find_nonce_use(authority, 0, first, 54) == use


async def test_its_senders_own_transaction_used_a_nonce_whatever_is_authorized_beside_it(
    chain: RpcEvmChain, node: SpecNode
) -> None:
    node.instead = {
        "eth_getTransactionCount": lambda *_: {"result": "0x91"},
        "eth_getBlockByNumber": _in_full(nonce="0x90"),
    }
    assert await chain.find_nonce_use(SENDER, 144, 45, 54) == NonceUse(DYNAMIC_FEE)


async def test_fees(chain: RpcEvmChain, node: SpecNode) -> None:
    """eth_feeHistory, of two percentiles where we ask for three: the node's own price counts."""
    node.instead = {
        "eth_feeHistory": get_spec_case("eth_feeHistory/fee-history").response,
        "eth_gasPrice": {"result": "0x3b9aca01"},
    }
    base = 0x342A385A
    suggested = 0x3B9ACA01
    assert await chain.get_gas_prices() == GasPrices(suggested, suggested, suggested, base)


LOG_CASES = [one for one in list_spec_cases("eth_getLogs") if "result" in one.response]


@pytest.mark.parametrize("case", LOG_CASES, ids=lambda one: one.name)
async def test_logs_that_are_no_transfers_are_read_and_left_out(
    case: Any,  # noqa: ANN401 - pytest's
    reader: EvmReader,
    node: SpecNode,
) -> None:
    """eth_getLogs."""
    node.instead = {"eth_getLogs": case.response}
    assert await reader.get_transfers([CONTRACT], [SENDER], 1, 4) == []
    logs = [LogModel.model_validate(one) for one in case.response["result"]]
    assert {log.address for log in logs} == {CONTRACT}
    assert all(log.block_number in (2, 3, 4) and not log.removed for log in logs)


@pytest.mark.parametrize(
    "name", ["future-block-range", "invalid-blockHash-and-range", "reversed-block-range"]
)
async def test_a_refused_range_is_asked_for_once(
    name: str, reader: EvmReader, node: SpecNode
) -> None:
    """A range that no node has yet is not asked for in halves, as one that is too large is."""
    node.instead = {"eth_getLogs": get_spec_case(f"eth_getLogs/filter-error-{name}").response}
    with pytest.raises(UnavailableError):
        await reader.get_transfers([CONTRACT], [SENDER], 50, 56)
    assert node.asked.count("eth_getLogs") == 1
