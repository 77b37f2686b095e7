"""/bridge in the chat: from the first leg to a page of both."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.db.models import ShopSetting
from app.domain.chain_ports import Transfer
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains
from app.services.tracking.wallet.bridge_matching import match_due_bridges
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import check, labels, visible
from tests.bot.tracking.test_addresses import CHECKED, LOWER, cellframe
from tests.support.fake_chains import FakeChains, block_hash, tx_hash

FIRST, SECOND = tx_hash(1), tx_hash(2)
CELL = "0x" + "66" * 20
Skip = Callable[[timedelta], None]


async def _set(tracker: BotUnderTest, name: str, value: object) -> None:
    async with tracker.deps.db.unit_of_work() as session:
        session.add(ShopSetting(name=name, value=value, changed_at=clock.now()))
    tracker.change(shop=ShopSettingsCache(tracker.deps.db))


async def test_from_an_evm_chain_to_a_page(tracker: BotUnderTest, chains: FakeChains) -> None:
    chains.bsc.send(FIRST)
    ben = tracker.ben
    await ben.send("/bridge")
    assert "Send the hash of the first transaction" in ben.text
    await ben.send("hello")
    assert "A hash is 0x and 64 characters" in ben.text
    await ben.send(FIRST)
    assert "Who receives it on Cellframe?" in ben.text
    await ben.send(CHECKED)
    assert "This takes a Cellframe address" in ben.text
    await ben.send(cellframe())
    assert f"Recipient: {cellframe()}" in ben.text, "whole, to be compared"
    assert "BNB Smart Chain → Cellframe" in ben.text
    assert "1. BNB Smart Chain" in ben.text
    assert "No transaction known yet" in ben.text
    assert "We can’t find the second transaction here ourselves" in ben.text
    answer = await ben.tap("bridge:")
    assert answer is not None
    assert answer.text == "Nothing new yet"


async def test_the_second_leg_is_given_by_hand(tracker: BotUnderTest, chains: FakeChains) -> None:
    chains.bsc.send(FIRST)
    chains.cf.accept(SECOND, 3)
    ben = tracker.ben
    await ben.send(f"/bridge {FIRST} {cellframe()}")
    await ben.tap("leg2:")
    await ben.send("0x12")
    assert "part of a hash" in ben.text
    await ben.send(FIRST)
    assert "That’s the first transaction’s hash" in ben.text
    await ben.send(SECOND)
    assert "Watching both sides" in ben.text
    assert "Confirmations: 3" in ben.text
    assert [label for label in labels(ben.screen) if label.startswith("📄")] == [
        "📄 Card 1",
        "📄 Card 2",
    ]


async def test_a_bound_address_is_chosen_and_its_match_confirmed(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    await _set(tracker, "tokens", [f"bsc:{CELL}:CELL:18"])
    chains.cf.accept(FIRST, 1)
    anna = tracker.anna
    await anna.send(f"/bind {CHECKED} Кошелёк")
    await anna.send(f"/bridge {FIRST}")
    assert "В какую сеть идёт перевод?" in anna.text
    assert labels(anna.screen)[:2] == ["Ethereum", "BNB Smart Chain"]
    await anna.press(
        next(
            button.data or ""
            for row in anna.screen.buttons
            for button in row
            if button.text == "BNB Smart Chain"
        ),
        anna.chat[-1].message_id,
    )
    assert labels(anna.screen) == ["Кошелёк", "Пропустить"]
    await anna.tap("to:")
    assert "Получатель: Кошелёк" in anna.text
    assert "Ищем вторую транзакцию" in anna.text
    head = chains.bsc.head
    chains.bsc.transfers.append(
        Transfer(SECOND, 0, head, block_hash(head), CELL, "0x" + "bb" * 20, LOWER, 5 * 10**18)
    )
    deps = tracker.deps
    await match_due_bridges(deps.db, deps.chains, await deps.shop.settings())
    await anna.send("/bridge")
    await anna.tap("bridge:")
    assert "Нашлась похожая" in anna.text
    answer = await anna.tap("match:")
    assert answer is not None
    assert answer.text == "Отлично, следим за обеими"
    assert "Следим за обеими сторонами" in anna.text


async def test_a_hash_that_several_chains_know_is_asked_about(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.bsc.send(FIRST)
    chains.eth.send(FIRST)
    ben = tracker.ben
    await ben.send(f"/bridge {FIRST}")
    assert "Several networks know this hash" in ben.text
    await ben.tap("leg1:")
    assert "Who receives it on Cellframe?" in ben.text
    await ben.tap("bridge:")
    assert "→ Cellframe" in ben.text


async def test_one_that_nobody_knows_is_waited_for_where_it_was_sent(
    tracker: BotUnderTest,
) -> None:
    ben = tracker.ben
    await ben.send(f"/bridge {FIRST}")
    assert "No network shows it yet" in ben.text
    assert labels(ben.screen)[:3] == ["Ethereum", "BNB Smart Chain", "Cellframe"]
    await ben.tap("leg1:")
    await ben.tap("bridge:")
    assert "Ethereum → Cellframe" in ben.text


@pytest.mark.parametrize(
    ("state", "said"), [("paused", "The bridge is paused"), ("at_risk", "may have problems")]
)
async def test_what_the_operator_says_comes_first(
    tracker: BotUnderTest, chains: FakeChains, state: str, said: str
) -> None:
    await _set(tracker, "bridge_state", state)
    await _set(tracker, "bridge_fee", "0.5 <CELL>")
    await _set(tracker, "bridge_confirmations", 10)
    chains.bsc.send(FIRST)
    ben = tracker.ben
    await ben.send("/bridge")
    assert said in ben.text.splitlines()[0]
    await ben.send(f"/bridge {FIRST} {cellframe()}")
    assert said in ben.text.splitlines()[0]
    assert "Bridge fee: 0.5 <CELL>" in ben.text
    assert "waits for 10 confirmations" in ben.text


async def test_with_one_side_off_there_is_no_bridge(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    tracker.change(chains=Chains([chains.bsc]))
    ben = tracker.ben
    for text in ("/bridge", f"/bridge {FIRST}"):
        await ben.send(text)
        assert "can’t be watched right now" in ben.text


async def test_another_users_is_not_shown(tracker: BotUnderTest, chains: FakeChains) -> None:
    chains.bsc.send(FIRST)
    await tracker.anna.send(f"/bridge {FIRST} {cellframe()}")
    data = next(
        button.data or ""
        for row in tracker.anna.screen.buttons
        for button in row
        if (button.data or "").startswith("bridge:")
    )
    answer = await tracker.ben.press(data)
    assert answer is not None
    assert "isn’t among yours any more" in (answer.text or "")


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    ("template", "values"),
    [
        (
            "bridge-match",
            {"bridge": 1, "watch": 2, "hash": SECOND, "amount": "95.5", "token": "CELL"},
        ),
        ("bridge-done", {"bridge": 1}),
        ("bridge-gave-up", {"bridge": 1}),
    ],
)
def test_its_notifications_can_be_read(
    template: str, values: dict[str, object], language: str
) -> None:
    screen = check(ScreenRenderer().render(template, values, language))
    assert visible(screen)
    assert any((b.data or "").startswith("bridge:1") for row in screen.buttons for b in row)
