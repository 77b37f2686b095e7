"""Bridge transfers: two legs followed as one, the second found as a probable match or given."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.core import clock
from app.db.models import Bridge, LegMatch, OutboxMessage, Transaction, Watch
from app.domain.chain_ports import NodeTx, Transfer, TxDetails
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState
from app.services.tracking.wallet import bridges
from app.services.tracking.wallet.bridge_matching import match_due_bridges
from app.services.tracking.wallet.bridges import (
    BridgeGoneError,
    BridgeLeg,
    BridgeOverview,
    BridgeStage,
    SameLegError,
)
from tests.support.fake_chains import FakeEvmChain, block_hash, tx_hash
from tests.support.stall import ANNA, BEN, Stall
from tests.support.tracker import Tracker

CELL, MINE, BRIDGE = "0x" + "66" * 20, "0x" + "a1" * 20, "0x" + "bb" * 20
SHOP = ShopSettings(tokens=(f"bsc:{CELL}:CELL:18", f"eth:{CELL}:CELL:18"))
FIRST, SECOND = tx_hash(1), tx_hash(2)
UNIT = 10**18
Skip = Callable[[timedelta], None]


async def _start(
    tracker: Tracker, chain: str = "cf", node_tx: NodeTx | None = None, user_id: int = ANNA
) -> int:
    leg = BridgeLeg(FIRST, chain, node_tx)
    return await bridges.start_bridge(tracker.db, tracker.chains.registry, user_id, leg, SHOP)


async def _start_to_bsc(tracker: Tracker, value: int | None = None) -> int:
    """From Cellframe to Anna's address on BSC."""
    node_tx = tracker.chains.cf.accept(FIRST, 1)
    if value:
        node_tx = NodeTx(TxDetails(value=value), node_tx.inclusion)
    id_ = await _start(tracker, "cf", node_tx)
    await bridges.choose_bridge_chain(tracker.db, tracker.chains.registry, ANNA, id_, "bsc")
    await bridges.set_bridge_recipient(tracker.db, ANNA, id_, MINE)
    return id_


async def _page(tracker: Tracker, id_: int, user_id: int = ANNA) -> BridgeOverview:
    return await bridges.get_bridge_overview(
        tracker.db, tracker.chains.registry, user_id, id_, SHOP
    )


async def _match(tracker: Tracker) -> dict[str, int]:
    return await match_due_bridges(tracker.db, tracker.chains.registry, SHOP)


async def _row(stall: Stall) -> Bridge:
    (row,) = await stall.rows(Bridge)
    return row


async def _finish(stall: Stall, number: int, state: TxState = TxState.FINAL) -> None:
    """As the loop of its chain does."""
    values: dict[str, object] = {"state": state}
    if state is TxState.FINAL:
        values |= {"block_hash": block_hash(number), "succeeded": True}
    else:
        values |= {"block_hash": None, "succeeded": None, "block_number": None}
    async with stall.db.unit_of_work() as session:
        await session.execute(
            update(Transaction).where(Transaction.tx_hash == tx_hash(number)).values(values)
        )


def _arrive(
    chain: FakeEvmChain,
    number: int = 2,
    ago: int = 0,
    *,
    sender: str = BRIDGE,
    recipient: str = MINE,
    amount: int = 95 * UNIT,
) -> None:
    """Blocks ago, CELL come to Anna's address."""
    block = chain.head - ago
    at = block_hash(block)
    chain.transfers.append(Transfer(tx_hash(number), 0, block, at, CELL, sender, recipient, amount))


async def test_the_first_legs_chain_says_where_it_goes(tracker: Tracker, stall: Stall) -> None:
    id_ = await _start(tracker, "bsc", tracker.chains.bsc.send(FIRST))
    page = await _page(tracker, id_)
    assert page.to is tracker.chains.cf.spec
    assert page.stage is BridgeStage.BY_HAND
    assert (page.first.state, page.second) == (TxState.PENDING, None)
    (watch,) = await stall.rows(Watch)
    assert watch.about == {"kind": "bridge", "leg": "1"}


