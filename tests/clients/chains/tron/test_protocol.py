"""What java-tron does to the envelope, and its models: nothing of it is held against a node."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import JsonValue, ValidationError

from app.clients.chains.rpc.calls import RpcCall
from app.clients.chains.rpc.pool import RpcPool
from app.clients.chains.rpc.timings import PoolTimings
from app.clients.chains.tron.expirations import Expirations
from app.clients.chains.tron.models import TronReceiptModel, TronTransactionModel
from app.clients.chains.tron.protocol import TronRpc, make_wallet_call
from app.core import clock
from app.domain.chain_ports import Inclusion, TxDetails
from app.domain.ports import UnavailableError
from tests.clients.chains.rpc.node import CHAIN_ID, Node, Nodes, reply, serve_nodes
from tests.support.stopped_clock import StoppedClock

KEY = "k3y-in-a-header-42"
ECHO = RpcCall("eth_echo", ("x",))
OVERLOAD: JsonValue = {"Error": "lack of computing resources"}


@pytest.fixture
async def nodes() -> AsyncIterator[Nodes]:
    async with serve_nodes() as nodes:
        yield nodes


@pytest.fixture
async def pool(nodes: Nodes) -> AsyncIterator[tuple[RpcPool, Node, Node]]:
    """With two endpoints; the first one wants its key in a header."""
    one, two = nodes.start(), nodes.start()
    timings = PoolTimings(pause=timedelta(milliseconds=1), monotonic=StoppedClock())
    urls = [f"{one.url}#TRON-PRO-API-KEY={KEY}", two.url]
    pool = RpcPool("t", urls, TronRpc(CHAIN_ID), block_time=timedelta(seconds=3), timings=timings)
    yield pool, one, two
    await pool.aclose()


def _syncing(behind: int) -> JsonValue:
    return {"startingBlock": "0x0", "currentBlock": "0x3e8", "highestBlock": hex(1000 + behind)}


async def test_a_node_with_peers_is_ready_unless_it_is_far_behind(
    pool: tuple[RpcPool, Node, Node],
) -> None:
    endpoints, one, two = pool
    one.syncing, two.syncing = _syncing(2), _syncing(400)
    pinned = await endpoints.pin()
    assert pinned.is_ready
    assert [each.state for each in endpoints.list_endpoints()] == ["ok", "lagging"]


async def test_a_key_behind_the_address_is_a_header_and_stays_hidden(
    pool: tuple[RpcPool, Node, Node],
) -> None:
    """P12."""
    endpoints, one, two = pool
    one.answers = [reply({"jsonrpc": "2.0", "id": 0, "error": {"code": 1, "message": f"no {KEY}"}})]
    await endpoints.call(ECHO)
    assert {seen.get("tron-pro-api-key") for seen in one.headers} == {KEY}
    assert {seen.get("tron-pro-api-key") for seen in two.headers} == {None}
    assert KEY not in str(endpoints.list_endpoints())


async def test_overload_outside_of_the_envelope_and_a_ban_are_no_failures(
    pool: tuple[RpcPool, Node, Node],
) -> None:
    endpoints, one, two = pool
    await endpoints.pin()
    one.answers, two.answers = [reply(OVERLOAD)], [reply({}, 403)]
    with_ban = clock.now() + timedelta(seconds=30)
    with pytest.raises(UnavailableError):
        await endpoints.call(ECHO)
    first, second = endpoints.list_endpoints()
    assert (first.state, first.failures) == ("cooling", 0)
    assert (second.state, second.failures) == ("cooling", 0)
    assert second.state_until is not None
    assert abs(second.state_until - with_ban) < timedelta(seconds=2)


async def test_one_without_an_http_api_is_not_asked_for_it_again(
    pool: tuple[RpcPool, Node, Node],
) -> None:
    endpoints, one, _ = pool
    pinned = await endpoints.pin()
    known = len(one.requests)
    for _ in range(2):
        assert await Expirations().find(pinned, ["0x" + "ab" * 32]) == {}
    assert len(one.requests) == known
    [first, _] = endpoints.list_endpoints()
    assert (first.state, first.failures) == ("ok", 0)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://a.example/jsonrpc", "https://a.example/wallet/gettransactionbyid"),
        ("https://a.example/key/jsonrpc/", "https://a.example/key/wallet/gettransactionbyid"),
        ("https://a.example/x?k=1", "https://a.example/x/wallet/gettransactionbyid?k=1"),
    ],
)
def test_the_http_api_stands_beside_the_json_rpc(url: str, wanted: str) -> None:
    protocol = TronRpc(CHAIN_ID)
    assert protocol.locate(url, [make_wallet_call("0x" + "ab" * 32)]) == wanted
    assert protocol.locate(url, [ECHO]) == url


WAITING: dict[str, JsonValue] = {
    "hash": "0x" + "ab" * 32,
    "nonce": "0x0000000000000000",
    "blockHash": "0x",
    "blockNumber": "0x",
    "transactionIndex": "0x",
    "from": "0x" + "a1" * 20,
    "to": "0x",
    "gas": "0x0",
    "gasPrice": "0x",
    "value": "0x5f5e100",
    "input": "0x",
    "type": "0x0",
}


def test_a_transaction_outside_of_blocks_is_read_without_what_it_lacks() -> None:
    found = TronTransactionModel.model_validate(WAITING)
    assert not found.is_mined
    assert found.to_details() == TxDetails(sender="0x" + "a1" * 20)


def test_a_receipt_says_how_it_ended_and_no_fee() -> None:
    receipt: dict[str, JsonValue] = {
        "transactionHash": "0x" + "ab" * 32,
        "blockHash": "0x" + "cd" * 32,
        "blockNumber": "0x10",
        "status": "0x0",
        "gasUsed": "0xfb1d",
        "effectiveGasPrice": "0x64",
        "contractAddress": None,
    }
    found = TronReceiptModel.model_validate(receipt).to_inclusion()
    assert found == Inclusion("0x" + "cd" * 32, succeeded=False, block_number=16)
    with pytest.raises(ValidationError):
        TronReceiptModel.model_validate({**receipt, "status": None, "root": "0x" + "ef" * 32})
