"""A card shows what is true now, is edited when that changes, and stays away when removed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from app.core import clock
from app.db.models import GroupChat, Transaction, User, Watch
from app.domain.ports import (
    RefusedError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.domain.tracking import TxState
from app.services.group_chats import migrate_group
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.cards.cards import card_from_values, card_to_values, get_card
from app.services.tracking.cards.drawing import CARD_BATCH, next_card_draw_at
from app.services.tracking.cards.watches import record_card, set_watch_muted
from app.services.tracking.chains import Chains
from app.workers.rounds import update_cards
from tests.support.fake_chains import GWEI, tx_hash
from tests.support.fakes import PlainRenderer
from tests.support.stall import ANNA, BEN
from tests.support.terms import begin_term
from tests.support.tracker import Tracker

GROUP = -1001
HASH = tx_hash()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
Skip = Callable[[timedelta], None]


# --- what it shows ---------------------------------------------------------------------------


async def test_a_pending_one(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH), label="rent")
    card = await tracker.card(watch_id)
    assert (card.chain, card.title, card.coin, card.decimals) == ("eth", "Ethereum", "ETH", 18)
    assert (card.state, card.progress, card.wanted, card.left) == (TxState.PENDING, 0, None, None)
    assert (card.label, card.succeeded, card.is_over) == ("rent", None, False)
    assert card.explorer_url == f"https://etherscan.io/tx/{HASH}"
    assert card.awaited_until is None


async def test_one_in_a_block_on_its_way_to_final(tracker: Tracker) -> None:
    await tracker.stand()
    watch_id = await tracker.add_shown(tracker.eth.mine(HASH, tracker.eth.head - 39))
    card = await tracker.card(watch_id)
    assert (card.state, card.succeeded) == (TxState.SAFE, True)
    assert (card.confirmations, card.wanted, card.progress) == (40, 80, 80)
    assert card.left == 8 * MINUTE
    assert (card.fee, card.gas_used) == (21_000 * 12 * GWEI, 21_000)


async def test_one_that_failed_in_a_block(tracker: Tracker) -> None:
    await tracker.stand()
    watch_id = await tracker.add_shown(tracker.eth.mine(HASH, succeeded=False))
    card = await tracker.card(watch_id)
    assert (card.state, card.succeeded, card.gas_used) == (TxState.MINED, False, 21_000)


async def test_one_of_a_chain_that_counts_by_itself(tracker: Tracker) -> None:
    node_tx = tracker.chains.cf.accept(HASH, 4)
    added = await tracker.add("cf", node_tx)
    card = await tracker.card(added.watch_id)
    assert (card.confirmations, card.wanted, card.progress) == (4, 10, 39)


async def test_a_replaced_one_names_what_took_its_place(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    await tracker.stall.change(await tracker.row(), state=TxState.REPLACED, replaced_by=tx_hash(2))
    card = await tracker.card(watch_id)
    assert card.replaced_by_url == f"https://etherscan.io/tx/{tx_hash(2)}"


async def test_a_chain_that_does_not_answer_promises_no_time(tracker: Tracker) -> None:
    since = clock.now() - MINUTE
    await tracker.stand(failing_since=since)
    watch_id = await tracker.add_shown(tracker.eth.mine(HASH))
    card = await tracker.card(watch_id)
    assert (card.failing_since, card.left, card.confirmations) == (since, None, 1)


async def test_an_awaited_one_is_blind_only_when_no_chain_answers(tracker: Tracker) -> None:
    added = await tracker.add(None)
    since = clock.now() - MINUTE
    await tracker.stand(failing_since=since)
    assert (await tracker.card(added.watch_id)).failing_since is None
    await tracker.stand(tracker.chains.bsc, failing_since=since - MINUTE)
    tracker.chains.registry = Chains([tracker.eth, tracker.chains.bsc])
    assert (await tracker.card(added.watch_id)).failing_since == since


async def test_a_chain_that_was_switched_off_leaves_a_card(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.mine(HASH))
    tracker.chains.registry = Chains()
    card = await tracker.card(watch_id)
    assert (card.title, card.explorer_url, card.progress) == ("eth", None, 1)  # in a block


async def test_a_card_survives_the_way_to_its_template(tracker: Tracker) -> None:
    await tracker.stand()
    node_tx = tracker.eth.mine(HASH, tracker.eth.head - 5)
    watch_id = await tracker.add_shown(node_tx, about={"kind": "incoming", "amount": "50"})
    card = replace(await tracker.card(watch_id), fee=2**255, awaited_until=clock.now())
    assert card_from_values(card_to_values(card)) == card


async def test_a_watch_that_is_gone_has_no_card(tracker: Tracker) -> None:
    assert await get_card(tracker.db, tracker.chains.registry, 1, tracker.shop) is None


# --- when it is drawn ------------------------------------------------------------------------


async def test_a_change_of_state_is_drawn_at_once_and_then_at_its_own_pace(
    tracker: Tracker,
) -> None:
    await tracker.stand()
    watch_id = await tracker.add_shown(tracker.eth.mine(HASH))
    counts = await tracker.draw()
    assert (counts["claimed"], counts["more"]) == (0, 0)
    assert 10_000 < counts["next_in_ms"] <= 15_000
    await tracker.make_due(watch_id)
    assert await tracker.draw() == {"claimed": 1, "drawn": 1, "more": 1}
    ((chat_id, message_id, text),) = tracker.sender.edited
    assert (chat_id, message_id) == (ANNA, 500 + watch_id)
    assert text.startswith("watch-card ru")
    watch = await tracker.watch(watch_id)
    assert watch.card_lease_until is None
    assert watch.card_due_at is not None
    assert watch.card_due_at > clock.now() + 50 * SECOND
    counts = await tracker.draw()
    assert (counts["claimed"], counts["more"]) == (0, 0)
    assert 50_000 < counts["next_in_ms"] <= 60_000


async def test_whatever_makes_a_card_due_wakes_its_worker(tracker: Tracker) -> None:
    """The worker's own look for it comes seldom."""
    await tracker.stand()
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    changes: dict[str, Callable[[], Awaitable[object]]] = {
        "shown": partial(record_card, tracker.db, watch_id, 77),
        "muted": partial(set_watch_muted, tracker.db, ANNA, watch_id, muted=True),
        "migrated": partial(migrate_group, tracker.db, GROUP, GROUP - 1),
        "stopped": partial(tracker.stop, watch_id),
    }
    woken = []
    for name, change in changes.items():
        tracker.stall.wakes.clear()
        await change()
        if "watch_cards" in tracker.stall.wakes:
            woken.append(name)
    assert woken == list(changes)


