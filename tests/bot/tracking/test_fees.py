"""/fees: what everybody reads, in private and in groups, and what it says when a chain is down."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.chain_ports import GasPrices
from app.services.tracking.wallet.fees import FeeCache
from tests.bot.conftest import BotUnderTest
from tests.bot.tracking.group import GroupPhone
from tests.support.fake_chains import FakeChains
from tests.support.fakes import Scripted

Skip = Callable[[timedelta], None]
NBSP = "\N{NO-BREAK SPACE}"


class FakeRates(Scripted):
    async def get_rates(self, currency: str) -> dict[str, Decimal]:  # noqa: ARG002 - the port's
        await self._play()
        return {"ETH": Decimal(3400), "BNB": Decimal(640)}


@pytest.fixture
def desk(tracker: BotUnderTest, chains: FakeChains) -> BotUnderTest:
    flat = 5 * 10**7  # 0.05 gwei
    chains.bsc.gas = GasPrices(low=flat, normal=flat, fast=flat, base=0)
    tracker.change(fees=FeeCache(chains.registry, FakeRates()))
    return tracker


async def test_fees_are_shown_in_the_coin_and_in_money(desk: BotUnderTest) -> None:
    ben = desk.ben
    await ben.send("/fees")
    text = ben.text.replace(NBSP, " ")
    assert "Ethereum · just now" in text
    assert "No rush · 10 gwei\nTransfer: 0.00021 ETH ($0.71)\nToken: ≈ 0.00065 ETH ($2.21)" in text
    assert "Normal · 12 gwei" in text
    assert "Fast · 20 gwei" in text
    # 120,000 units at 12 gwei, and a fifth.
    assert "Bridge: ≈ 0.001728 ETH ($5.88), 20% margin included" in text
    assert "Any speed · 0.05 gwei\nTransfer: 0.00000105 BNB (under $0.01)" in text
    assert "Network fee: 0.05 CELL\nValidator fee: 0.01 CELL" in text
    assert "exactly 21,000 gas, a token about 65,000" in text
    assert "120,000: an assumption" in text


async def test_russian_counts_and_writes_its_own_way(desk: BotUnderTest) -> None:
    anna = desk.anna
    await anna.send("/fees")
    text = anna.text.replace(NBSP, " ")
    assert "Обычно · 12 gwei\nПеревод: 0,000252 ETH (0,86 $)" in text
    assert "ровно 21 000 газа" in text


async def test_a_refresh_edits_or_says_that_nothing_changed(
    desk: BotUnderTest, chains: FakeChains, skip: Skip
) -> None:
    ben = desk.ben
    await ben.send("/fees")
    answer = await ben.tap("fees")
    assert answer is not None
    assert answer.text == "No change: these are the latest figures"
    chains.eth.gas = GasPrices(low=1, normal=2, fast=3, base=1)
    skip(timedelta(seconds=16))
    answer = await ben.tap("fees")
    assert answer is not None
    assert answer.text is None
    assert "No rush · 0.000000001 gwei" in ben.text.replace(NBSP, " ")
    assert len(ben.chat) == 1


async def test_a_chain_that_is_down_is_marked_with_its_last_value(
    desk: BotUnderTest, chains: FakeChains, skip: Skip
) -> None:
    ben = desk.ben
    await ben.send("/fees")
    chains.eth.is_down = True
    skip(timedelta(minutes=2, seconds=10))
    await ben.tap("fees")
    head, _, rest = ben.text.partition("No rush")
    assert "Unavailable right now. Last value at" in head
    assert "UTC, 2 min ago:" in head
    assert "10" in rest
    assert "BNB Smart Chain · just now" in ben.text


async def test_without_a_last_value_none_is_made_up(desk: BotUnderTest, chains: FakeChains) -> None:
    for chain in (chains.eth, chains.bsc, chains.cf):
        chain.is_down = True
    await desk.ben.send("/fees")
    text = desk.ben.text
    assert text.count("Unavailable: the network isn’t answering") == 3
    assert "gwei" not in text
    assert "gas" not in text


async def test_a_group_reads_them_too(desk: BotUnderTest, anna_there: GroupPhone) -> None:
    assert desk.deps.fees is not None
    await anna_there.send("/fees")
    assert "Ethereum" in anna_there.text
    answer = await anna_there.tap("fees")
    assert answer is not None
    assert answer.text == "Всё по-прежнему: цифры свежие"


async def test_without_chains_there_is_nothing_to_show(closed_shop: BotUnderTest) -> None:
    ben = closed_shop.ben
    await ben.send("/fees")
    assert "No fees to show" in ben.text


async def test_a_node_that_talks_nonsense_breaks_nothing(
    desk: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.gas = GasPrices(low=0, normal=10**60, fast=2**256, base=0)
    ben = desk.ben
    await ben.send("/fees")
    assert "No rush · 0\u00a0gwei" in ben.text
    assert "BNB Smart Chain · just now" in ben.text