async def test_from_cellframe_it_is_asked_which_evm_chain(tracker: Tracker) -> None:
    id_ = await _start(tracker)
    page = await _page(tracker, id_)
    assert (page.to, [spec.key for spec in page.targets]) == (None, ["eth", "bsc"])
    await bridges.choose_bridge_chain(tracker.db, tracker.chains.registry, ANNA, id_, "bsc")
    assert (await _page(tracker, id_)).to is tracker.chains.bsc.spec
    with pytest.raises(BridgeGoneError):
        await bridges.choose_bridge_chain(tracker.db, tracker.chains.registry, ANNA, id_, "cf")


async def test_the_same_first_leg_is_the_same_bridge(tracker: Tracker, stall: Stall) -> None:
    assert await _start(tracker) == await _start(tracker)
    assert len(await stall.rows(Bridge)) == 1


async def test_nobody_sees_another_users(tracker: Tracker) -> None:
    id_ = await _start(tracker)
    with pytest.raises(BridgeGoneError):
        await _page(tracker, id_, BEN)
    with pytest.raises(BridgeGoneError):
        await bridges.set_bridge_recipient(tracker.db, BEN, id_, MINE)
    assert await bridges.list_recent_bridges(tracker.db, BEN) == []
    assert await bridges.list_recent_bridges(tracker.db, ANNA) == [(id_, FIRST)]


async def test_the_second_leg_is_found_as_a_probable_match(tracker: Tracker, stall: Stall) -> None:
    """P3: by a notification that asks."""
    id_ = await _start_to_bsc(tracker, 100 * UNIT)
    assert (await _page(tracker, id_)).stage is BridgeStage.LOOKING
    _arrive(tracker.chains.bsc, 7, amount=101 * UNIT)  # more than was sent
    _arrive(tracker.chains.bsc, 8, amount=89 * UNIT)  # too little
    _arrive(tracker.chains.bsc, 9, recipient="0x" + "dd" * 20)
    _arrive(tracker.chains.bsc)
    assert (await _match(tracker))["found"] == 1
    page = await _page(tracker, id_)
    assert page.stage is BridgeStage.PROBABLE
    assert page.second is not None
    assert page.second.tx_hash == SECOND
    (notification,) = await stall.rows(OutboxMessage)
    assert notification.template == "bridge-match"
    assert (notification.values["amount"], notification.values["token"]) == ("95", "CELL")


async def test_without_an_amount_recipient_and_time_decide(tracker: Tracker) -> None:
    id_ = await _start_to_bsc(tracker)
    _arrive(tracker.chains.bsc, 3, ago=5_000)  # 37 minutes before the first leg
    assert (await _match(tracker))["found"] == 0
    _arrive(tracker.chains.bsc, 4, ago=1, amount=1)  # dust is no bridge's payout
    _arrive(tracker.chains.bsc, amount=3 * UNIT)
    await _look_again(tracker, id_)
    assert (await _match(tracker))["found"] == 1
    second = (await _page(tracker, id_)).second
    assert second is not None
    assert second.tx_hash == SECOND


async def _look_again(tracker: Tracker, id_: int) -> None:
    await bridges.choose_bridge_chain(tracker.db, tracker.chains.registry, ANNA, id_, "bsc")


