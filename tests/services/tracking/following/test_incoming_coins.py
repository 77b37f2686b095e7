"""Coins that came in, as blocks in full show them: which are sent, and what is read for it."""

from decimal import Decimal

import pytest

from app.db.models import ChainState, Watch
from app.domain.addresses import detect_address, to_eip55
from app.domain.chain_ports import Transfer
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import (
    UnknownSettingError,
    change_shop_setting,
    read_shop_settings,
)
from app.services.tracking.following.chain_cursor import TransferKind
from app.services.tracking.following.coins import BlockSpan
from app.services.tracking.following.incoming import IncomingResult, read_incoming_transfers
from app.services.tracking.wallet import addresses
from tests.support.fake_chains import block_hash, tx_hash
from tests.support.stall import ANNA, Stall
from tests.support.tracker import Tracker

USDT = "0x" + "55" * 20
MINE, STRANGER = "0x" + "a1" * 20, "0x" + "cc" * 20
SHOP = ShopSettings(tokens=(f"bsc:{USDT}:USDT:18",), coins_from={"bsc": Decimal("0.002")})
BNB = 10**18
AS_READ = BlockSpan(89, 101, 110, block_hash(100), block_hash(110))


@pytest.fixture
async def bound(stall: Stall) -> None:
    await addresses.bind_address(stall.db, ANNA, detect_address(MINE), "Wallet", ShopSettings())


def _arrive(
    tracker: Tracker, amount: int, number: int = 1, block: int = 101, *, succeeded: bool = True
) -> Transfer:
    """Mined, with its receipt."""
    chain, hash_ = tracker.chains.bsc, tx_hash(number)
    chain.mine(hash_, block, succeeded=succeeded)
    coin = Transfer(hash_, -1, block, block_hash(block), "", STRANGER, MINE, amount)
    chain.coins.append(coin)
    return coin


def _bring_tokens(tracker: Tracker, number: int) -> None:
    at = block_hash(101)
    brought = Transfer(tx_hash(number), 4, 101, at, USDT, STRANGER, MINE, 50 * 10**18)
    tracker.chains.bsc.transfers.append(brought)


async def _read(
    tracker: Tracker, span: BlockSpan = AS_READ, shop: ShopSettings = SHOP
) -> IncomingResult:
    chain = tracker.chains.bsc
    spans = dict.fromkeys(TransferKind, span)
    return await read_incoming_transfers(tracker.db, chain, chain, shop, spans)


async def _read_up_to(stall: Stall) -> int | None:
    return (await _positions(stall))[1]


async def _positions(stall: Stall) -> tuple[int | None, int | None]:
    """Of tokens and of coins."""
    (row,) = await stall.rows(ChainState, ChainState.chain == "bsc")
    return row.logs_number, row.coins_number


