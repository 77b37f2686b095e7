from collections.abc import Callable

import pytest

from app.clients.chains.evm.chain import RpcEvmChain
from app.clients.chains.evm.reader import EvmReader
from app.domain.chain_ports import Inclusion, TxDetails
from app.domain.chains import CELLFRAME, ETHEREUM
from app.domain.ports import UnavailableError
from tests.support.anvil import Anvil, mine_all, open_twins, reorg_all, send_to_all
from tests.support.rpc_proxy import RpcProxy, answering, html, lagging, only

Connect = Callable[..., RpcEvmChain]
GWEI = 10**9
NOBODYS = f"0x{'ab' * 32}"


@pytest.fixture
async def reader(node: Anvil, connect: Connect) -> EvmReader:
    return await connect(ETHEREUM, node.url).pin()


async def test_a_transaction_in_the_pool_is_known_and_stands_nowhere(
    node: Anvil, reader: EvmReader
) -> None:
    tx_hash = await node.send(
        2, value=5, gas=30_000, max_fee_per_gas=7 * GWEI, max_priority_fee_per_gas=GWEI
    )

    node_tx = (await reader.get_node_txs([tx_hash]))[tx_hash]

    assert node_tx is not None
    assert node_tx.inclusion is None
    assert node_tx.details == TxDetails(
        sender=node.accounts[2],
        nonce=0,
        recipient=node.accounts[9],
        value=5,
        gas_limit=30_000,
        max_fee_per_gas=7 * GWEI,
    )


async def test_a_mined_transaction_stands_in_its_block_and_says_what_it_cost(
    node: Anvil, reader: EvmReader
) -> None:
    tx_hash = await node.send(max_fee_per_gas=9 * GWEI, max_priority_fee_per_gas=2 * GWEI)
    await node.set_next_base_fee(GWEI)
    await node.mine()

    node_tx = (await reader.get_node_txs([tx_hash]))[tx_hash]

    assert node_tx is not None
    assert node_tx.inclusion == Inclusion(
        block_hash=await node.get_hash(1),
        succeeded=True,
        block_number=1,
        gas_used=21_000,
        fee=21_000 * 3 * GWEI,
    )
    assert node_tx.details.max_fee_per_gas == 9 * GWEI


async def test_a_transaction_of_the_older_kind_pays_its_gas_price(
    node: Anvil, reader: EvmReader
) -> None:
    tx_hash = await node.send(gas_price=4 * GWEI)
    await node.mine()

    node_tx = (await reader.get_node_txs([tx_hash]))[tx_hash]

    assert node_tx is not None
    assert node_tx.details.max_fee_per_gas == 4 * GWEI
    assert node_tx.inclusion is not None
    assert node_tx.inclusion.fee == 21_000 * 4 * GWEI


async def test_a_failed_transaction_says_so_and_what_it_cost_all_the_same(
    node: Anvil, reader: EvmReader
) -> None:
    tx_hash = await node.send_reverting()
    await node.mine()

    node_tx = (await reader.get_node_txs([tx_hash]))[tx_hash]

    assert node_tx is not None
    assert node_tx.details.recipient is None
    assert node_tx.inclusion is not None
    assert node_tx.inclusion.succeeded is False
    assert node_tx.inclusion.gas_used
    assert node_tx.inclusion.fee


async def test_an_inclusion_is_reported_by_receipt_for_every_hash_asked_for(
    node: Anvil, reader: EvmReader
) -> None:
    mined = await node.send(0)
    await node.mine()
    waiting = await node.send(1)

    inclusions = await reader.get_inclusions([waiting, NOBODYS, mined])

    assert list(inclusions) == [waiting, NOBODYS, mined]
    assert inclusions[waiting] is None
    assert inclusions[NOBODYS] is None
    inclusion = inclusions[mined]
    assert inclusion is not None
    assert inclusion.block_number == 1


async def test_a_hash_that_nobody_knows_is_in_the_answer_too(reader: EvmReader) -> None:
    assert await reader.get_node_txs([NOBODYS]) == {NOBODYS: None}


