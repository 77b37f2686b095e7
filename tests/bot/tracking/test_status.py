"""/status: what is the matter, in words, and the next step."""

from datetime import timedelta

import pytest

from app.bot.i18n import LANGUAGES, load_translators
from app.bot.screens.tracking.status import status_screen
from app.core import clock
from app.domain.chain_ports import GasPrices
from app.domain.shop_settings import ShopSettings
from app.services.tracking.cards.diagnosis import Diagnosis, TxVerdict
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import check, labels, visible
from tests.support.fake_chains import ALICE, GWEI, FakeChains, tx_hash

HASH, OTHER = tx_hash(0xABC), tx_hash(0xDEF)


async def test_a_fee_that_is_too_low_is_named_with_what_is_asked(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.send(HASH, cap=2 * GWEI)
    await tracker.ben.send(f"/status {HASH}")
    assert "2 gwei for a unit of gas at most" in tracker.ben.text.replace("\xa0", " ")
    assert "about 12 gwei" in tracker.ben.text.replace("\xa0", " ")
    assert "👀" not in "".join(labels(tracker.ben.screen))
    await tracker.ben.tap("tx:")
    assert "In the queue" in tracker.ben.text


async def test_who_waits_behind_others_reads_how_many(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.send(HASH, nonce=9)
    chains.eth.nonces[ALICE] = 7
    await tracker.anna.send(f"/status {HASH}")
    assert "2 более ранние транзакции" in tracker.anna.text


async def test_a_failed_one_says_what_it_cost(tracker: BotUnderTest, chains: FakeChains) -> None:
    chains.eth.mine(HASH, succeeded=False)
    await tracker.ben.send(f"/status {HASH}")
    assert "Failed" in tracker.ben.text
    assert "Gas spent: 21,000" in tracker.ben.text
    assert "0.000252" in tracker.ben.text


async def test_one_of_a_block_that_does_not_say_how_it_ended_is_no_failure(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    """As before Byzantium."""
    chains.eth.mine(HASH, succeeded=None)
    await tracker.ben.send(f"/status {HASH}")
    assert "In a block" in tracker.ben.text
    assert "didn’t record whether a transaction succeeded" in tracker.ben.text


async def test_status_as_an_answer_to_a_card_or_to_any_hash(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    ben = tracker.ben
    await ben.send(HASH)
    await ben.reply("/status", ben.chat[-1].message_id)
    assert "In a block, all is well" in ben.text
    await ben.send(
        "/status",
        reply_to_message={
            "message_id": 1,
            "date": 1,
            "chat": {"id": ben.id, "type": "private"},
            "text": f"and {HASH}?",
        },
    )
    assert "In a block, all is well" in ben.text


async def test_the_cards_own_button_asks_below_it(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.send(HASH)
    ben = tracker.ben
    await ben.send(HASH)
    await ben.tap("status")
    assert "In the queue, all is well" in ben.text
    assert len(ben.chat) == 2


async def test_status_without_a_hash_says_how(tracker: BotUnderTest) -> None:
    await tracker.anna.send("/status")
    assert "/status 0x" in tracker.anna.text
    await tracker.anna.send("/status 0x12")
    assert "только часть хеша" in tracker.anna.text


async def test_what_nobody_knows_can_be_waited_for(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    await tracker.ben.send(f"/status {HASH}")
    assert "Nobody has seen it" in tracker.ben.text
    await tracker.ben.tap("await")
    assert "Waiting for it to show up" in tracker.ben.text
    chains.eth.is_down = True
    await tracker.anna.send(f"/status {OTHER}")
    assert "Ethereum: сеть сейчас не отвечает" in tracker.anna.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", TxVerdict)
def test_every_verdict_has_words_and_a_next_step(verdict: TxVerdict, language: str) -> None:
    chains, now = FakeChains(), clock.now()
    found = Diagnosis(
        verdict=verdict,
        tx_hash=HASH,
        chain="eth",
        gas=GasPrices(GWEI, 2 * GWEI, 3 * GWEI, GWEI),
        fee_offered=GWEI // 2,
        nonce=9,
        next_nonce=7,
        replaced_by=OTHER if verdict is TxVerdict.REPLACED else None,
        missing_since=now - timedelta(days=2),
        since=now - timedelta(hours=1),
    )
    t = load_translators().get(language)
    screen = check(status_screen(t, chains.registry, found, ShopSettings()))
    assert "{" not in visible(screen)
    assert "none" not in visible(screen)
    assert labels(screen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_nonce_that_an_authorization_used_is_named(language: str) -> None:
    found = Diagnosis(TxVerdict.REPLACED, HASH, chain="eth", nonce_authorized=True)
    t = load_translators().get(language)
    text = visible(check(status_screen(t, FakeChains().registry, found, ShopSettings())))
    assert "(EIP-7702)" in text
    assert {"ru": "Заменена", "en": "Replaced"}[language] not in text


async def test_what_this_chat_watches_leads_to_its_card(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    ben = tracker.ben
    await ben.send(HASH)
    await ben.send(f"/status {HASH}")
    assert "📄 Card" in labels(ben.screen)
    assert "🔭 Track it" not in labels(ben.screen)
    await ben.tap("card")
    assert "🧱 Block 1000" in ben.text
    assert "Accepted" not in ben.text
    await tracker.anna.send(f"/status {HASH}")
    assert "🔭 Следить за ней" in labels(tracker.anna.screen)


async def test_what_is_awaited_already_is_not_offered_again(tracker: BotUnderTest) -> None:
    anna = tracker.anna
    await anna.send(HASH)
    await anna.tap("await")
    await anna.send(f"/status {HASH}")
    assert "Пока её никто не видел, но мы ждём" in anna.text
    assert labels(anna.screen) == ["📄 Карточка", "🔄 Проверить ещё раз"]
    await anna.tap("card")
    assert "Ждём появления в сети" in anna.text
