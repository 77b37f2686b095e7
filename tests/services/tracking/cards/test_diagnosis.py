"""What is the matter with a transaction, by what its chain says now and said before."""

import asyncio
from datetime import timedelta

import pytest

from app.core import clock
from app.domain.chain_ports import NonceUse
from app.domain.tracking import TxState
from app.services.tracking.cards.diagnosis import Diagnosis, TxVerdict, diagnose_transaction
from tests.support.fake_chains import ALICE, GWEI, tx_hash
from tests.support.tracker import Tracker

HASH, OTHER = tx_hash(), tx_hash(2)
MINUTE = timedelta(minutes=1)


async def examine(tracker: Tracker) -> Diagnosis:
    (diagnosis,) = await diagnose_transaction(
        tracker.db, tracker.chains.registry, HASH, tracker.shop
    )
    return diagnosis


async def test_one_that_pays_enough_only_waits(tracker: Tracker) -> None:
    tracker.eth.send(HASH, cap=30 * GWEI)
    found = await examine(tracker)
    assert (found.verdict, found.chain, found.fee_offered) == (TxVerdict.PENDING, "eth", 30 * GWEI)
    assert found.gas == tracker.eth.gas
    assert found.card is not None
    assert (found.card.state, found.card.title) == (TxState.PENDING, "Ethereum")


async def test_one_that_pays_less_than_blocks_ask_is_cheap(tracker: Tracker) -> None:
    tracker.eth.send(HASH, cap=11 * GWEI)
    assert (await examine(tracker)).verdict is TxVerdict.CHEAP


async def test_one_behind_an_open_one_of_its_sender_is_queued(tracker: Tracker) -> None:
    tracker.eth.nonces[ALICE] = 5
    tracker.eth.send(HASH, nonce=7, cap=GWEI)
    found = await examine(tracker)
    assert (found.verdict, found.nonce, found.next_nonce) == (TxVerdict.QUEUED, 7, 5)


async def test_without_prices_it_waits_for_all_we_know(tracker: Tracker) -> None:
    tracker.eth.send(HASH, cap=GWEI)
    calls = 0

    async def fail_after_the_probe() -> None:
        nonlocal calls
        calls += 1
        tracker.eth.is_down = calls > 1

    tracker.eth.on_call = fail_after_the_probe
    found = await examine(tracker)
    assert (found.verdict, found.gas, found.next_nonce) == (TxVerdict.PENDING, None, None)


@pytest.mark.parametrize(
    ("number", "succeeded", "verdict"),
    [
        (1_000, True, TxVerdict.MINED),
        (10, True, TxVerdict.FINAL),
        (1_000, False, TxVerdict.FAILED),
        (10, False, TxVerdict.FAILED),
        (1_000, None, TxVerdict.MINED),
        (10, None, TxVerdict.FINAL),
    ],
)
async def test_one_in_a_block(
    tracker: Tracker,
    number: int,
    succeeded: bool | None,  # noqa: FBT001 - a parameter
    verdict: TxVerdict,
) -> None:
    """What failed has spent its gas all the same."""
    await tracker.stand()
    tracker.eth.mine(HASH, number, succeeded=succeeded)
    found = await examine(tracker)
    assert (found.verdict, found.gas_used) == (verdict, 21_000)
    assert found.fee == 21_000 * 12 * GWEI
    assert found.confirmations == 1_001 - number
    assert found.gas is None


async def test_one_that_lost_its_block_waits_again(tracker: Tracker) -> None:
    await tracker.add(node_tx=tracker.eth.send(HASH))
    await tracker.stall.change(await tracker.row(), state=TxState.REORGED)
    assert (await examine(tracker)).verdict is TxVerdict.REORGED
    del tracker.eth.node_txs[HASH]
    assert (await examine(tracker)).verdict is TxVerdict.REORGED


async def replaced(tracker: Tracker) -> int:
    """Another one of its sender has used its nonce; the watch's id."""
    await tracker.stand()
    watch_id = await tracker.add_shown(tracker.eth.send(HASH, nonce=7))
    del tracker.eth.node_txs[HASH]
    tracker.eth.nonces[ALICE] = 8
    tracker.eth.nonce_uses[ALICE, 7] = NonceUse(OTHER)
    return watch_id


async def test_a_replaced_one_names_which_took_its_place_and_its_card_too(tracker: Tracker) -> None:
    """P5."""
    watch_id = await replaced(tracker)
    await tracker.stall.change(await tracker.row(), state=TxState.REPLACED, ended_at=clock.now())
    found = await examine(tracker)
    assert (found.verdict, found.replaced_by) == (TxVerdict.REPLACED, OTHER)
    assert found.replaced_by_url == f"https://etherscan.io/tx/{OTHER}"
    assert (await tracker.card(watch_id)).replaced_by == OTHER
    assert (await tracker.draw())["drawn"] == 1


