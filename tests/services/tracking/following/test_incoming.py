"""Transfers that came in: each reported once, whatever is read again, and only so many."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core import clock
from app.db.models import Address, ChainState, OutboxMessage, Transaction, Watch
from app.domain.addresses import detect_address, to_base58check, to_eip55
from app.domain.chain_ports import Transfer
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState, WatchMode
from app.services.shop_settings import (
    UnknownSettingError,
    change_shop_setting,
    read_shop_settings,
)
from app.services.tracking.following.chain_cursor import TransferKind
from app.services.tracking.following.coins import BlockSpan
from app.services.tracking.following.incoming import read_incoming_transfers
from app.services.tracking.wallet import addresses
from app.services.users import mark_bot_blocked
from tests.conftest import Skip
from tests.support.fake_chains import FakeTronChain, block_hash, tx_hash
from tests.support.stall import ANNA, BEN, Stall
from tests.support.tracker import Tracker

USDT, CELL = "0x" + "55" * 20, "0x" + "66" * 20
MINE, OTHER, STRANGER = "0x" + "a1" * 20, "0x" + "b2" * 20, "0x" + "cc" * 20
TOKENS = (f"bsc:{USDT}:USDT:18", f"bsc:{CELL}:CELL:18", f"eth:{USDT}:USDT:6")
SHOP = ShopSettings(tokens=TOKENS, coins_from={})
UNIT = 10**18


def _transfer(
    number: int = 1,
    block: int = 101,
    index: int = 0,
    *,
    token: str = USDT,
    sender: str = STRANGER,
    recipient: str = MINE,
    amount: int = 50 * UNIT,
) -> Transfer:
    at = block_hash(block)
    return Transfer(tx_hash(number), index, block, at, token, sender, recipient, amount)


async def _bind(
    stall: Stall, text: str = MINE, user_id: int = ANNA, label: str | None = None
) -> Address:
    bound = await addresses.bind_address(
        stall.db, user_id, detect_address(text), label, ShopSettings()
    )
    return bound.row


async def _read(
    tracker: Tracker,
    *transfers: Transfer,
    first: int = 101,
    last: int = 110,
    shop: ShopSettings = SHOP,
) -> int:
    chain = tracker.chains.bsc
    chain.transfers = list(transfers)
    notified, more = 0, True
    while more:
        spans = dict.fromkeys(TransferKind, BlockSpan(first, first, last))
        some, more = await read_incoming_transfers(tracker.db, chain, chain, shop, spans)
        notified, first = notified + some, (await _read_up_to(tracker.stall) or 0) + 1
    return notified


async def _read_up_to(stall: Stall) -> int | None:
    rows = await stall.rows(ChainState, ChainState.chain == "bsc")
    return rows[0].logs_number if rows else None


async def _set_read_up_to(tracker: Tracker, number: int) -> None:
    await tracker.stand(tracker.chains.bsc, logs_number=number)


async def test_a_transfer_becomes_a_card_of_its_own(tracker: Tracker, stall: Stall) -> None:
    """P3: the card's row stands in the unit of work that moves the reading on."""
    await _bind(stall, label="Wallet")
    assert await _read(tracker, _transfer()) == 1
    (watch,) = await stall.rows(Watch)
    assert (watch.chat_id, watch.chain, watch.mode) == (ANNA, "bsc", WatchMode.FINAL)
    assert watch.card_due_at is not None
    assert watch.card_due_at <= clock.now()
    assert watch.label == "Wallet"
    assert watch.about == {
        "kind": "incoming",
        "amount": "50",
        "token": "USDT",
        "sender": to_eip55(STRANGER),
        "address": "Wallet",
    }
    (row,) = await stall.rows(Transaction)
    assert (row.state, row.block_number, row.block_hash) == (TxState.MINED, 101, block_hash(101))
    assert await _read_up_to(stall) == 110


async def test_without_a_name_the_address_is_shortened(tracker: Tracker, stall: Stall) -> None:
    await _bind(stall)
    await _read(tracker, _transfer())
    (watch,) = await stall.rows(Watch)
    assert watch.about["address"].lower() == "0xa1a1…a1a1"