async def test_the_pace_is_that_of_the_bar_and_slows_with_age(tracker: Tracker) -> None:
    await tracker.stand()
    card = await tracker.card(await tracker.add_shown(tracker.eth.mine(HASH)))
    waits = {
        "slow": next_card_draw_at(card, 16 * MINUTE),
        "middle": next_card_draw_at(card, 5 * MINUTE),
        "fast": next_card_draw_at(card, 3 * SECOND),
        "pending": next_card_draw_at(replace(card, state=TxState.PENDING), MINUTE),
        "old": next_card_draw_at(
            replace(card, state=TxState.PENDING, watched_since=card.now - 50 * MINUTE), MINUTE
        ),
        "very old": next_card_draw_at(
            replace(card, state=TxState.REORGED, watched_since=card.now - 900 * MINUTE), MINUTE
        ),
    }
    assert {name: at - card.now for name, at in waits.items() if at} == {
        "slow": MINUTE,
        "middle": 30 * SECOND,
        "fast": 15 * SECOND,
        "pending": MINUTE,
        "old": 5 * MINUTE,
        "very old": 10 * MINUTE,
    }
    assert next_card_draw_at(replace(card, is_over=True), MINUTE) is None


async def test_a_card_counts_since_when_its_own_chat_watches(tracker: Tracker) -> None:
    await tracker.stand()
    watch_id = await tracker.add_shown(tracker.eth.mine(HASH))
    await tracker.stall.change(await tracker.row(), first_seen_at=clock.now() - 50 * MINUTE)
    card = await tracker.card(watch_id)
    assert card.now - card.watched_since < MINUTE