async def test_one_whose_nonce_an_authorization_used_says_so_and_its_card_too(
    tracker: Tracker,
) -> None:
    """EIP-7702: nothing took its place."""
    watch_id = await replaced(tracker)
    tracker.eth.nonce_uses[ALICE, 7] = NonceUse(None)
    found = await examine(tracker)
    assert (found.verdict, found.nonce_authorized) == (TxVerdict.REPLACED, True)
    assert not (await tracker.card(watch_id)).nonce_authorized, "its loop has not concluded it"
    await tracker.stall.change(await tracker.row(), state=TxState.REPLACED, ended_at=clock.now())
    found = await examine(tracker)
    assert (found.verdict, found.replaced_by) == (TxVerdict.REPLACED, None)
    assert (await tracker.card(watch_id)).nonce_authorized
    assert (await tracker.draw())["drawn"] == 1


async def test_what_its_loop_has_not_concluded_is_said_and_not_written(tracker: Tracker) -> None:
    await replaced(tracker)
    found = await examine(tracker)
    assert (found.verdict, found.replaced_by) == (TxVerdict.REPLACED, OTHER)
    row = await tracker.row()
    assert (row.state, row.replaced_by) == (TxState.PENDING, None)


async def test_its_own_inclusion_is_no_replacement(tracker: Tracker) -> None:
    await replaced(tracker)
    tracker.eth.nonce_uses[ALICE, 7] = NonceUse(HASH)
    assert (await examine(tracker)).verdict is TxVerdict.UNKNOWN


async def test_one_that_no_node_has_now_is_shown_as_it_was(tracker: Tracker) -> None:
    await tracker.add(node_tx=tracker.eth.send(HASH))
    since = clock.now() - MINUTE
    await tracker.stall.change(await tracker.row(), missing_since=since)
    del tracker.eth.node_txs[HASH]
    found = await examine(tracker)
    assert (found.verdict, found.chain, found.missing_since) == (TxVerdict.UNKNOWN, "eth", since)
    assert found.card is not None


async def test_a_dropped_one(tracker: Tracker) -> None:
    await tracker.add(node_tx=tracker.eth.send(HASH))
    await tracker.stall.change(await tracker.row(), state=TxState.DROPPED, ended_at=clock.now())
    del tracker.eth.node_txs[HASH]
    assert (await examine(tracker)).verdict is TxVerdict.DROPPED


async def test_a_chain_that_is_away_since(tracker: Tracker) -> None:
    since = clock.now() - MINUTE
    await tracker.stand(failing_since=since)
    tracker.eth.is_down = True
    found = await examine(tracker)
    assert (found.verdict, found.chain, found.since) == (TxVerdict.UNAVAILABLE, "eth", since)
    assert found.card is None


async def test_of_a_chain_that_is_away_the_last_is_still_known(tracker: Tracker) -> None:
    since = clock.now() - MINUTE
    await tracker.stand(failing_since=since)
    await tracker.add(node_tx=tracker.eth.mine(HASH))
    tracker.eth.is_down = True
    found = await examine(tracker)
    assert (found.verdict, found.since) == (TxVerdict.UNAVAILABLE, since)
    assert found.card is not None
    assert (found.card.state, found.card.failing_since) == (TxState.MINED, since)


async def test_one_that_nobody_knows(tracker: Tracker) -> None:
    await tracker.add(None)
    assert await examine(tracker) == Diagnosis(TxVerdict.UNKNOWN, HASH)


async def test_one_hash_on_two_chains_is_reported_for_each(tracker: Tracker) -> None:
    tracker.eth.send(HASH)
    tracker.chains.cf.accept(HASH, 3)
    found = await diagnose_transaction(tracker.db, tracker.chains.registry, HASH, tracker.shop)
    assert [(one.chain, one.verdict) for one in found] == [
        ("eth", TxVerdict.PENDING),
        ("cf", TxVerdict.MINED),
    ]


async def test_users_who_ask_at_once_read_the_same(tracker: Tracker) -> None:
    await replaced(tracker)
    await tracker.stall.change(await tracker.row(), state=TxState.REPLACED, ended_at=clock.now())
    found = await asyncio.gather(*(examine(tracker) for _ in range(3)))
    assert {one.replaced_by for one in found} == {OTHER}
