"""A chain is followed block by block: what is reported, what it costs, what is not believed."""

import asyncio
from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import ChainBlock, ChainState, OutboxMessage, Transaction, Watch
from app.domain.ports import UnavailableError
from app.domain.tracking import CHECK_AT_ONCE, TxState, WatchMode
from app.services.tracking.following.follow import Follower, follow_chain
from app.services.tracking.following.new_blocks import MAX_NEW_BLOCKS
from app.services.tracking.following.selection import MAX_ASKED, MAX_DUE
from tests.conftest import Skip
from tests.support.followed_chain import (
    KEY,
    SHOP,
    list_notified_milestones,
    watch_transactions,
)
from tests.support.model_chain import ModelChain, ModelTx, a_hash, quick_spec
from tests.support.stall import ANNA, Stall


async def row(stall: Stall, tx: ModelTx) -> Transaction:
    (row,) = await stall.rows(Transaction, Transaction.tx_hash == tx.hash)
    return row


async def test_each_step_is_reported_once_across_restarts_and_with_two_loops_racing(
    stall: Stall, chain: ModelChain
) -> None:
    """P11, acceptance 1."""
    await follow_chain(Follower(stall.db, chain), SHOP)
    tx = await watch_transactions(stall, chain)
    for _ in range(10):
        chain.mine()
        loops = [Follower(stall.db, chain), Follower(stall.db, chain)]  # as after a restart
        await asyncio.gather(*(follow_chain(loop, SHOP) for loop in loops))
    assert await list_notified_milestones(stall) == ["mined", "confirmed", "safe", "final"]
    assert (await row(stall, tx)).state is TxState.FINAL