@pytest.mark.usefixtures("bound")
async def test_coins_become_a_card_of_their_own(tracker: Tracker, stall: Stall) -> None:
    """P3."""
    _arrive(tracker, 3 * BNB // 2)
    assert await _read(tracker) == (1, False)
    (watch,) = await stall.rows(Watch)
    assert watch.about == {
        "kind": "incoming",
        "amount": "1.5",
        "token": "BNB",
        "sender": to_eip55(STRANGER),
        "address": "Wallet",
    }
    assert await _read_up_to(stall) == 110


@pytest.mark.usefixtures("bound")
async def test_what_is_read_again_is_not_reported_again(tracker: Tracker, stall: Stall) -> None:
    """P11."""
    _arrive(tracker, BNB)
    assert [(await _read(tracker)).notified for _ in range(3)] == [1, 0, 0]
    assert len(await stall.rows(Watch)) == 1


@pytest.mark.usefixtures("bound")
async def test_what_failed_brought_nothing(tracker: Tracker, stall: Stall) -> None:
    _arrive(tracker, BNB, succeeded=False)
    assert await _read(tracker) == (0, False)
    assert await stall.rows(Watch) == []


@pytest.mark.usefixtures("bound")
async def test_dust_is_not_reported_and_the_least_amount_is(tracker: Tracker, stall: Stall) -> None:
    _arrive(tracker, 2 * 10**15 - 1)
    _arrive(tracker, 2 * 10**15, number=2)
    assert await _read(tracker) == (1, False)
    (watch,) = await stall.rows(Watch)
    assert (watch.tx_hash, watch.about["amount"]) == (tx_hash(2), "0.002")


@pytest.mark.usefixtures("bound")
async def test_coins_and_tokens_of_one_transaction_are_reported_together(
    tracker: Tracker, stall: Stall
) -> None:
    _arrive(tracker, BNB)
    _bring_tokens(tracker, number=1)
    assert await _read(tracker) == (1, False)
    (watch,) = await stall.rows(Watch)
    assert (watch.about["amount"], watch.about["token"]) == ("1", "BNB, 50 USDT")


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("start", [100, None])
async def test_where_logs_are_refused_coins_are_reported_and_tokens_as_soon_as_they_are_answered(
    tracker: Tracker, stall: Stall, start: int | None
) -> None:
    """P3: also where they were refused from the first pass on."""
    await tracker.stand(tracker.chains.bsc, logs_number=start, coins_number=start)
    _arrive(tracker, BNB, number=1)
    _bring_tokens(tracker, number=2)
    tracker.chains.bsc.refuses_logs = True
    assert await _read(tracker) == (1, False)
    (watch,) = await stall.rows(Watch)
    assert (watch.tx_hash, watch.about["token"]) == (tx_hash(1), "BNB")
    assert await _positions(stall) == (100, 110)
    tracker.chains.bsc.refuses_logs = False
    assert await _read(tracker) == (1, False)
    assert {one.tx_hash for one in await stall.rows(Watch)} == {tx_hash(1), tx_hash(2)}
    assert await _positions(stall) == (110, 110)


@pytest.mark.usefixtures("bound")
async def test_where_blocks_in_full_are_refused_tokens_are_reported_and_coins_later(
    tracker: Tracker, stall: Stall
) -> None:
    """P3."""
    _arrive(tracker, BNB, number=1)
    _bring_tokens(tracker, number=2)
    tracker.chains.bsc.refuses_full_blocks = True
    assert await _read(tracker) == (1, False)
    (watch,) = await stall.rows(Watch)
    assert (watch.tx_hash, watch.about["token"]) == (tx_hash(2), "USDT")
    assert await _positions(stall) == (110, 100)
    tracker.chains.bsc.refuses_full_blocks = False
    assert await _read(tracker) == (1, False)
    assert {one.tx_hash for one in await stall.rows(Watch)} == {tx_hash(1), tx_hash(2)}


@pytest.mark.usefixtures("bound")
async def test_who_moved_one_position_meanwhile_leaves_the_other(
    tracker: Tracker, stall: Stall
) -> None:
    """P2: what another loop has read is reported by that one alone."""
    await tracker.stand(tracker.chains.bsc, logs_number=100, coins_number=100)
    _arrive(tracker, BNB, number=1)
    _bring_tokens(tracker, number=2)

    async def move() -> None:
        await tracker.stand(tracker.chains.bsc, logs_number=110)

    tracker.chains.bsc.on_call = move
    assert await _read(tracker) == (1, False)
    (watch,) = await stall.rows(Watch)
    assert watch.tx_hash == tx_hash(1)
    assert await _positions(stall) == (110, 110)


async def test_without_a_bound_address_no_block_is_read_in_full(
    tracker: Tracker, stall: Stall
) -> None:
    _arrive(tracker, BNB)
    tracker.chains.bsc.is_down = True
    assert await _read(tracker) == (0, False)
    assert tracker.chains.bsc.read_in_full == []
    assert await _read_up_to(stall) == 110


@pytest.mark.usefixtures("bound")
async def test_a_chain_whose_coin_is_not_watched_is_not_read_in_full(tracker: Tracker) -> None:
    _arrive(tracker, BNB)
    shop = ShopSettings(coins_from={"eth": Decimal("0.1")})
    assert await _read(tracker, shop=shop) == (0, False)
    assert tracker.chains.bsc.read_in_full == []


@pytest.mark.usefixtures("bound")
async def test_only_new_blocks_are_read_while_the_one_below_is_still_ours(
    tracker: Tracker,
) -> None:
    await _read(tracker)
    assert tracker.chains.bsc.read_in_full == [*range(101, 111)]


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("known", [None, block_hash(100, "f0")], ids=["unknown", "exchanged"])
async def test_some_are_read_again_where_the_one_below_may_have_been_exchanged(
    tracker: Tracker, known: str | None
) -> None:
    _arrive(tracker, BNB, block=95)
    span = BlockSpan(89, 101, 110, known, block_hash(110))
    assert await _read(tracker, span) == (1, False)
    assert sorted(tracker.chains.bsc.read_in_full) == [*range(89, 111)]


@pytest.mark.usefixtures("bound")
async def test_a_long_gap_is_read_in_portions(tracker: Tracker, stall: Stall) -> None:
    _arrive(tracker, BNB, block=116)
    _arrive(tracker, BNB, number=2, block=117)
    span = BlockSpan(101, 101, 300, block_hash(100), block_hash(300))
    assert await _read(tracker, span) == (1, True)
    assert await _read_up_to(stall) == 116
    assert tracker.chains.bsc.read_in_full == [*range(101, 117)]


@pytest.mark.usefixtures("bound")
async def test_a_receipt_that_is_late_is_waited_for(tracker: Tracker, stall: Stall) -> None:
    await tracker.stand(tracker.chains.bsc, logs_number=100, coins_number=100)
    coin = _arrive(tracker, BNB)
    node_tx = tracker.chains.bsc.node_txs.pop(coin.tx_hash)
    assert await _read(tracker) == (0, False)
    assert await _read_up_to(stall) == 100
    tracker.chains.bsc.node_txs[coin.tx_hash] = node_tx
    assert await _read(tracker) == (1, False)


@pytest.mark.usefixtures("bound")
async def test_blocks_of_another_branch_than_the_loops_are_not_believed(
    tracker: Tracker, stall: Stall
) -> None:
    """Several nodes behind one address: the loop saw one of them."""
    await tracker.stand(tracker.chains.bsc, logs_number=100, coins_number=100)
    other = BlockSpan(89, 101, 110, block_hash(100), block_hash(110, "f0"))
    assert await _read(tracker, other) == (0, False)
    assert await _read_up_to(stall) == 100


async def test_the_operator_says_which_coins_and_from_how_much_on(stall: Stall) -> None:
    assert (await read_shop_settings(stall.db)).coins_from == {
        "eth": Decimal("0.0005"),
        "bsc": Decimal("0.002"),
    }
    await change_shop_setting(stall.db, "coins_from", '{"eth": "0.01", "polygon": 3}')
    assert (await read_shop_settings(stall.db)).coins_from == {
        "eth": Decimal("0.01"),
        "polygon": Decimal(3),
    }
    with pytest.raises(UnknownSettingError, match=r"^coins_from: "):
        await change_shop_setting(stall.db, "coins_from", '{"eth": -1}')