async def test_a_chain_that_is_faster_than_its_rule_is_drawn_more_often(tracker: Tracker) -> None:
    tracker.eth.final = tracker.eth.head - 12
    await tracker.stand()
    watch_id = await tracker.add_shown(tracker.eth.mine(HASH))
    await tracker.make_due(watch_id)
    await tracker.draw()
    due_at = (await tracker.watch(watch_id)).card_due_at
    assert due_at is not None
    assert due_at < clock.now() + 30 * SECOND


async def test_one_that_is_over_is_drawn_once_more(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    await tracker.stop(watch_id)
    assert (await tracker.draw())["drawn"] == 1
    assert (await tracker.watch(watch_id)).card_due_at is None


async def test_the_handler_that_adds_a_watch_shows_its_card_and_nobody_else_meanwhile(
    tracker: Tracker, skip: Skip
) -> None:
    added = await tracker.add(node_tx=tracker.eth.send(HASH))
    await tracker.make_due(added.watch_id)  # its loop is fast
    assert (await tracker.draw())["claimed"] == 0
    skip(timedelta(seconds=21))  # the handler died
    assert (await tracker.draw())["drawn"] == 1
    assert len(tracker.sender.texts(ANNA)) == 1
    assert (await tracker.watch(added.watch_id)).card_message_id == 10_001


async def test_what_changed_before_the_card_was_noted_is_drawn_at_once(tracker: Tracker) -> None:
    added = await tracker.add(node_tx=tracker.eth.send(HASH))
    await tracker.make_due(added.watch_id)
    await tracker.change(added.watch_id, card_message_id=None)
    await record_card(tracker.db, added.watch_id, 77)
    assert (await tracker.draw())["drawn"] == 1
    assert [message_id for _, message_id, _ in tracker.sender.edited] == [77]


async def incoming(tracker: Tracker, number: int = 1) -> int:
    """What its chain's loop writes for a transfer that came in."""
    added = await tracker.add(node_tx=tracker.eth.mine(tx_hash(number)), number=number)
    await tracker.change(added.watch_id, card_due_at=clock.now(), card_lease_until=None)
    return added.watch_id


async def test_a_card_that_nobody_asked_for_is_sent_once(tracker: Tracker) -> None:
    """P4."""
    watch_id = await incoming(tracker)
    results = await asyncio.gather(tracker.draw(), tracker.draw())
    assert sorted(result["drawn"] for result in results) == [0, 1]
    assert len(tracker.sender.sent) == 1
    await tracker.make_due(watch_id)
    await tracker.draw()
    assert len(tracker.sender.sent) == 1
    assert [message_id for _, message_id, _ in tracker.sender.edited] == [10_001]


async def test_a_card_that_may_have_been_sent_is_not_sent_again(
    tracker: Tracker, skip: Skip
) -> None:
    """P4."""
    doubted, crashed = await incoming(tracker), await incoming(tracker, 2)
    tracker.sender.failures[ANNA] = [UndecidedError("no answer"), asyncio.CancelledError()]
    assert (await tracker.draw())["drawn"] == 1
    with pytest.raises(asyncio.CancelledError):
        await tracker.draw()
    skip(timedelta(seconds=91))
    assert (await tracker.draw())["claimed"] == 0
    for watch_id in (doubted, crashed):
        assert (await tracker.watch(watch_id)).card_lost
    assert tracker.sender.sent == []


async def test_a_card_that_a_killed_instance_was_drawing_is_drawn_by_the_next_term_at_once(
    tracker: Tracker,
) -> None:
    """P13: no clock is moved, and before the new term the lease holds."""
    await begin_term(tracker.db)
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    await tracker.make_due(watch_id)
    tracker.sender.failures[ANNA] = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await tracker.draw()
    assert (await tracker.draw())["claimed"] == 0

    await begin_term(tracker.db)

    assert (await tracker.draw())["drawn"] == 1
    assert (await tracker.watch(watch_id)).card_lease_term is None


async def test_an_older_term_that_draws_late_leaves_the_newer_ones_card(tracker: Tracker) -> None:
    """P2, P13: what it did is recorded by the lease's holder, and nobody else."""
    await begin_term(tracker.db)
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    await tracker.make_due(watch_id)

    async def be_overtaken() -> None:
        tracker.sender.on_call = nothing
        await begin_term(tracker.db)
        assert (await tracker.draw())["drawn"] == 1
        tracker.sender.removed.add(500 + watch_id)  # the older one takes it for removed

    tracker.sender.on_call = be_overtaken
    await tracker.draw()

    watch = await tracker.watch(watch_id)
    assert (watch.card_message_id, watch.card_lost) == (500 + watch_id, False)


async def nothing() -> None: ...


async def test_a_card_that_could_not_be_sent_is_sent_later(tracker: Tracker, skip: Skip) -> None:
    await incoming(tracker)
    tracker.sender.failures[ANNA] = [RetryLaterError(5 * SECOND), UnavailableError("down")]
    counts = await tracker.draw()
    assert (counts["claimed"], counts["drawn"], counts["more"]) == (1, 0, 0)
    assert 0 < counts["next_in_ms"] <= 5_000
    assert (await tracker.draw())["claimed"] == 0
    skip(6 * SECOND)
    assert (await tracker.draw())["drawn"] == 0
    skip(MINUTE)
    assert (await tracker.draw())["drawn"] == 1
    assert len(tracker.sender.sent) == 1


async def test_a_card_that_its_user_removed_stays_away(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    tracker.sender.removed.add(500 + watch_id)
    await tracker.make_due(watch_id)
    await tracker.draw()
    watch = await tracker.watch(watch_id)
    assert (watch.card_lost, watch.card_message_id, watch.card_due_at) == (True, None, None)
    assert watch.ended_at is None
    await tracker.make_due(watch_id)
    assert (await tracker.draw())["claimed"] == 0
    assert tracker.sender.sent == []


async def test_a_user_who_asks_for_it_again_gets_a_new_card(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    await tracker.change(watch_id, card_lost=True, card_message_id=None, card_due_at=None)
    assert await tracker.add_shown() == watch_id
    await tracker.make_due(watch_id)
    assert (await tracker.draw())["drawn"] == 1


async def test_what_changes_while_it_is_drawn_is_drawn_again(tracker: Tracker) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    await tracker.make_due(watch_id)

    async def change() -> None:
        tracker.sender.on_call = _nothing
        await tracker.make_due(watch_id)

    tracker.sender.on_call = change
    await tracker.draw()
    assert (await tracker.draw())["drawn"] == 1
    assert len(tracker.sender.edited) == 2


async def _nothing() -> None: ...


async def test_two_workers_draw_each_card_once(tracker: Tracker) -> None:
    """P7."""
    people = range(2_000, 2_020)
    async with tracker.db.unit_of_work() as session:
        session.add_all(
            User(id=id_, language="en", first_name="P", created_at=clock.now()) for id_ in people
        )
    node_tx = tracker.eth.send(HASH)
    for user_id in people:
        await tracker.make_due(await tracker.add_shown(node_tx, user_id=user_id))
    results = await asyncio.gather(*(tracker.draw() for _ in range(4)))
    assert sum(result["drawn"] for result in results) == len(people)
    assert sorted(chat for chat, _, _ in tracker.sender.edited) == list(people)


async def test_a_chat_gets_one_card_at_a_time_the_longest_waiting_first(tracker: Tracker) -> None:
    """P10."""
    ids = [await tracker.add_shown(number=number) for number in range(1, 4)]
    now = clock.now()
    for age, watch_id in enumerate(ids):
        await tracker.make_due(watch_id, now - age * MINUTE)
    for _ in range(3):
        assert (await tracker.draw())["claimed"] == 1
    assert [message_id - 500 for _, message_id, _ in tracker.sender.edited] == ids[::-1]


async def test_a_round_takes_a_batch_of_those_that_wait_longest(tracker: Tracker) -> None:
    first = await tracker.add(node_tx=tracker.eth.send(HASH))
    template = await tracker.watch(first.watch_id)
    now = clock.now()
    async with tracker.db.unit_of_work() as session:
        session.add_all(
            Watch(
                user_id=ANNA,
                chat_id=5_000 + place,
                chain="eth",
                tx_hash=HASH,
                mode=template.mode,
                created_at=now,
                card_message_id=place,
                card_due_at=now - place * SECOND,
            )
            for place in range(CARD_BATCH + 10)
        )
    assert (await tracker.draw())["drawn"] == CARD_BATCH
    assert min(message_id for _, message_id, _ in tracker.sender.edited) == 10
    assert (await tracker.draw())["drawn"] == 10


@pytest.mark.parametrize("error", [RefusedError("too long"), KeyError("template")])
async def test_a_card_that_cannot_be_drawn_holds_up_no_other(
    tracker: Tracker, error: Exception
) -> None:
    """P6."""
    anna = await tracker.add_shown(tracker.eth.send(HASH))
    ben = await tracker.add_shown(tracker.eth.send(HASH), user_id=BEN)
    for watch_id in (anna, ben):
        await tracker.make_due(watch_id)
    tracker.sender.failures[ANNA] = [error]
    assert await tracker.draw() == {"claimed": 2, "drawn": 1, "more": 1}
    due_at = (await tracker.watch(anna)).card_due_at
    assert due_at is not None
    assert due_at > clock.now() + 9 * MINUTE


async def test_a_group_without_the_bot_watches_nothing_any_more(tracker: Tracker) -> None:
    first = await tracker.add_shown(tracker.eth.send(HASH), chat_id=GROUP)
    second = await tracker.add_shown(number=2, chat_id=GROUP)
    await tracker.make_due(first)
    tracker.sender.failures[GROUP] = [UnreachableError("kicked")]
    await tracker.draw()
    for watch_id in (first, second):
        watch = await tracker.watch(watch_id)
        assert watch.stopped_at is not None
        assert watch.card_due_at is None
    assert await tracker.stall.rows(Transaction, Transaction.ended_at.is_(None)) == []


async def test_who_blocked_the_bot_has_cards_again_when_something_happens(
    tracker: Tracker,
) -> None:
    watch_id = await tracker.add_shown(tracker.eth.send(HASH))
    await tracker.make_due(watch_id)
    tracker.sender.failures[ANNA] = [UnreachableError("blocked")]
    await tracker.draw()
    watch = await tracker.watch(watch_id)
    assert (watch.ended_at, watch.card_due_at, watch.card_lost) == (None, None, False)
    (anna,) = await tracker.stall.rows(User, User.id == ANNA)
    assert anna.unreachable_at is not None
    await tracker.make_due(watch_id)
    assert (await tracker.draw())["drawn"] == 1


async def test_a_group_is_spoken_to_in_its_language(tracker: Tracker) -> None:
    async with tracker.db.unit_of_work() as session:
        session.add(GroupChat(id=GROUP, title="G", language="ru", created_at=clock.now()))
    watch_id = await tracker.add_shown(tracker.eth.send(HASH), user_id=BEN, chat_id=GROUP)
    await tracker.make_due(watch_id)
    await tracker.draw()
    ((_, _, text),) = tracker.sender.edited
    assert text.startswith("watch-card ru")


async def test_the_worker_draws_and_ends_what_never_came(tracker: Tracker, skip: Skip) -> None:
    added = await tracker.add(None)
    skip(timedelta(hours=49))
    shop = ShopSettingsCache(tracker.db)
    counts = await update_cards(
        tracker.db, tracker.chains.registry, tracker.sender, PlainRenderer(), shop
    )
    assert counts == {"claimed": 1, "drawn": 1, "more": 1, "lost": 1}
    assert await tracker.stall.notified() == ["watch-lost"]
    assert (await tracker.watch(added.watch_id)).card_due_at is None