async def test_nothing_asked_for_is_no_request(proxy: RpcProxy, connect: Connect) -> None:
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.reset_counts()

    assert await reader.get_node_txs([]) == {}
    assert await reader.get_inclusions([]) == {}
    assert await reader.get_blocks([]) == []
    assert await reader.get_nonces([]) == {}
    assert proxy.requests == 0


async def test_many_transactions_are_few_requests(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    hashes = [await node.send(number % 8) for number in range(60)]
    await node.mine()
    reader = await connect(ETHEREUM, proxy.url).pin()
    proxy.reset_counts()

    inclusions = await reader.get_inclusions(hashes)

    assert all(inclusions.values())
    assert proxy.requests <= 3


async def test_mined_again_at_the_same_height_is_another_inclusion(
    node: Anvil, reader: EvmReader
) -> None:
    """P11: by its number alone nobody would see it."""
    tx_hash = await node.send()
    await node.mine(3)
    before = (await reader.get_inclusions([tx_hash]))[tx_hash]

    await node.reorg(3, [(await node.get_raw(tx_hash), 0)])

    after = (await reader.get_inclusions([tx_hash]))[tx_hash]
    assert before is not None
    assert after is not None
    assert after.block_number == before.block_number
    assert after.block_hash != before.block_hash


async def test_a_reorganised_transaction_is_gone_until_it_is_sent_again(
    node: Anvil, reader: EvmReader
) -> None:
    tx_hash = await node.send()
    await node.mine(2)
    raw = await node.get_raw(tx_hash)

    await node.reorg(2)
    lost = (await reader.get_node_txs([tx_hash]))[tx_hash]
    await node.send_raw(raw)
    waiting = (await reader.get_node_txs([tx_hash]))[tx_hash]

    assert lost is None
    assert waiting is not None
    assert waiting.inclusion is None


async def test_mined_without_a_receipt_counts_as_waiting(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    tx_hash = await node.send()
    await node.mine()
    reader = await connect(ETHEREUM, proxy.url).pin()
    receipt = await node.rpc("eth_getTransactionReceipt", tx_hash)
    for odd in (None, {**receipt, "blockNumber": None, "blockHash": None}):
        proxy.behaviour = answering("eth_getTransactionReceipt", odd)

        node_tx = (await reader.get_node_txs([tx_hash]))[tx_hash]

        assert node_tx is not None
        assert node_tx.inclusion is None


async def test_another_transaction_than_asked_for_is_no_answer(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    one, two = await node.send(0), await node.send(1)
    await node.mine()
    reader = await connect(ETHEREUM, proxy.url).pin()
    for method in ("eth_getTransactionByHash", "eth_getTransactionReceipt"):
        proxy.behaviour = answering(method, await node.rpc(method, two))

        with pytest.raises(UnavailableError):
            await reader.get_node_txs([one])


async def test_a_node_may_write_numbers_as_numbers_and_hashes_in_capitals(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    tx_hash = await node.send()
    await node.mine()
    reader = await connect(ETHEREUM, proxy.url).pin()
    plain = (await reader.get_inclusions([tx_hash]))[tx_hash]
    receipt = await node.rpc("eth_getTransactionReceipt", tx_hash)
    numbers = ("blockNumber", "status", "gasUsed", "effectiveGasPrice")
    odd = receipt | {name: int(receipt[name], 16) for name in numbers}
    odd |= {name: f"0x{receipt[name][2:].upper()}" for name in ("blockHash", "transactionHash")}

    proxy.behaviour = answering("eth_getTransactionReceipt", {**odd, "new": []})

    assert (await reader.get_inclusions([tx_hash]))[tx_hash] == plain


async def test_nonces_are_of_the_head_and_not_of_the_pool(node: Anvil, reader: EvmReader) -> None:
    """Only a used nonce is proof: what waits may be replaced yet."""
    await node.send(0)
    await node.send(0)
    await node.mine()
    await node.send(0)
    await node.send(1)

    nonces = await reader.get_nonces([node.accounts[1], node.accounts[0]])

    assert nonces == {node.accounts[1]: 0, node.accounts[0]: 2}


async def test_two_nodes_of_one_chain_report_the_same_until_one_lags(connect: Connect) -> None:
    async with open_twins() as (leader, follower):
        await mine_all([leader, follower], 4)
        raw = await leader.sign(nonce=0)
        tx_hash = await send_to_all([leader, follower], raw)
        await leader.mine()
        ahead = await connect(ETHEREUM, leader.url).pin()
        behind = await connect(ETHEREUM, follower.url).pin()

        common = await ahead.get_blocks(range(5)), await behind.get_blocks(range(5))
        mined = (await ahead.get_inclusions([tx_hash]))[tx_hash]
        waiting = (await behind.get_node_txs([tx_hash]))[tx_hash]
        await follower.mine()

        assert common[0] == common[1]
        assert mined is not None
        assert waiting is not None
        assert waiting.inclusion is None
        assert (await behind.get_inclusions([tx_hash]))[tx_hash] == mined


async def test_two_nodes_report_the_same_reorganisation(connect: Connect) -> None:
    """P11: bad news has two witnesses."""
    async with open_twins() as twins:
        tx_hash = await send_to_all(twins, await twins[0].sign(nonce=0))
        await mine_all(twins, 6)
        reader = await connect(ETHEREUM, *(twin.url for twin in twins)).pin()
        witness = await reader.other()
        before = await reader.get_blocks([6])

        await reorg_all(twins, 6)
        await mine_all(twins)

        assert witness.endpoint != reader.endpoint
        assert await reader.get_blocks([6]) == await witness.get_blocks([6]) != before
        assert await reader.get_node_txs([tx_hash]) == {tx_hash: None}
        assert await witness.get_node_txs([tx_hash]) == {tx_hash: None}


async def test_a_user_gets_what_any_endpoint_knows(connect: Connect) -> None:
    """One whose pool does not know it must not say alone that there is no such transaction."""
    async with open_twins() as (deaf, informed):
        tx_hash = await informed.send_raw(await informed.sign(nonce=0))
        chain = connect(ETHEREUM, deaf.url, informed.url)

        assert await chain.find(tx_hash) is not None
        assert await chain.find(NOBODYS) is None


async def test_a_user_is_answered_while_one_endpoint_is_down(node: Anvil, connect: Connect) -> None:
    tx_hash = await node.send()
    dead = connect(ETHEREUM, "http://127.0.0.1:1", node.url)

    assert await dead.find(tx_hash) is not None
    assert await dead.find(NOBODYS) is None


async def test_a_user_is_answered_by_the_next_endpoint_when_one_fails_on_the_way(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    tx_hash = await node.send()
    proxy.behaviour = only({"eth_getTransactionByHash"}, html)

    assert await connect(ETHEREUM, proxy.url, node.url).find(tx_hash) is not None


async def test_unknown_is_not_said_when_nobody_answers(connect: Connect) -> None:
    chain = connect(ETHEREUM, "http://127.0.0.1:1")

    with pytest.raises(UnavailableError):
        await chain.find(NOBODYS)
    with pytest.raises(UnavailableError):
        await chain.check()


async def test_a_lagging_endpoint_still_has_it_in_its_pool(
    node: Anvil, proxy: RpcProxy, connect: Connect
) -> None:
    """P11: no inclusion there is no reorganisation."""
    tx_hash = await node.send()
    await node.mine(4)
    proxy.behaviour = lagging(blocks=4)
    reader = await connect(ETHEREUM, proxy.url).pin()

    heads = await reader.get_heads()
    node_tx = (await reader.get_node_txs([tx_hash]))[tx_hash]

    assert heads.latest.number == 0
    assert node_tx is not None
    assert node_tx.inclusion is None


def test_a_chain_without_an_id_is_none_of_this_kind() -> None:
    with pytest.raises(ValueError, match="no chain id"):
        RpcEvmChain(CELLFRAME, [])


def test_a_chain_knows_what_it_is_and_its_endpoints(connect: Connect) -> None:
    chain = connect(ETHEREUM, "http://127.0.0.1:1/key", "http://127.0.0.1:2/key")

    assert chain.spec is ETHEREUM
    assert [one.name for one in chain.list_endpoints()] == ["127.0.0.1#1", "127.0.0.1#2"]
