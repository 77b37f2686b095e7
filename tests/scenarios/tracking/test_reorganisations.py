"""Real nodes rewrite their chain: what was sent is put right, and nothing is sent twice."""

from datetime import timedelta

from app.domain.chains import ETHEREUM
from app.domain.tracking import TxState
from tests.conftest import Skip
from tests.scenarios.tracking.stage import Stage
from tests.support.anvil import reorg_all

LOOK_AGAIN = timedelta(seconds=20)


async def _watch_mined(stage: Stage) -> tuple[str, str, int]:
    """The raw transaction, its hash and the number of its block, which is the head."""
    raw = await stage.sign()
    tx_hash = await stage.send(raw)
    await stage.watch(tx_hash)
    number = await stage.mine()
    await stage.run()
    assert await stage.notified() == ["mined"]
    return raw, tx_hash, number


async def _finish(stage: Stage) -> None:
    await stage.mine(10)
    await stage.run()


async def test_a_block_of_the_same_number_with_another_hash_is_reported_as_moved(
    stage: Stage,
) -> None:
    """P11, acceptance 2: the height says nothing, the hash everything."""
    raw, tx_hash, number = await _watch_mined(stage)
    before = (await stage.row(tx_hash)).block_hash
    await reorg_all(stage.nodes, 1, [(raw, 0)])
    assert await stage.nodes[0].get_head() == number
    await stage.run()

    row = await stage.row(tx_hash)
    assert row.block_number == number
    assert row.block_hash == await stage.nodes[0].get_hash(number) != before
    await stage.run()
    assert await stage.notified() == ["mined", "moved"]
    await _finish(stage)
    assert await stage.notified() == ["mined", "moved", "final"]


async def test_a_restart_in_the_middle_of_a_reorganisation_reports_nothing_twice(
    stage: Stage,
) -> None:
    """P11, acceptance 1 and 2."""
    raw, _, _ = await _watch_mined(stage)
    await reorg_all(stage.nodes, 1, [(raw, 0)])
    for _ in range(3):
        await stage.start().run()
    assert await stage.notified() == ["mined", "moved"]


async def test_what_a_reorganisation_drops_is_reported_and_again_when_it_is_back_in_a_block(
    stage: Stage, skip: Skip
) -> None:
    """P11, acceptance 3: re-included later, at another height."""
    raw, tx_hash, number = await _watch_mined(stage)
    await reorg_all(stage.nodes, 1)
    await stage.mine()
    await stage.run()
    assert (await stage.row(tx_hash)).state is TxState.REORGED

    await stage.send(raw)  # as a pool takes back what a reorganisation left out
    skip(LOOK_AGAIN)
    await stage.run()
    assert await stage.notified() == ["mined", "reorged"]
    assert await stage.mine() == number + 2
    await stage.run()
    row = await stage.row(tx_hash)
    assert (row.state, row.block_number) == (TxState.MINED, number + 2)
    await _finish(stage)
    assert await stage.notified() == ["mined", "reorged", "mined", "final"]


async def test_what_never_comes_back_is_given_up_after_its_time_in_pools(
    stage: Stage, skip: Skip
) -> None:
    """P11, acceptance 3: dropped."""
    _, tx_hash, _ = await _watch_mined(stage)
    await reorg_all(stage.nodes, 1)
    await stage.mine()
    await stage.run()
    for pause in (LOOK_AGAIN, ETHEREUM.pending_lifetime / 2, LOOK_AGAIN):
        skip(pause)
        await stage.mine()
        await stage.run()
        assert await stage.notified() == ["mined", "reorged"]
    skip(ETHEREUM.pending_lifetime)
    await stage.mine()
    await stage.run()
    assert await stage.notified() == ["mined", "reorged", "dropped"]
    assert (await stage.row(tx_hash)).ended_at is not None


async def test_what_another_of_its_nonce_takes_the_place_of_is_replaced(
    stage: Stage, skip: Skip
) -> None:
    """P11, acceptance 3: replaced, in the very blocks that it was in."""
    nonce = 0
    rival = await stage.sign(nonce, value=7, max_priority_fee_per_gas=5_000_000_000)
    _, tx_hash, _ = await _watch_mined(stage)
    await reorg_all(stage.nodes, 1, [(rival, 0)])
    for _ in range(3):
        await stage.mine()
        await stage.run()
        skip(LOOK_AGAIN)
    assert await stage.notified() == ["mined", "reorged", "replaced"]
    assert (await stage.row(tx_hash)).state is TxState.REPLACED


async def test_a_deep_reorganisation_takes_everything_in_it_and_gives_it_back_once(
    stage: Stage, skip: Skip
) -> None:
    """P11, acceptance 2 and 3: four blocks, three transactions, each with its own fate."""
    raws = [await stage.sign() for _ in range(3)]
    hashes = []
    for raw in raws:
        hashes.append(await stage.send(raw))
        await stage.watch(hashes[-1])
        await stage.mine()
        await stage.run()
    await stage.mine()
    await stage.run()
    told = await stage.notified()
    # The first keeps its height, the second comes two blocks later, the third is left out. With
    # the block on top of them, the first is safe and the second confirmed.
    await reorg_all(stage.nodes, 4, [(raws[0], 0), (raws[1], 3)])
    await stage.mine()
    await stage.run()
    new = (await stage.notified())[len(told) :]
    assert sorted(new) == ["confirmed", "moved", "moved", "reorged", "safe"]

    await stage.send(raws[2])
    await stage.mine(10)
    skip(LOOK_AGAIN)
    await stage.run()
    states = [(await stage.row(tx_hash)).state for tx_hash in hashes]
    assert states == [TxState.FINAL] * 3
    assert (await stage.notified()).count("final") == 3