async def test_a_reorganisation_at_the_same_height_is_noticed(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """Acceptance 2: the number stays, the hash is another."""
    tx = await watch_transactions(stall, chain)
    chain.mine()
    await follow_chain(follower, SHOP)
    before = await row(stall, tx)
    chain.pool += chain.reorg(1)
    chain.mine()
    await follow_chain(follower, SHOP)
    after = await row(stall, tx)
    assert after.block_number == before.block_number
    assert after.block_hash != before.block_hash
    assert await list_notified_milestones(stall) == ["mined", "moved"]


async def test_what_a_reorganisation_drops_waits_and_is_reported_when_it_is_back(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """Acceptance 3."""
    tx = await watch_transactions(stall, chain)
    chain.mine()
    await follow_chain(follower, SHOP)
    gone = chain.reorg(1)
    chain.mine(2)
    await follow_chain(follower, SHOP)
    assert (await row(stall, tx)).state is TxState.REORGED
    chain.pool += gone
    chain.mine()
    await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == ["mined", "reorged", "mined"]


async def test_a_replacement_is_reported_when_the_nonce_is_used_up(
    stall: Stall, chain: ModelChain, follower: Follower, skip: Skip
) -> None:
    """Acceptance 3."""
    tx = await watch_transactions(stall, chain)
    chain.pool = [ModelTx(a_hash("rival"), tx.sender, 0)]
    chain.mine()
    for _ in range(3):
        skip(timedelta(hours=1))
        await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == ["replaced"]
    (notification,) = await stall.notifications(ANNA)
    assert notification.values["replaced_by"] == a_hash("rival")
    assert (await row(stall, tx)).replaced_by == a_hash("rival")
    (watched,) = await stall.rows(Watch)
    assert watched.ended_at is not None


async def test_a_nonce_that_an_authorization_used_is_reported_as_such(
    stall: Stall, chain: ModelChain, follower: Follower, skip: Skip
) -> None:
    """EIP-7702: it replaces nothing, and a transaction that comes back forgets it."""
    tx = await watch_transactions(stall, chain)
    chain.pool, waiting = [], chain.pool
    chain.authorized.add((tx.sender, 0))
    for _ in range(3):
        skip(timedelta(hours=1))
        await follow_chain(follower, SHOP)
    (notification,) = await stall.notifications(ANNA)
    assert notification.template == "watch-replaced"
    assert (notification.values["replaced_by"], notification.values["nonce_authorized"]) == (
        None,
        True,
    )
    gone = await row(stall, tx)
    assert (gone.state, gone.replaced_by, gone.nonce_authorized) == (TxState.REPLACED, None, True)
    chain.pool = waiting
    chain.mine()
    await follow_chain(follower, SHOP)
    back = await row(stall, tx)
    assert (back.state, back.nonce_authorized) == (TxState.MINED, False)


async def test_an_endpoint_that_lags_is_no_reorganisation_and_no_count_falls(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """Acceptance 4."""
    await watch_transactions(stall, chain)
    chain.mine(3)
    await follow_chain(follower, SHOP)
    (before,) = await stall.rows(ChainState)
    chain.endpoints[0].lag = 2
    await follow_chain(follower, SHOP)
    (after,) = await stall.rows(ChainState)
    assert after.head_number == before.head_number
    assert after.final_number == before.final_number
    assert await list_notified_milestones(stall) == ["confirmed"]


async def test_an_endpoint_on_a_branch_of_its_own_is_not_believed_alone(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    tx = await watch_transactions(stall, chain, 10)
    chain.mine(4)
    await follow_chain(follower, SHOP)
    branch = ModelChain(quick_spec(KEY))
    branch.forks = 77
    branch.mine(12)
    chain.endpoints[0].branch = branch.blocks
    with pytest.raises(UnavailableError):
        await follow_chain(follower, SHOP)
    assert "reorged" not in await list_notified_milestones(stall)
    assert (await row(stall, tx)).block_hash is not None


async def test_without_hits_a_pass_costs_the_same_for_any_number_of_watches(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """Acceptance 5: one call where there is one new block."""
    costs = []
    await watch_transactions(stall, chain, 300)
    chain.pool = []
    for _ in range(3):
        chain.mine()
        before = chain.calls
        await follow_chain(follower, SHOP)
        costs.append(chain.calls - before)
    assert costs == [1, 1, 1]


async def test_a_thousand_missed_blocks_are_caught_up(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """Acceptance 5: by receipts where few are watched; nothing is missed."""
    tx = await watch_transactions(stall, chain, 3)
    chain.mine(1000)
    counts = await follow_chain(follower, SHOP)
    assert counts["blocks"] == 1
    assert (await row(stall, tx)).state is TxState.FINAL
    assert await list_notified_milestones(stall) == ["final"] * 3


async def test_where_many_are_watched_the_missed_blocks_are_read_in_portions(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    await watch_transactions(stall, chain, 250)
    rest, chain.pool = chain.pool[100:], chain.pool[:100]
    chain.mine(120)
    counts = await follow_chain(follower, SHOP)
    assert counts == {
        "blocks": MAX_NEW_BLOCKS,
        "asked": 100,
        "notified": 100,
        "arrived": 0,
        "more": 1,
    }
    counts = await follow_chain(follower, SHOP)
    assert counts["blocks"] == 120 - MAX_NEW_BLOCKS
    assert not counts["more"]
    states = [one.state for one in await stall.rows(Transaction)]
    assert states.count(TxState.FINAL) == 100
    assert states.count(TxState.PENDING) == len(rest)


async def test_one_pass_reads_more_transactions_than_a_statement_takes_parameters(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """Acceptance 5: 64 missed blocks of 600."""
    tx = await watch_transactions(stall, chain)
    for number in range(33_000):
        chain.send(ModelTx(a_hash("other", number), "0x0", 0))
    chain.mine()
    counts = await follow_chain(follower, SHOP)
    assert counts["asked"] == 1
    assert (await row(stall, tx)).state is TxState.MINED


async def test_a_failure_says_what_it_cost(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """Acceptance 8."""
    await watch_transactions(stall, chain, fails=True)
    chain.mine()
    await follow_chain(follower, SHOP)
    (notification,) = await stall.notifications(ANNA)
    assert notification.template == "watch-failed"
    assert notification.values["gas_used"] == 21_000
    assert notification.values["fee"] == "0.000000000000021 ETH"


async def test_a_failure_that_one_endpoint_reports_alone_is_not_reported(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    await watch_transactions(stall, chain, fails=True)
    chain.mine()
    chain.endpoints[1].lag = 2
    await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == []
    chain.endpoints[1].lag = 0
    chain.mine()
    (pending,) = await stall.rows(Transaction)
    await stall.change(pending, check_at=clock.now())
    await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == ["failed"]


async def test_without_a_second_endpoint_bad_news_waits_for_a_minute(
    stall: Stall, chain: ModelChain, follower: Follower, skip: Skip
) -> None:
    await watch_transactions(stall, chain, fails=True)
    chain.endpoints[1].is_down = True
    chain.mine()
    await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == []
    skip(timedelta(minutes=2))
    await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == ["failed"]


async def test_a_burst_of_blocks_reports_the_highest_step_only(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """Acceptance 9: at 0.45 s a block, a look every 3 s sees seven of them."""
    await watch_transactions(stall, chain)
    chain.mine(7)
    await follow_chain(follower, SHOP)
    assert await list_notified_milestones(stall) == ["final"]


async def test_only_what_is_not_final_is_among_the_recent_blocks(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    await watch_transactions(stall, chain, 2)
    chain.pool = []
    for _ in range(30):
        chain.mine()
        await follow_chain(follower, SHOP)
    numbers = [block.number for block in await stall.rows(ChainBlock)]
    assert numbers == list(range(chain.final_number, chain.head.number + 1))


async def test_a_reorganisation_below_the_recent_blocks_has_every_inclusion_asked_about(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    tx = await watch_transactions(stall, chain, 3)
    chain.mine(2)
    await follow_chain(follower, SHOP)
    for block in (await stall.rows(ChainBlock))[:-1]:
        await stall.change(block, hash=a_hash("forgotten"))
    chain.pool += chain.reorg(2)
    chain.mine(3)
    await follow_chain(follower, SHOP)
    await follow_chain(follower, SHOP)
    now_in = chain.find_block(tx.hash)
    assert now_in is not None
    assert (await row(stall, tx)).block_hash == now_in.hash
    assert "moved" in await list_notified_milestones(stall)


async def test_more_than_one_pass_can_ask_leaves_the_rest_for_the_next(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    await watch_transactions(stall, chain, MAX_ASKED + 20)
    chain.mine(2000)
    counts = await follow_chain(follower, SHOP)
    while counts["more"]:
        counts = await follow_chain(follower, SHOP)
    states = {one.state for one in await stall.rows(Transaction)}
    assert states == {TxState.FINAL}


async def test_thousands_that_are_mined_at_once_are_all_reported(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """As after a night's outage on a busy chain: one statement could not carry them."""
    await watch_transactions(stall, chain, 3_400)
    chain.mine()
    counts = await follow_chain(follower, SHOP)
    assert counts["notified"] == 3_400
    assert len(await stall.rows(OutboxMessage)) == 3_400


async def test_an_awaited_one_is_bound_to_the_chain_on_which_it_appears(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    tx = await watch_transactions(stall, chain)
    (watched,) = await stall.rows(Watch)
    known = await row(stall, tx)
    await stall.change(watched, chain=None, awaited_until=clock.now() + timedelta(days=1))
    await stall.change(known, state=TxState.UNKNOWN, check_at=clock.now())
    async with stall.db.unit_of_work() as session:
        now = clock.now()
        session.add(
            Transaction(
                chain="another",
                tx_hash=tx.hash,
                state=TxState.UNKNOWN,
                first_seen_at=now,
                changed_at=now,
                check_at=now,
            )
        )
    await follow_chain(follower, SHOP)
    (watched,) = await stall.rows(Watch)
    assert watched.chain == KEY
    assert watched.awaited_until is None
    assert await list_notified_milestones(stall) == ["seen"]
    (other,) = await stall.rows(Transaction, Transaction.chain == "another")
    assert other.check_at is None


async def test_one_that_is_awaited_beside_its_own_card_ends_quietly(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """As when tokens came in that a user waited for: no notification that it never came."""
    tx = await watch_transactions(stall, chain)
    await stall.change(await row(stall, tx), state=TxState.UNKNOWN, check_at=CHECK_AT_ONCE)
    now = clock.now()
    async with stall.db.unit_of_work() as session:
        session.add(
            Watch(
                user_id=ANNA,
                chat_id=ANNA,
                tx_hash=tx.hash,
                mode=WatchMode.EVERY,
                created_at=now,
                awaited_until=now + timedelta(days=1),
            )
        )
    await follow_chain(follower, SHOP)
    known, awaited = await stall.rows(Watch)
    assert (known.chain, known.ended_at) == (KEY, None)
    assert awaited.stopped_at is not None
    assert await list_notified_milestones(stall) == ["seen"]


async def test_a_muted_watch_reports_nothing_but_its_card_is_drawn(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    await watch_transactions(stall, chain)
    (watched,) = await stall.rows(Watch)
    await stall.change(watched, muted=True)
    chain.mine()
    await follow_chain(follower, SHOP)
    (watched,) = await stall.rows(Watch)
    assert await stall.rows(OutboxMessage) == []
    assert watched.card_due_at is not None


async def test_the_slow_sweep_asks_about_one_batch_a_pass_and_new_ones_go_first(
    stall: Stall, chain: ModelChain, follower: Follower
) -> None:
    """However many wait in the pool, a pass stays small."""
    await watch_transactions(stall, chain, MAX_DUE * 3)
    now = clock.now()
    for known in await stall.rows(Transaction):
        await stall.change(known, check_at=now - timedelta(minutes=1))
    (*_, newest) = await stall.rows(Transaction)
    await stall.change(newest, check_at=CHECK_AT_ONCE)
    counts = await follow_chain(follower, SHOP)
    assert (counts["asked"], counts["more"]) == (MAX_DUE + 1, 0)
    checked = await stall.again(newest)
    assert checked.check_at is not None
    assert checked.check_at > now