async def test_what_is_read_again_is_not_reported_again(tracker: Tracker, stall: Stall) -> None:
    """P11: after a reorganisation the loop sets the reading back."""
    await _bind(stall)
    await _read(tracker, _transfer())
    await _set_read_up_to(tracker, 100)
    moved = replace(_transfer(block=105), block_hash=block_hash(105, "f0"))
    assert await _read(tracker, moved) == 0
    assert len(await stall.rows(Watch)) == 1
    (row,) = await stall.rows(Transaction)
    assert row.block_number == 101, "its new place is the loop's to find"


async def test_a_reader_that_moved_the_cursor_meanwhile_wins(
    tracker: Tracker, stall: Stall
) -> None:
    """P2: two loops, or a reorganisation between the question and the answer."""
    await _bind(stall)
    await _set_read_up_to(tracker, 100)

    async def set_back() -> None:
        await _set_read_up_to(tracker, 90)

    tracker.chains.bsc.on_call = set_back
    assert await _read(tracker, _transfer()) == 0
    assert await stall.rows(Watch) == []
    assert await _read_up_to(stall) == 90


async def test_a_chain_that_does_not_answer_is_read_later(tracker: Tracker, stall: Stall) -> None:
    await _bind(stall)
    await _set_read_up_to(tracker, 100)
    tracker.chains.bsc.is_down = True
    assert await _read(tracker, _transfer()) == 0
    assert await _read_up_to(stall) == 100
    tracker.chains.bsc.is_down = False
    assert await _read(tracker, _transfer()) == 1


async def test_a_long_gap_is_kept_in_portions(tracker: Tracker, stall: Stall) -> None:
    await _bind(stall)
    tracker.chains.bsc.failures = []
    seen: list[int | None] = []

    async def look() -> None:
        seen.append(await _read_up_to(stall))

    tracker.chains.bsc.on_call = look
    assert await _read(tracker, _transfer(), _transfer(2, 1_300), last=1_400) == 2
    assert seen == [None, 580, 1060]
    assert await _read_up_to(stall) == 1_400


async def test_a_transfer_between_ones_own_addresses_is_reported_once(
    tracker: Tracker, stall: Stall
) -> None:
    await _bind(stall)
    await _bind(stall, OTHER)
    notified = await _read(tracker, _transfer(sender=OTHER), _transfer(index=1, recipient=OTHER))
    assert notified == 1
    (watch,) = await stall.rows(Watch)
    assert watch.about["amount"] == "100"


async def test_several_tokens_of_one_transaction_are_reported_together(
    tracker: Tracker, stall: Stall
) -> None:
    await _bind(stall)
    await _read(
        tracker, _transfer(), _transfer(index=1), _transfer(index=2, token=CELL, amount=UNIT)
    )
    (watch,) = await stall.rows(Watch)
    assert (watch.about["amount"], watch.about["token"]) == ("100", "USDT, 1 CELL")


async def test_two_users_with_one_address_are_both_notified(tracker: Tracker, stall: Stall) -> None:
    await _bind(stall)
    await _bind(stall, user_id=BEN)
    assert await _read(tracker, _transfer()) == 2
    assert {watch.chat_id for watch in await stall.rows(Watch)} == {ANNA, BEN}


async def test_nothing_worth_nothing_and_nothing_unlisted_is_reported(
    tracker: Tracker, stall: Stall
) -> None:
    """Transfers of nothing are made to put a false address into a history."""
    await _bind(stall)
    assert await _read(tracker, _transfer(amount=0), _transfer(2, token="0x" + "77" * 20)) == 0
    assert await stall.rows(Watch) == []


async def test_who_is_silent_or_gone_is_not_notified(tracker: Tracker, stall: Stall) -> None:
    row = await _bind(stall)
    await _bind(stall, OTHER, BEN)
    await addresses.set_address_notified(stall.db, ANNA, row.id, notified=False)
    await mark_bot_blocked(stall.db, BEN)
    assert await _read(tracker, _transfer(), _transfer(2, recipient=OTHER)) == 0
    assert await _read_up_to(stall) == 110


async def test_without_tokens_the_chain_is_not_asked(tracker: Tracker, stall: Stall) -> None:
    await _bind(stall)
    chain = tracker.chains.bsc
    chain.is_down = True
    shop = ShopSettings(tokens=(), coins_from={})
    spans = dict.fromkeys(TransferKind, BlockSpan(101, 101, 5_000))
    assert await read_incoming_transfers(stall.db, chain, chain, shop, spans) == (0, False)
    assert await _read_up_to(stall) == 5_000


