"""What users watch: begun once, within limits, and ended when nobody watches any more."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import OutboxMessage, OutboxStatus, Transaction, Watch
from app.domain.names import clean_label
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState, WatchMode
from app.services.tracking.cards import watches
from app.services.tracking.cards.watches import AddedWatch, TooManyWatchesError
from app.services.tracking.following.follow import Follower, follow_chain
from tests.support.fake_chains import block_hash, tx_hash
from tests.support.stall import ANNA, BEN
from tests.support.tracker import Tracker

GROUP = -1001
HASH = tx_hash()
HOUR = timedelta(hours=1)
Skip = Callable[[timedelta], None]


# --- begun -----------------------------------------------------------------------------------


async def test_what_waits_in_a_pool_is_followed_from_now_on(tracker: Tracker) -> None:
    node_tx = tracker.eth.send(HASH, nonce=7)
    added = await tracker.add(node_tx=node_tx)
    row = await tracker.row()
    assert added.is_new
    assert (row.state, row.sender, row.nonce) == (TxState.PENDING, node_tx.details.sender, 7)
    assert row.value == 10**18
    assert row.check_at is not None
    assert row.check_at <= clock.now()
    assert "tx_monitor_eth" in tracker.stall.wakes


async def test_what_is_in_a_block_is_as_far_as_its_chain_says_and_nobody_is_notified(
    tracker: Tracker,
) -> None:
    """P11: no push for what was true when it was added."""
    await tracker.stand()
    await tracker.add(node_tx=tracker.eth.mine(HASH, tracker.eth.head - 20))
    row = await tracker.row()
    assert (row.state, row.block_number) == (TxState.CONFIRMED, tracker.eth.head - 20)
    assert row.fee == 21_000 * 12 * 10**9
    assert await tracker.stall.notified() == []


async def test_what_is_final_already_is_shown_and_over(tracker: Tracker) -> None:
    await tracker.stand()
    added = await tracker.add(node_tx=tracker.eth.mine(HASH, 10))
    card = await tracker.card(added.watch_id)
    assert (card.state, card.progress, card.is_over) == (TxState.FINAL, 100, True)
    assert tracker.stall.wakes == []


async def test_two_taps_at_once_make_one_watch(tracker: Tracker) -> None:
    node_tx = tracker.eth.send(HASH)
    added = await asyncio.gather(*(tracker.add(node_tx=node_tx) for _ in range(5)))
    assert sorted(one.is_new for one in added) == [False] * 4 + [True]
    assert len({one.watch_id for one in added}) == 1
    assert len(await tracker.stall.rows(Watch)) == 1


async def test_two_members_of_a_group_make_one_watch(tracker: Tracker) -> None:
    both = [tracker.add(None, None, user_id, chat_id=GROUP) for user_id in (ANNA, BEN)]
    added = await asyncio.gather(*both)
    assert sorted(one.is_new for one in added) == [False, True]
    assert len(await tracker.stall.rows(Watch)) == 1


async def test_two_users_share_a_transaction_and_not_a_card(tracker: Tracker) -> None:
    node_tx = tracker.eth.send(HASH)
    added = await asyncio.gather(
        *(tracker.add(node_tx=node_tx, user_id=user_id) for user_id in (ANNA, BEN))
    )
    assert [one.is_new for one in added] == [True, True]
    assert len(await tracker.stall.rows(Transaction)) == 1


async def test_what_others_watch_keeps_its_state_until_they_are_notified(tracker: Tracker) -> None:
    """P11: only its loop takes a step, together with the notifications to all who watch."""
    await tracker.add(node_tx=tracker.eth.send(HASH))
    await tracker.stall.change(await tracker.row(), check_at=clock.now() + HOUR, sender=None)
    await tracker.add(node_tx=tracker.eth.mine(HASH), user_id=BEN)
    row = await tracker.row()
    assert (row.state, row.block_hash) == (TxState.PENDING, None)
    assert row.sender is not None
    assert row.check_at is not None
    assert row.check_at <= clock.now()


async def test_the_limit_is_of_open_watches_that_a_user_asked_for(tracker: Tracker) -> None:
    tracker.shop = ShopSettings(watch_limit=2)
    first = await tracker.add()
    await tracker.add(number=2, about={"kind": "incoming"})
    await tracker.add(number=3)
    with pytest.raises(TooManyWatchesError):
        await tracker.add(number=4)
    assert len(await tracker.stall.rows(Transaction)) == 3
    await tracker.stop(first.watch_id)
    assert (await tracker.add(number=4)).is_new


async def test_the_limit_holds_against_taps_at_once(tracker: Tracker) -> None:
    tracker.shop = ShopSettings(watch_limit=3)
    tries = (tracker.add(number=number) for number in range(6))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, TooManyWatchesError) for one in results) == 3
    assert len(await tracker.stall.rows(Watch)) == 3


async def test_what_is_over_needs_no_room(tracker: Tracker) -> None:
    tracker.shop = ShopSettings(watch_limit=1)
    await tracker.stand()
    await tracker.add(number=2)
    assert (await tracker.add(node_tx=tracker.eth.mine(HASH, 10))).is_new


async def test_a_watch_that_exists_gets_the_new_label_and_keeps_the_old_one(
    tracker: Tracker,
) -> None:
    first = await tracker.add(label="rent")
    assert await tracker.add() == AddedWatch(first.watch_id, is_new=False)
    assert (await tracker.watch(first.watch_id)).label == "rent"
    await tracker.add(label="deposit")
    assert (await tracker.watch(first.watch_id)).label == "deposit"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("  rent \n for  May ", "rent for May"),
        ("a\x00b\x1b[31m\u202ec", "ab[31mc"),
        ("ж" * 100, "ж" * 64),
        ("👨‍👩‍👧 family", "👨‍👩‍👧 family"),
        (" \u200f\x07 ", None),
        ("", None),
        (None, None),
    ],
)
def test_a_label_is_one_visible_line(text: str | None, label: str | None) -> None:
    assert clean_label(text) == label


# --- begun again -----------------------------------------------------------------------------


async def test_a_stopped_one_begins_again_as_its_chain_says_now(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    await watches.set_watch_muted(tracker.db, ANNA, watch_id, muted=True)
    await tracker.stop(watch_id)
    await tracker.stand()
    added = await tracker.add(node_tx=tracker.eth.mine(HASH))
    watch, row = await tracker.watch(watch_id), await tracker.row()
    assert added == AddedWatch(watch_id, is_new=True)
    assert (watch.stopped_at, watch.ended_at, watch.muted) == (None, None, False)
    assert watch.card_message_id is None
    assert (row.state, row.ended_at) == (TxState.MINED, None)
    assert row.check_at is not None


async def test_one_witness_does_not_take_a_block_away(tracker: Tracker) -> None:
    await tracker.stand()
    watch_id = await tracker.add_shown(tracker.eth.mine(HASH))
    await tracker.stop(watch_id)
    await tracker.add(node_tx=tracker.eth.send(HASH))
    row = await tracker.row()
    assert (row.state, row.block_hash) == (TxState.MINED, block_hash(tracker.eth.head))
    assert row.check_at is not None


async def test_a_dropped_one_can_be_waited_for_again(tracker: Tracker, skip: Skip) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    now = clock.now()
    await tracker.stall.change(
        await tracker.row(), state=TxState.DROPPED, ended_at=now, missing_since=now, check_at=None
    )
    await tracker.change(watch_id, ended_at=now)
    skip(HOUR)
    await tracker.add()
    row, watch = await tracker.row(), await tracker.watch(watch_id)
    assert (row.state, row.ended_at, row.missing_since) == (TxState.UNKNOWN, None, None)
    assert watch.ended_at is None
    assert watch.awaited_until is not None


@pytest.mark.parametrize("state", [TxState.REPLACED, TxState.DROPPED])
async def test_what_seemed_lost_goes_on_when_a_node_has_it(
    tracker: Tracker, state: TxState
) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    now = clock.now()
    await tracker.stall.change(await tracker.row(), state=state, ended_at=now, check_at=None)
    await tracker.change(watch_id, ended_at=now)
    await tracker.add(node_tx=tracker.eth.send(HASH))
    row = await tracker.row()
    assert (row.state, row.ended_at) == (TxState.PENDING, None)
    assert (await tracker.watch(watch_id)).ended_at is None


async def test_what_was_reported_in_vain_once_can_be_reported_again(
    tracker: Tracker, skip: Skip
) -> None:
    """P11: a watch that is begun again is a new one to its user."""
    await tracker.add(None)
    for _ in range(2):
        skip(timedelta(hours=49))
        assert await tracker.end_awaited() == 1
        (notification,) = await tracker.stall.notifications()
        assert notification.status is OutboxStatus.WAITING
        await tracker.stall.change(notification, status=OutboxStatus.SENT)
        await tracker.add(None)
    assert await tracker.stall.rows(OutboxMessage) == []


# --- awaited ---------------------------------------------------------------------------------


async def test_what_nobody_knows_is_awaited_on_every_chain(tracker: Tracker) -> None:
    added = await tracker.add(None)
    rows = await tracker.stall.rows(Transaction)
    assert {(row.chain, row.state) for row in rows} == {
        (key, TxState.UNKNOWN) for key in ("eth", "bsc", "cf")
    }
    card = await tracker.card(added.watch_id)
    assert (card.chain, card.state, card.title) == (None, TxState.UNKNOWN, "")
    assert card.awaited_until == (await tracker.watch(added.watch_id)).created_at + 48 * HOUR
    assert set(tracker.stall.wakes) == {"tx_monitor_eth", "tx_monitor_bsc", "tx_monitor_cf"}


async def test_an_awaited_one_that_is_asked_for_again_on_its_chain_is_bound(
    tracker: Tracker,
) -> None:
    first = await tracker.add(None)
    added = await tracker.add("bsc", tracker.chains.bsc.send(HASH))
    assert added == AddedWatch(first.watch_id, is_new=False)
    watch = await tracker.watch(first.watch_id)
    assert (watch.chain, watch.awaited_until) == ("bsc", None)
    open_rows = await tracker.stall.rows(Transaction, Transaction.ended_at.is_(None))
    assert [row.chain for row in open_rows] == ["bsc"]


async def test_what_the_chat_has_on_a_chain_is_not_awaited_beside_it(tracker: Tracker) -> None:
    first = await tracker.add(node_tx=tracker.eth.send(HASH))
    assert await tracker.add(None) == AddedWatch(first.watch_id, is_new=False)
    assert len(await tracker.stall.rows(Transaction)) == 1


@pytest.mark.parametrize("chain", [None, "eth"])
async def test_what_never_came_ends_and_is_reported_once(
    tracker: Tracker, skip: Skip, chain: str | None
) -> None:
    """P11."""
    added = await tracker.add(chain, label="rent")
    assert await tracker.end_awaited() == 0
    skip(timedelta(hours=49))
    assert sorted(await asyncio.gather(tracker.end_awaited(), tracker.end_awaited())) == [0, 1]
    (notification,) = await tracker.stall.notifications()
    assert notification.key == f"watch:{added.watch_id}:lost:"
    assert notification.template == "watch-lost"
    assert (notification.values["label"], notification.values["chain"]) == ("rent", chain)
    watch = await tracker.watch(added.watch_id)
    assert watch.ended_at is not None
    assert watch.card_due_at is not None
    assert await tracker.stall.rows(Transaction, Transaction.check_at.is_not(None)) == []


async def test_nothing_is_said_never_to_have_come_while_a_chain_is_silent(
    tracker: Tracker, skip: Skip
) -> None:
    """A chain that could not be asked may have it."""
    await tracker.add(None)
    skip(timedelta(hours=47))
    await tracker.stand(failing_since=clock.now())
    skip(timedelta(hours=2))
    assert await tracker.end_awaited() == 0
    await tracker.stand(failing_since=None)
    assert await tracker.end_awaited() == 1


async def test_what_came_in_is_reported_by_its_amount_and_without_the_senders_fee(
    tracker: Tracker,
) -> None:
    follower = Follower(tracker.db, tracker.eth)
    await follow_chain(follower, ShopSettings())
    tracker.eth.send(HASH)
    about = {"kind": "incoming", "amount": "50", "token": "USDT"}
    added = await tracker.add(label="savings")
    await tracker.change(added.watch_id, about=about)
    tracker.eth.head += 1
    tracker.eth.mine(HASH)
    await follow_chain(follower, ShopSettings())
    (notification,) = await tracker.stall.notifications()
    told = [notification.values[name] for name in ("arrived", "label", "fee")]
    assert told == ["50 USDT", "savings", None]


async def test_who_is_muted_is_not_notified_of_what_never_came(
    tracker: Tracker, skip: Skip
) -> None:
    added = await tracker.add(None)
    await watches.set_watch_muted(tracker.db, ANNA, added.watch_id, muted=True)
    skip(timedelta(hours=49))
    assert await tracker.end_awaited() == 1
    assert await tracker.stall.notified() == []


async def test_what_came_in_time_is_not_lost(tracker: Tracker, skip: Skip) -> None:
    await tracker.add()
    await tracker.stall.change(await tracker.row(), state=TxState.PENDING)
    skip(timedelta(hours=49))
    assert await tracker.end_awaited() == 0


async def test_its_chain_shows_when_it_comes_and_the_card_goes_on(tracker: Tracker) -> None:
    """P11: through the chain's own loop."""
    follower = Follower(tracker.db, tracker.eth)
    added = await tracker.add(None)
    await watches.record_card(tracker.db, added.watch_id, 77)
    await follow_chain(follower, tracker.shop)
    assert await tracker.stall.notified() == []

    node_tx = tracker.eth.send(HASH)
    await tracker.add(None)  # makes it due
    await follow_chain(follower, tracker.shop)
    assert await tracker.stall.notified() == ["watch-seen"]
    watch = await tracker.watch(added.watch_id)
    assert (watch.chain, watch.awaited_until) == ("eth", None)

    tracker.eth.head += 1
    tracker.eth.mine(HASH)
    await follow_chain(follower, tracker.shop)
    assert await tracker.stall.notified() == ["watch-seen", "watch-mined"]
    assert (await tracker.row()).sender == node_tx.details.sender
    await watches.record_card(tracker.db, added.watch_id, 77)
    assert (await tracker.draw())["drawn"] == 1
    card = await tracker.card(added.watch_id)
    assert (card.state, card.confirmations, card.progress) == (TxState.MINED, 1, 1)

    tracker.eth.head += 100
    tracker.eth.final = tracker.eth.head - 64
    while (await follow_chain(follower, tracker.shop)).get("more"):
        pass
    card = await tracker.card(added.watch_id)
    assert (card.state, card.progress, card.is_over) == (TxState.FINAL, 100, True)
    assert (await tracker.stall.notified())[-1] == "watch-final"
    assert (await tracker.draw())["drawn"] == 1
    assert (await tracker.watch(added.watch_id)).card_due_at is None