async def test_what_is_not_it_is_not_proposed_again(tracker: Tracker, stall: Stall) -> None:
    id_ = await _start_to_bsc(tracker)
    _arrive(tracker.chains.bsc)
    await _match(tracker)
    row = await _row(stall)
    assert row.second_watch_id is not None
    assert await bridges.review_proposed_leg(
        tracker.db, ANNA, id_, row.second_watch_id, is_right=False
    )
    assert (await _page(tracker, id_)).stage is BridgeStage.LOOKING
    assert (await tracker.watch(row.second_watch_id)).stopped_at is not None
    assert (await _match(tracker))["found"] == 0
    assert not await bridges.review_proposed_leg(
        tracker.db, ANNA, id_, row.second_watch_id, is_right=True
    )
    _arrive(tracker.chains.bsc, 3)
    await _look_again(tracker, id_)
    assert (await _match(tracker))["found"] == 1


async def test_what_it_is_stays_and_ends_with_both_legs(tracker: Tracker, stall: Stall) -> None:
    id_ = await _start_to_bsc(tracker)
    _arrive(tracker.chains.bsc)
    await _match(tracker)
    second = (await _row(stall)).second_watch_id
    assert second is not None
    await bridges.review_proposed_leg(tracker.db, ANNA, id_, second, is_right=True)
    assert (await _page(tracker, id_)).stage is BridgeStage.WATCHING
    await _finish(stall, 1)
    assert (await _match(tracker))["ended"] == 0
    await _finish(stall, 2)
    await _look_again(tracker, id_)
    assert (await _match(tracker))["ended"] == 1
    assert (await _page(tracker, id_)).stage is BridgeStage.DONE
    assert (await _row(stall)).check_at is None
    assert [notification.template for notification in await stall.rows(OutboxMessage)] == [
        "bridge-match",
        "bridge-done",
    ]


async def test_a_leg_that_may_have_failed_is_neither_lost_nor_done(
    tracker: Tracker, stall: Stall
) -> None:
    """Its block does not say, as before Byzantium."""
    id_ = await _start_to_bsc(tracker)
    _arrive(tracker.chains.bsc)
    await _match(tracker)
    second = (await _row(stall)).second_watch_id
    assert second is not None
    await bridges.review_proposed_leg(tracker.db, ANNA, id_, second, is_right=True)
    await _finish(stall, 1)
    await _finish(stall, 2)
    for number in (1, 2):
        await _forget_outcome(stall, number)
        await _look_again(tracker, id_)
        assert (await _match(tracker))["ended"] == 0
        assert (await _page(tracker, id_)).stage is not BridgeStage.FAILED
    assert (await _page(tracker, id_)).stage is BridgeStage.WATCHING


async def _forget_outcome(stall: Stall, number: int) -> None:
    async with stall.db.unit_of_work() as session:
        await session.execute(
            update(Transaction).where(Transaction.tx_hash == tx_hash(number)).values(succeeded=None)
        )


async def test_the_second_leg_can_be_given(tracker: Tracker, stall: Stall) -> None:
    id_ = await _start(tracker, "bsc", tracker.chains.bsc.send(FIRST))
    chains = tracker.chains
    same, elsewhere = BridgeLeg(FIRST, "cf", None), BridgeLeg(SECOND, "eth", None)
    with pytest.raises(SameLegError):
        await bridges.give_second_leg(tracker.db, chains.registry, ANNA, id_, same, SHOP)
    with pytest.raises(BridgeGoneError):
        await bridges.give_second_leg(tracker.db, chains.registry, ANNA, id_, elsewhere, SHOP)
    leg = BridgeLeg(SECOND, "cf", chains.cf.accept(SECOND))
    await bridges.give_second_leg(tracker.db, chains.registry, ANNA, id_, leg, SHOP)
    page = await _page(tracker, id_)
    assert page.stage is BridgeStage.WATCHING
    assert page.second is not None
    assert page.second.chain == "cf"
    assert (await _row(stall)).match is LegMatch.GIVEN


async def test_after_a_week_it_says_that_it_gives_up(
    tracker: Tracker, stall: Stall, skip: Skip
) -> None:
    id_ = await _start_to_bsc(tracker)
    skip(timedelta(days=7, minutes=1))
    assert (await _match(tracker))["ended"] == 1
    assert (await _page(tracker, id_)).stage is BridgeStage.GAVE_UP
    assert await _match(tracker) == {"checked": 0, "found": 0, "ended": 0}
    assert [notification.template for notification in await stall.rows(OutboxMessage)] == [
        "bridge-gave-up"
    ]


