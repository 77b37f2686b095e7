"""TRON in the chat: its hashes, its links, its addresses and what a transfer burns."""

from typing import TypeVar

import pytest
from sqlalchemy import select

from app.db.models import Address, Watch
from app.domain.addresses import to_base58check
from app.services.tracking.chains import Chains
from app.services.tracking.wallet.fees import FeeCache
from tests.bot.conftest import BotUnderTest
from tests.support.fake_chains import FakeChains, FakeTronChain, tx_hash

HASH = tx_hash(7)
BARE = HASH.removeprefix("0x")
HEX = "0x" + "a1" * 20
ADDRESS = to_base58check(HEX)
Row = TypeVar("Row", Address, Watch)
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def tron(tracker: BotUnderTest, chains: FakeChains) -> FakeTronChain:
    tron = FakeTronChain()
    registry = Chains([chains.eth, chains.bsc], [chains.cf], [tron])
    tracker.change(chains=registry, fees=FeeCache(registry))
    return tron


async def _list(tracker: BotUnderTest, model: type[Row]) -> list[Row]:
    async with tracker.deps.db.read_only() as session:
        return list(await session.scalars(select(model)))


@pytest.mark.parametrize(
    "text",
    [
        f"https://tronscan.org/#/transaction/{BARE}",
        f"https://tronscan.io/#/transaction/{BARE.upper()}",
        f"tx {BARE}",
    ],
)
async def test_a_link_and_a_hash_become_a_card_with_its_own_link(
    tracker: BotUnderTest, tron: FakeTronChain, text: str
) -> None:
    tron.send(HASH)
    await tracker.ben.send(text)
    assert "TRON" in tracker.ben.text
    urls = [button.url for row in tracker.ben.screen.buttons for button in row]
    assert f"https://tronscan.org/#/transaction/{BARE}" in urls
    [watch] = await _list(tracker, Watch)
    assert (watch.chain, watch.tx_hash) == ("tron", HASH)


@pytest.mark.parametrize("typed", [BARE, f"/track {BARE}"])
async def test_digits_without_0x_are_looked_up_by_a_tap_alone(
    tracker: BotUnderTest, tron: FakeTronChain, typed: str
) -> None:
    tron.send(HASH)
    await tracker.ben.send(typed)
    assert "private keys look the same" in tracker.ben.text
    assert await _list(tracker, Watch) == []
    await tracker.ben.tap("look")
    assert "TRON" in tracker.ben.text
    assert len(await _list(tracker, Watch)) == 1


async def test_what_is_called_a_key_has_no_such_button(
    tracker: BotUnderTest,
    tron: FakeTronChain,  # noqa: ARG001 - is on
) -> None:
    await tracker.ben.send(f"/track private key {BARE}")
    assert "looks like a private key" in tracker.ben.text
    assert tracker.ben.screen.buttons == []


async def test_an_address_is_kept_as_logs_have_it_and_shown_in_base58(
    tracker: BotUnderTest,
    tron: FakeTronChain,  # noqa: ARG001 - is on
) -> None:
    ben = tracker.ben
    await ben.send(f"/bind {ADDRESS} Till")
    assert "Address added" in ben.text
    assert ADDRESS in ben.text
    assert "checksum" not in ben.text
    assert "Networks: TRON" in ben.text
    assert "Telling you of incoming USDT (tokens only" in ben.text
    [row] = await _list(tracker, Address)
    assert (row.kind.value, row.address, row.notify_incoming) == ("tron", HEX, True)
    await ben.send("/bind")
    assert "TRON 🔔" in ben.text
    await ben.send(f"/unbind {ADDRESS}")
    assert await _list(tracker, Address) == []


@pytest.mark.parametrize(
    ("typed", "there"),
    [
        (ADDRESS.lower(), "заглавные и строчные здесь различаются"),
        (ADDRESS[:-1] + ("2" if ADDRESS[-1] != "2" else "3"), "какой-то знак не тот"),
        (ADDRESS[:-1], "TRON — с T, всего 34 знака"),
    ],
)
async def test_what_is_wrong_with_an_address_is_said(
    tracker: BotUnderTest,
    tron: FakeTronChain,  # noqa: ARG001 - is on
    typed: str,
    there: str,
) -> None:
    await tracker.anna.send(f"/bind {typed}")
    assert there in tracker.anna.text
    assert await _list(tracker, Address) == []


async def test_an_address_where_a_hash_was_wanted_leads_to_bind(
    tracker: BotUnderTest,
    tron: FakeTronChain,  # noqa: ARG001 - is on
) -> None:
    await tracker.ben.send(f"/track {ADDRESS}")
    assert "/bind" in tracker.ben.text


async def test_fees_are_what_a_transfer_burns(tracker: BotUnderTest, tron: FakeTronChain) -> None:
    ben = tracker.ben
    await ben.send("/fees")
    text = ben.text.replace(NBSP, " ")
    assert "Transfer: 0.268 TRX at most, free a few times a day" in text
    # 64,285 units of energy at 100 sun, and 345 bytes at 1,000.
    assert "USDT: ≈ 6.774 TRX, ≈ 13.37 TRX to an address that holds none yet" in text
    tron.is_down = True
    await tracker.anna.send("/fees")
    assert "TRON" in tracker.anna.text


async def test_the_bridge_is_not_begun_from_tron(
    tracker: BotUnderTest, tron: FakeTronChain
) -> None:
    tron.send(HASH)
    await tracker.ben.send(f"/bridge {HASH}")
    titles = [button.text for row in tracker.ben.screen.buttons for button in row]
    assert "TRON" not in titles
    assert "Ethereum" in titles


async def test_one_key_on_two_kinds_of_chain_is_said_and_nothing_is_lost(
    tracker: BotUnderTest,
    tron: FakeTronChain,  # noqa: ARG001 - is on
) -> None:
    await tracker.ben.send(f"/bind {HEX}")
    await tracker.ben.send(f"/bind {ADDRESS}")
    assert "same key’s address on another network" in tracker.ben.text
    assert [row.kind.value for row in await _list(tracker, Address)] == ["evm"]