async def test_a_user_who_watches_it_already_is_not_notified_twice(
    tracker: Tracker, stall: Stall
) -> None:
    await _bind(stall)
    await tracker.add("bsc", tracker.chains.bsc.send(tx_hash()))
    assert await _read(tracker, _transfer()) == 0
    (watch,) = await stall.rows(Watch)
    assert watch.about == {}


async def test_many_are_reported_up_to_a_limit_and_then_once(
    tracker: Tracker, stall: Stall, skip: Skip
) -> None:
    await _bind(stall)
    await _bind(stall, OTHER, BEN)
    many = [_transfer(number) for number in range(1, 26)]
    to_ben = _transfer(999, recipient=OTHER)
    assert await _read(tracker, *many, to_ben) == 21
    more = [_transfer(number, 115) for number in range(100, 105)]
    assert await _read(tracker, *more, first=111, last=120) == 0
    notifications = await stall.rows(OutboxMessage)
    assert [(one.chat_id, one.template) for one in notifications] == [(ANNA, "incoming-more")]
    skip(timedelta(hours=1, minutes=1))
    assert await _read(tracker, _transfer(200, 125), first=121, last=130) == 1


@pytest.mark.parametrize("token", [USDT, CELL])
async def test_dust_takes_no_payments_place(tracker: Tracker, stall: Stall, token: str) -> None:
    """As wallets report it: 20 transfers of one unit, then 5000 tokens in the same hour."""
    await _bind(stall)
    dust = [_transfer(number, amount=1, token=token) for number in range(1, 21)]
    assert await _read(tracker, *dust) == 0
    payment = _transfer(999, 115, amount=5_000 * UNIT, token=token)
    assert await _read(tracker, payment, first=111, last=120) == 1
    (watch,) = await stall.rows(Watch)
    assert (watch.tx_hash, watch.about["amount"]) == (tx_hash(999), "5000")
    assert await stall.rows(OutboxMessage) == [], "dust is not worth a word"