# --- changed and stopped ---------------------------------------------------------------------


async def test_a_transaction_is_let_go_of_by_the_last_who_watches_it(tracker: Tracker) -> None:
    node_tx = tracker.eth.send(HASH)
    anna = await tracker.add_shown(node_tx)
    ben = await tracker.add(node_tx=node_tx, user_id=BEN)
    assert await tracker.stop(anna)
    assert (await tracker.row()).ended_at is None
    assert await tracker.stop(ben.watch_id, BEN)
    row = await tracker.row()
    assert row.ended_at is not None
    assert row.check_at is None
    card = await tracker.card(anna)
    assert (card.is_over, card.is_stopped) == (True, True)
    assert (await tracker.watch(anna)).card_due_at is not None


async def test_who_awaits_it_anywhere_keeps_it_followed(tracker: Tracker) -> None:
    anna = await tracker.add_shown(tracker.eth.send(HASH))
    await tracker.add(None, user_id=BEN)
    await tracker.stop(anna)
    assert (await tracker.row()).ended_at is None


async def test_the_last_to_go_and_the_next_to_come_leave_it_followed(tracker: Tracker) -> None:
    anna = await tracker.add_shown(tracker.eth.send(HASH))
    await asyncio.gather(
        tracker.stop(anna), tracker.add(node_tx=tracker.eth.send(HASH), user_id=BEN)
    )
    row = await tracker.row()
    assert row.ended_at is None
    assert row.check_at is not None


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_overlaps_what_is_watched_is_followed(tracker: Tracker, seed: int) -> None:
    """And nothing else."""
    chance = random.Random(seed)  # noqa: S311 - a test's
    ids: list[tuple[int, int]] = []

    async def begin(user_id: int, number: int, chain: str | None) -> None:
        added = await tracker.add(chain, user_id=user_id, number=number)
        ids.append((user_id, added.watch_id))

    async def end() -> None:
        if ids:
            user_id, watch_id = chance.choice(ids)
            await tracker.stop(watch_id, user_id)

    for _ in range(4):
        steps = [
            begin(chance.choice([ANNA, BEN]), chance.randint(1, 2), chance.choice([None, "eth"]))
            for _ in range(5)
        ]
        await asyncio.gather(*steps, *(end() for _ in range(5)))
    watched = {
        (chain, watch.tx_hash)
        for watch in await tracker.stall.rows(Watch, Watch.ended_at.is_(None))
        for chain in ([watch.chain] if watch.chain else ["eth", "bsc", "cf"])
    }
    rows = await tracker.stall.rows(Transaction, Transaction.ended_at.is_(None))
    assert {(row.chain, row.tx_hash) for row in rows} == watched