async def test_a_first_leg_that_failed_ends_it(tracker: Tracker, stall: Stall) -> None:
    id_ = await _start_to_bsc(tracker)
    await _finish(stall, 1, TxState.DROPPED)
    assert (await _match(tracker))["ended"] == 1
    assert (await _page(tracker, id_)).stage is BridgeStage.FAILED
    assert await stall.rows(OutboxMessage) == [], "its own watch has told it"


async def test_the_first_legs_log_shows_what_was_sent(tracker: Tracker, stall: Stall) -> None:
    bsc = tracker.chains.bsc
    node_tx = bsc.mine(FIRST)
    node_tx = NodeTx(TxDetails(sender=MINE, recipient=BRIDGE), node_tx.inclusion)
    id_ = await _start(tracker, "bsc", node_tx)
    _arrive(bsc, 1, recipient=BRIDGE, sender=MINE, amount=40 * UNIT)
    _arrive(bsc, 5, recipient=BRIDGE, amount=7 * UNIT)
    await _match(tracker)
    row = await _row(stall)
    assert (row.id, row.token) == (id_, "CELL")
    assert row.amount == 40 * UNIT


async def test_a_chain_that_is_down_is_asked_later(
    tracker: Tracker, stall: Stall, skip: Skip
) -> None:
    await _start_to_bsc(tracker)
    _arrive(tracker.chains.bsc)
    tracker.chains.bsc.is_down = True
    assert await _match(tracker) == {"checked": 1, "found": 0, "ended": 0}
    assert (await _row(stall)).read_number is None
    tracker.chains.bsc.is_down = False
    assert (await _match(tracker))["checked"] == 0
    skip(timedelta(seconds=31))
    assert (await _match(tracker))["found"] == 1


async def test_many_blocks_are_looked_through_in_rounds(
    tracker: Tracker, stall: Stall, skip: Skip
) -> None:
    await _start_to_bsc(tracker)
    skip(timedelta(minutes=30))  # 4,000 blocks
    tracker.chains.bsc.head += 4_000
    _arrive(tracker.chains.bsc)
    rounds = 0
    while not (await _match(tracker))["found"]:
        rounds += 1
        assert rounds < 5
    assert rounds == 2
    assert (await _row(stall)).read_number == tracker.chains.bsc.head


async def test_an_unanswered_match_is_not_called_done(tracker: Tracker, stall: Stall) -> None:
    id_ = await _start_to_bsc(tracker)
    _arrive(tracker.chains.bsc)
    await _match(tracker)
    await _finish(stall, 1)
    await _finish(stall, 2)
    await _look_again(tracker, id_)
    assert (await _match(tracker))["ended"] == 0
    page = await _page(tracker, id_)
    assert page.stage is BridgeStage.PROBABLE
    assert page.second is not None
    await bridges.review_proposed_leg(tracker.db, ANNA, id_, page.second.watch_id, is_right=True)
    assert (await _page(tracker, id_)).stage is BridgeStage.DONE
    assert (await _match(tracker))["ended"] == 1


async def test_a_round_leaves_a_bridge_that_was_changed_while_it_looked(
    tracker: Tracker, stall: Stall
) -> None:
    """P2: the user's next step is due at once, whatever the round has seen before it."""
    await _start_to_bsc(tracker)
    theirs = clock.now()

    async def be_overtaken() -> None:
        await stall.change(await _row(stall), check_at=theirs)

    tracker.chains.bsc.on_call = be_overtaken
    assert (await _match(tracker))["checked"] == 1

    row = await _row(stall)
    assert (row.check_at, row.read_number) == (theirs, None)