@pytest.mark.parametrize(
    ("line", "dust", "least"),
    [
        (f"bsc:{USDT}:USDT:18", UNIT - 1, UNIT),
        (f"bsc:{USDT}:usdc.e:6", 10**6 - 1, 10**6),
        (f"bsc:{USDT}:CELL:18", 10**12 - 1, 10**12),
        (f"bsc:{USDT}:CELL:18:2.5", 5 * UNIT // 2 - 1, 5 * UNIT // 2),
        (f"bsc:{USDT}:USDT:18:0", 0, 1),
        (f"bsc:{USDT}:POINT:0:1.5", 1, 2),
        (f"bsc:{USDT}:POINT:0", 0, 1),
    ],
)
async def test_each_token_has_its_least_amount(
    tracker: Tracker, stall: Stall, line: str, dust: int, least: int
) -> None:
    await _bind(stall)
    shop = ShopSettings(tokens=(line,), coins_from={})
    notified = await _read(tracker, _transfer(amount=dust), _transfer(2, amount=least), shop=shop)
    assert notified == 1
    (watch,) = await stall.rows(Watch)
    assert watch.tx_hash == tx_hash(2)


async def test_the_least_amount_is_of_all_that_a_transaction_brings(
    tracker: Tracker, stall: Stall
) -> None:
    """And dust beside it neither stands on its card nor names its sender and address."""
    await _bind(stall, label="Savings")
    await _bind(stall, OTHER, label="Wallet")
    notified = await _read(
        tracker,
        _transfer(index=0, amount=1, token=CELL, sender=USDT),
        _transfer(index=1, amount=UNIT // 4, sender=USDT),
        _transfer(index=2, amount=3 * UNIT // 4, recipient=OTHER),
        _transfer(2, amount=3 * UNIT // 4),
    )
    assert notified == 1
    (watch,) = await stall.rows(Watch)
    assert watch.about == {
        "kind": "incoming",
        "amount": "1",
        "token": "USDT",
        "sender": to_eip55(STRANGER),
        "address": "Wallet",
    }


async def test_the_largest_are_reported_where_not_all_can_be(
    tracker: Tracker, stall: Stall
) -> None:
    """Measured in least amounts, because tokens differ in worth."""
    await _bind(stall)
    shop = ShopSettings(tokens=(f"bsc:{USDT}:USDT:18", f"bsc:{CELL}:CELL:18:1000"), coins_from={})
    small = [_transfer(number, amount=3 * UNIT // 2) for number in range(1, 11)]
    cell = [_transfer(number, token=CELL, amount=1_200 * UNIT) for number in range(11, 26)]
    large = _transfer(26, 102, amount=5_000 * UNIT)
    worth = _transfer(27, 103, token=CELL, amount=4_000 * UNIT)
    assert await _read(tracker, *small, *cell, large, worth, shop=shop) == 20
    notified = [row.tx_hash for row in sorted(await stall.rows(Watch), key=lambda row: row.id)]
    expected = [26, 27, *range(1, 11), *range(11, 19)]
    assert notified == [tx_hash(number) for number in expected]


async def test_one_that_nobody_watched_any_more_goes_on(tracker: Tracker, stall: Stall) -> None:
    bsc = tracker.chains.bsc
    added = await tracker.add("bsc", bsc.mine(tx_hash(), 101), user_id=BEN)
    await tracker.stop(added.watch_id, BEN)
    assert (await tracker.row("bsc")).ended_at is not None
    await _bind(stall)
    assert await _read(tracker, _transfer()) == 1
    row = await tracker.row("bsc")
    assert (row.ended_at, row.check_at is not None) == (None, True)


async def test_one_that_is_final_already_is_shown_and_over(tracker: Tracker, stall: Stall) -> None:
    bsc = tracker.chains.bsc
    await tracker.stand(bsc, logs_number=100)
    await tracker.add("bsc", bsc.mine(tx_hash(), 101), user_id=BEN)
    assert (await tracker.row("bsc")).state is TxState.FINAL
    await _bind(stall)
    assert await _read(tracker, _transfer()) == 1
    (watch,) = await stall.rows(Watch, Watch.chat_id == ANNA)
    assert watch.ended_at is not None
    assert watch.card_due_at is not None


async def test_two_readers_of_the_same_blocks_report_it_once(
    tracker: Tracker, stall: Stall
) -> None:
    """P2: two instances for a moment."""
    await _bind(stall)
    await _set_read_up_to(tracker, 100)
    tracker.chains.bsc.transfers = [_transfer()]
    bsc, spans = tracker.chains.bsc, dict.fromkeys(TransferKind, BlockSpan(101, 101, 110))
    results = await asyncio.gather(
        *(read_incoming_transfers(tracker.db, bsc, bsc, SHOP, spans) for _ in range(5))
    )
    assert sorted(one.notified for one in results) == [0, 0, 0, 0, 1]
    assert len(await stall.rows(Watch)) == 1


async def test_who_awaits_it_is_notified_by_that_watch(tracker: Tracker, stall: Stall) -> None:
    await _bind(stall)
    await tracker.add(None)
    assert await _read(tracker, _transfer()) == 0
    assert len(await stall.rows(Watch)) == 1


async def test_the_operator_reads_what_is_wrong_with_a_token(stall: Stall) -> None:
    with pytest.raises(UnknownSettingError, match=r"^tokens: .*checksum is wrong"):
        await change_shop_setting(stall.db, "tokens", f'["bsc:{USDT[:-1]}:USDT:18"]')
    await change_shop_setting(stall.db, "tokens", f"bsc:{USDT}:USDT:18")
    assert (await read_shop_settings(stall.db)).tokens == (f"bsc:{USDT}:USDT:18",)


async def test_on_tron_only_what_comes_to_tron_addresses_is_reported(tracker: Tracker) -> None:
    shown = to_base58check(MINE)
    await _bind(tracker.stall, shown)
    await _bind(tracker.stall, MINE, BEN)
    chain = FakeTronChain()
    usdt = detect_address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t").text
    chain.transfers = [_transfer(token=usdt, amount=25 * 10**6)]
    spans = {TransferKind.TOKENS: BlockSpan(101, 101, 110)}
    await read_incoming_transfers(tracker.db, chain, chain, ShopSettings(), spans)
    [watch] = await tracker.stall.rows(Watch)
    assert (watch.user_id, watch.chain) == (ANNA, "tron")
    assert watch.about["amount"] == "25"
    assert watch.about["sender"] == to_base58check(STRANGER)
    assert watch.about["address"] == f"{shown[:6]}…{shown[-4:]}"