async def test_only_its_owner_changes_a_watch(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    assert not await tracker.stop(watch_id, BEN)
    assert not await watches.set_watch_mode(tracker.db, BEN, watch_id, WatchMode.FINAL)
    assert not await watches.set_watch_muted(tracker.db, BEN, watch_id, muted=True)
    assert not await watches.set_watch_label(tracker.db, BEN, watch_id, "mine")
    assert not await tracker.stop(watch_id + 1)
    watch = await tracker.watch(watch_id)
    assert (watch.mode, watch.muted, watch.label) == (WatchMode.EVERY, False, None)


async def test_a_change_is_drawn(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    assert await watches.set_watch_mode(tracker.db, ANNA, watch_id, WatchMode.FINAL)
    assert await watches.set_watch_muted(tracker.db, ANNA, watch_id, muted=True)
    assert await watches.set_watch_label(tracker.db, ANNA, watch_id, " rent ")
    card = await tracker.card(watch_id)
    assert (card.mode, card.muted, card.label) == (WatchMode.FINAL, True, "rent")
    due_at = (await tracker.watch(watch_id)).card_due_at
    assert due_at is not None
    assert due_at <= clock.now()


async def test_a_page_holds_open_ones_first_the_newest_first(tracker: Tracker) -> None:
    ids = [(await tracker.add(number=number)).watch_id for number in range(1, 8)]
    await tracker.change(ids[5], ended_at=clock.now())
    await tracker.stop(ids[2])
    await tracker.add(number=99, user_id=BEN)
    pages = [
        await watches.get_watch_page(tracker.db, tracker.chains.registry, ANNA, number)
        for number in (0, 1, 7, -1)
    ]
    shown = [[card.watch_id for card in page.cards] for page in pages]
    first, second = [ids[6], ids[4], ids[3], ids[1], ids[0]], [ids[5]]
    assert shown == [first, second, second, first]
    assert {(page.pages, page.open_count) for page in pages} == {(2, 5)}


async def test_who_watches_nothing_has_one_empty_page(tracker: Tracker) -> None:
    page = await watches.get_watch_page(tracker.db, tracker.chains.registry, ANNA, 3)
    assert (page.cards, page.number, page.pages, page.open_count) == ([], 0, 1, 0)
