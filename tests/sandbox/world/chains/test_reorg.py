"""Reorgs are true ones: other hashes from the fork on, and parents that fit."""

from tests.sandbox.world.chains.node import ChainControl, Node


async def _assert_hangs_together(node: Node, first: int, last: int) -> None:
    for number in range(first, last + 1):
        block = await node.block(number)
        assert block["parentHash"] == (await node.block(number - 1))["hash"]


async def test_it_ends_below_the_depth_and_changes_every_hash_above(
    node: Node, eth: ChainControl
) -> None:
    head = await node.head()
    before = await node.hashes(head - 9, head)
    await eth.reorg(4, "same_height")
    after = await node.hashes(head - 9, head)
    assert await node.head() == head
    assert after[:6] == before[:6]
    assert not set(after[6:]) & set(before)
    await _assert_hangs_together(node, head - 9, head)
    await eth.mine()
    await _assert_hangs_together(node, head, head + 1)


async def test_an_orphan_is_still_found_by_its_hash(node: Node, eth: ChainControl) -> None:
    orphan = await node.block()
    await eth.reorg(1, "pool")
    assert (await node.block_by_hash(orphan["hash"]))["hash"] == orphan["hash"]
    assert (await node.block())["hash"] != orphan["hash"]
    assert await node("eth_getBlockReceipts", orphan["hash"]) == []


async def test_the_same_height_has_it_again_under_another_hash(
    node: Node, eth: ChainControl
) -> None:
    tx_hash = await eth.send(token="USDT", value="3")
    await eth.mine(3)
    before = await node.receipt(tx_hash)
    await eth.reorg(3, "same_height")
    after = await node.receipt(tx_hash)
    assert after["blockNumber"] == before["blockNumber"]
    assert after["blockHash"] != before["blockHash"]
    assert after["blockHash"] == (await node.block(int(after["blockNumber"], 16)))["hash"]
    assert after["logs"][0]["blockHash"] == after["blockHash"]
    assert tx_hash in (await node.block(int(after["blockNumber"], 16)))["transactions"]


async def test_back_in_the_pool_it_waits_for_the_next_block(node: Node, eth: ChainControl) -> None:
    first, second = await eth.send(), await eth.send()
    await eth.mine(2)
    shown = await eth.shown(first)
    await eth.reorg(2, "pool")
    assert (await node.transaction(first))["blockNumber"] is None
    assert await node.receipt(first) is None
    assert await node.nonce(shown["from"]) == 0
    await eth.mine()
    assert [(await node.receipt(one))["status"] for one in (first, second)] == ["0x1"] * 2
    assert int((await node.receipt(first))["blockNumber"], 16) == shown["block"] + 2


async def test_dropped_it_is_unknown_and_its_nonce_is_free(node: Node, eth: ChainControl) -> None:
    tx_hash = await eth.send()
    await eth.mine()
    sender = (await eth.shown(tx_hash))["from"]
    await eth.reorg(1, "dropped")
    await eth.mine(2)
    assert await node.transaction(tx_hash) is None
    assert await node.receipt(tx_hash) is None
    assert (await eth.shown(tx_hash))["status"] == "dropped"
    assert await node.nonce(sender) == 0


async def test_replaced_another_has_its_nonce_at_its_height(node: Node, eth: ChainControl) -> None:
    tx_hash = await eth.send()
    await eth.mine()
    before = await eth.shown(tx_hash)
    await eth.reorg(1, "replaced")
    shown = await eth.shown(tx_hash)
    other = await eth.shown(shown["replaced_by"])
    assert (shown["status"], shown["block"]) == ("replaced", None)
    assert (other["from"], other["nonce"]) == (before["from"], before["nonce"])
    assert (other["status"], other["block"]) == ("mined", before["block"])
    assert await node.transaction(tx_hash) is None
    assert await node.nonce(before["from"]) == before["nonce"] + 1


async def test_one_reorg_upon_another_keeps_the_nonces_of_everybody(
    node: Node, eth: ChainControl
) -> None:
    sent = [await eth.send(person_id=1001) for _ in range(3)]
    sender = (await eth.shown(sent[0]))["from"]
    await eth.mine(2)
    for kind in ("same_height", "pool", "same_height"):
        await eth.reorg(10, kind)
    await eth.mine()
    await eth.reorg(64, "same_height")
    assert await node.nonce(sender) == 3
    assert [(await eth.shown(one))["status"] for one in sent] == ["mined"] * 3
    head = await node.head()
    await _assert_hangs_together(node, head - 66, head)


async def test_finality_stalls_and_goes_on(node: Node, eth: ChainControl) -> None:
    head = await node.head()
    assert (await eth.patch(finality="stalled")).json()["finality"] == "stalled"
    view = await eth.mine(20)
    assert (view["safe"], view["final"]) == (head - head % 3 - 6, head - head % 3 - 12)
    assert int((await node.block("finalized"))["number"], 16) == head - head % 3 - 12
    await eth.patch(finality="stalled")
    view = (await eth.patch(finality="ok")).json()
    head += 20
    assert (view["safe"], view["final"]) == (head - head % 3 - 6, head - head % 3 - 12)
