"""The tracker's rounds at the same moment: proved to overlap, as the shop's are (P6, P11)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.core import clock
from app.db.models import Bridge, Transaction, Watch
from app.domain.shop_settings import ShopSettings
from app.services.tracking.following.poll import Poller, poll_chain
from app.services.tracking.wallet import bridges
from app.services.tracking.wallet.bridge_matching import match_due_bridges
from app.services.tracking.wallet.bridges import BridgeLeg
from tests.support.fake_chains import tx_hash
from tests.support.rounds import Round, count_done
from tests.support.stall import ANNA, BEN
from tests.support.tracker import Tracker

SHOP = ShopSettings()


async def show_cards(tracker: Tracker) -> None:
    for user_id in (ANNA, BEN):
        await tracker.make_due(await tracker.add_shown(user_id=user_id))


async def draw(tracker: Tracker) -> int:
    await tracker.draw()
    return len({chat_id for chat_id, _, _ in tracker.sender.edited})


async def watch_cellframe(tracker: Tracker) -> None:
    for number in (1, 2):
        await tracker.add("cf", tracker.chains.cf.accept(tx_hash(number), number), number=number)
    async with tracker.db.unit_of_work() as session:
        await session.execute(update(Transaction).values(check_at=clock.now()))


async def ask(tracker: Tracker) -> int:
    """How many have been asked about: those that are not due any more."""
    await poll_chain(Poller(tracker.db, tracker.chains.cf), SHOP)
    later = Transaction.check_at > clock.now()
    return len(await tracker.stall.rows(Transaction, later | Transaction.check_at.is_(None)))


async def start_bridges(tracker: Tracker) -> None:
    for user_id, number in ((ANNA, 1), (BEN, 2)):
        node_tx = tracker.chains.cf.accept(tx_hash(number), number)
        leg = BridgeLeg(tx_hash(number), "cf", node_tx)
        await bridges.start_bridge(tracker.db, tracker.chains.registry, user_id, leg, SHOP)
    async with tracker.db.unit_of_work() as session:
        await session.execute(update(Bridge).values(check_at=clock.now()))


async def match(tracker: Tracker) -> int:
    await match_due_bridges(tracker.db, tracker.chains.registry, SHOP)
    later = Bridge.check_at > clock.now()
    return len(await tracker.stall.rows(Bridge, later | Bridge.check_at.is_(None)))


ROUNDS: dict[str, Round[Tracker]] = {
    "cards": Round(show_cards, f"SELECT FROM watches WHERE user_id = {ANNA} FOR UPDATE", draw),
    "polling": Round(
        watch_cellframe,
        f"SELECT FROM transactions WHERE tx_hash = '{tx_hash(1)}' FOR UPDATE",
        ask,
    ),
    "bridges": Round(
        start_bridges, f"SELECT FROM bridges WHERE user_id = {ANNA} FOR UPDATE", match
    ),
}


@pytest.mark.parametrize("round_", ROUNDS.values(), ids=ROUNDS.keys())
async def test_a_round_leaves_what_another_holds_and_does_the_rest(
    tracker: Tracker, database_url: str, round_: Round[Tracker]
) -> None:
    """P6: the held row is done once it is free, by whichever round comes then."""
    assert await count_done(round_, tracker, database_url) == (1, 2)


async def test_what_is_not_due_yet_is_not_asked_about(tracker: Tracker) -> None:
    """P11: or each round would cost what there is, and not what is due."""
    await watch_cellframe(tracker)
    async with tracker.db.unit_of_work() as session:
        later = clock.now() + timedelta(minutes=1)
        this = Transaction.tx_hash == tx_hash(2)
        await session.execute(update(Transaction).where(this).values(check_at=later))

    asked = await poll_chain(Poller(tracker.db, tracker.chains.cf), SHOP)

    assert asked["asked"] == 1
    assert (await tracker.row("cf", 2)).check_at == later


async def test_one_hash_on_two_chains_is_moved_by_its_own_chain_alone(tracker: Tracker) -> None:
    """P11: what Cellframe says of a hash is no word about the same hash on BSC."""
    for chain in (tracker.chains.cf, tracker.chains.bsc):
        await tracker.add(chain.spec.key, number=1)
    tracker.chains.cf.accept(tx_hash(1), 1)
    async with tracker.db.unit_of_work() as session:
        await session.execute(update(Transaction).values(check_at=clock.now()))
    before = await tracker.row("bsc")

    await poll_chain(Poller(tracker.db, tracker.chains.cf), SHOP)

    moved, other = await tracker.row("cf"), await tracker.row("bsc")
    assert moved.block_hash is not None
    assert (other.state, other.block_hash, other.check_at) == (
        before.state,
        None,
        before.check_at,
    )
    assert len(await tracker.stall.rows(Watch)) == 2
