"""The Cellframe client against the world's node over HTTP, in both dialects."""

from dataclasses import replace

import pytest

from app.clients.chains.cellframe.chain import CellframeChain
from app.domain.chain_ports import NetworkFee, NodeTx
from app.domain.chains import CELLFRAME
from app.domain.ports import UnavailableError
from sandbox.world import WorldServer
from sandbox.world.chains.cellframe.chain import CellframeChain as Node
from tests.clients.chains.cellframe.conftest import TIMINGS

UNKNOWN = "0x" + "ab" * 32

pytestmark = pytest.mark.usefixtures("dialect")


def send(node: Node, *, declined: bool = False) -> str:
    return node.send(1001, "somebody", "10", declined=declined).hash


async def look(chain: CellframeChain, tx_hash: str) -> NodeTx | None:
    return (await (await chain.pin()).get_node_txs([tx_hash]))[tx_hash]


async def require(chain: CellframeChain, tx_hash: str) -> NodeTx:
    seen = await look(chain, tx_hash)
    assert seen is not None
    return seen


async def test_from_the_mempool_to_the_tenth_confirmation(
    chain: CellframeChain, node: Node
) -> None:
    sent = send(node)
    assert (await require(chain, sent)).inclusion is None

    node.mine()
    first = (await require(chain, sent)).inclusion
    node.mine(9)
    tenth = (await require(chain, sent)).inclusion

    assert first is not None
    assert first.succeeded
    assert (first.confirmations, first.block_number) == (1, None)
    assert first.block_hash == node.state.transactions[sent].atom_hash
    assert tenth == replace(first, confirmations=10)


async def test_every_asked_hash_is_in_the_answer(chain: CellframeChain, node: Node) -> None:
    sent = send(node)
    node.mine()
    asked = [sent, UNKNOWN, f"0x{sent[2:].upper()}", "0xnothing"]

    found = await (await chain.pin()).get_node_txs(asked)

    assert list(found) == asked
    assert found[asked[0]] == found[asked[2]]
    assert found[sent] is not None
    assert (found[UNKNOWN], found["0xnothing"]) == (None, None)


async def test_nobody_has_a_nonce(chain: CellframeChain) -> None:
    assert await (await chain.pin()).get_nonces(["somebody"]) == {}


async def test_another_atom_is_another_inclusion(chain: CellframeChain, node: Node) -> None:
    """P11: the reorganisation that is seen by nothing else."""
    sent = send(node)
    node.mine(3)
    before = (await require(chain, sent)).inclusion

    node.move(sent)
    after = (await require(chain, sent)).inclusion

    assert before is not None
    assert after is not None
    assert after.block_hash != before.block_hash
    assert after == replace(before, block_hash=after.block_hash)


async def test_what_a_reorg_left_out_waits_again_and_may_be_forgotten(
    chain: CellframeChain, node: Node
) -> None:
    """P11."""
    sent = send(node)
    node.mine(3)
    node.lose(sent)
    assert (await require(chain, sent)).inclusion is None

    node.forget(sent)
    assert await look(chain, sent) is None
    assert await chain.find(sent) is None


async def test_declined_is_a_failure_with_the_nodes_reason(
    chain: CellframeChain, node: Node
) -> None:
    sent = send(node, declined=True)
    node.mine()
    inclusion = (await require(chain, sent)).inclusion
    assert inclusion is not None
    assert not inclusion.succeeded
    assert inclusion.reason == "Transaction output is already used"


async def test_a_node_that_counts_nothing_gives_no_count(chain: CellframeChain, node: Node) -> None:
    node.state.counts = False
    sent = send(node)
    node.mine(20)
    inclusion = (await require(chain, sent)).inclusion
    assert inclusion is not None
    assert inclusion.succeeded
    assert inclusion.confirmations is None


async def test_a_user_finds_what_the_node_knows_and_nothing_of_the_rest(
    chain: CellframeChain, node: Node
) -> None:
    sent = send(node)
    seen = await chain.find(sent)
    assert seen is not None
    assert await chain.find(UNKNOWN) is None


async def test_the_fee_comes_in_the_smallest_unit(chain: CellframeChain) -> None:
    assert await chain.get_network_fee() == NetworkFee(2 * 10**15, 5 * 10**16)


@pytest.mark.parametrize(
    "typed",
    [
        f"{UNKNOWN};-net;KelVPN",
        f"{UNKNOWN}\n;-net;KelVPN",
        f"{UNKNOWN}\n",
        f"0x{'ab' * 31};;",
        "-all",
        "",
        f"{UNKNOWN}00",
        UNKNOWN[2:],
        f"0x{'٣' * 64}",
    ],
)
async def test_what_is_no_hash_never_reaches_the_node(
    chain: CellframeChain, node: Node, typed: str
) -> None:
    """P12."""
    reader = await chain.pin()
    before = node.state.calls
    assert await reader.get_node_txs([typed]) == {typed: None}
    assert node.state.calls == before


async def test_the_form_is_found_out_once_and_remembered(chain: CellframeChain, node: Node) -> None:
    sent = send(node)
    reader = await chain.pin()
    before = node.state.calls
    for _ in range(3):
        node.mine()
        await reader.get_node_txs([sent])
    assert node.state.calls == before + 3


async def test_a_node_that_changes_its_form_is_understood_at_once(
    chain: CellframeChain, node: Node
) -> None:
    sent = send(node)
    reader = await chain.pin()
    node.mine()
    node.state.dialect = "old" if node.state.dialect == "new" else "new"

    for _ in range(2):
        assert (await reader.get_node_txs([sent]))[sent] is not None
    await chain.check()


async def test_a_gateway_that_is_down_is_unavailable_and_comes_back(
    chain: CellframeChain, node: Node
) -> None:
    sent = send(node)
    reader = await chain.pin()
    node.set_node("down")
    asks = (chain.get_network_fee, lambda: chain.find(sent), lambda: reader.get_node_txs([sent]))
    for ask in (*asks, chain.check, chain.pin):
        with pytest.raises(UnavailableError, match=r"^[^/]*$"):
            await ask()

    node.set_node("ok")
    assert await chain.find(sent) is not None
    await chain.check()


async def test_a_node_of_another_network_is_of_no_use(world: WorldServer) -> None:
    elsewhere = replace(CELLFRAME, network="KelVPN")
    chain = CellframeChain(elsewhere, [f"{world.url}/chains/cf"], timings=TIMINGS)
    with pytest.raises(UnavailableError):
        await chain.pin()
    assert [one.state for one in chain.list_endpoints()] == ["wrong_chain"]
    await chain.aclose()


async def test_a_lonely_node_that_lags_is_shown_so_and_used_all_the_same(
    chain: CellframeChain, node: Node
) -> None:
    sent = send(node)
    node.mine()
    node.set_node("lagging")
    node.mine(7)
    inclusion = (await require(chain, sent)).inclusion
    assert inclusion is not None
    assert inclusion.confirmations == 1
    (endpoint,) = chain.list_endpoints()
    assert (endpoint.state, endpoint.lag) == ("lagging", 7)


async def test_the_second_gateway_answers_when_the_first_is_gone(
    world: WorldServer, node: Node
) -> None:
    urls = [f"{world.url}/gone", f"{world.url}/chains/cf"]
    chain = CellframeChain(CELLFRAME, urls, timings=TIMINGS)
    sent = send(node)
    node.mine()
    for _ in range(2):
        seen = await chain.find(sent)
        assert seen is not None
        assert seen.inclusion is not None
    assert await chain.get_network_fee()
    await chain.aclose()
