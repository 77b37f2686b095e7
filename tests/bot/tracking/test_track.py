"""From a hash, however it comes, to its card: found, found twice, not found, and not to be said."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db.models import Watch
from app.domain.mentions import pack_hash
from app.services import shop_settings
from app.services.tracking.chains import Chains
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import labels
from tests.support.fake_chains import FakeChains, tx_hash

HASH = tx_hash(0xABC)
LINK = f"https://bscscan.com/tx/{HASH}"


async def _watches(bot: BotUnderTest) -> list[Watch]:
    async with bot.deps.db.unit_of_work() as session:
        return list(await session.scalars(select(Watch).order_by(Watch.id)))


# --- found ------------------------------------------------------------------------------------


async def test_a_hash_in_any_message_becomes_a_card(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    await tracker.ben.send(f"is it there? {HASH}")
    await tracker.anna.send(f"/track {HASH} Аренда <май>")
    assert "In a block" in tracker.ben.text
    assert "Ethereum" in tracker.ben.text
    assert "Block 1000" in tracker.ben.text
    assert "Уже в блоке" in tracker.anna.text
    assert "Аренда <май>" in tracker.anna.text
    ben, anna = await _watches(tracker)
    assert (ben.chain, ben.label, anna.label) == ("eth", None, "Аренда <май>")
    assert ben.card_message_id == tracker.ben.chat[-1].message_id
    assert len(tracker.ben.chat) == 1


async def test_a_link_in_a_caption_or_behind_a_word_is_found_too(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.bsc.send(HASH)
    photo = [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]
    await tracker.ben.send(photo=photo, caption=f"paid: {LINK}")
    hidden = {"type": "text_link", "offset": 0, "length": 4, "url": LINK}
    await tracker.anna.send("here", entities=[hidden])
    assert "BNB Smart Chain" in tracker.ben.text
    assert "BNB Smart Chain" in tracker.anna.text


async def test_a_forwarded_alert_is_read_with_its_button_and_what_is_quoted(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    link = f"https://etherscan.io/tx/{HASH}"
    keyboard = {"inline_keyboard": [[{"text": "View Tx", "url": link}]]}
    await tracker.ben.send("🚨 1,000 ETH transferred", reply_markup=keyboard)
    assert "In a block" in tracker.ben.text
    origin = {"type": "hidden_user", "sender_user_name": "Alerts", "date": 1}
    await tracker.anna.send(
        "?", quote={"text": link, "position": 0}, external_reply={"origin": origin}
    )
    assert "Уже в блоке" in tracker.anna.text


async def test_a_button_that_copies_and_a_shown_preview_count_too(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    copy = {"inline_keyboard": [[{"text": "Copy", "copy_text": {"text": HASH}}]]}
    await tracker.ben.send("paid", reply_markup=copy)
    assert "In a block" in tracker.ben.text
    shown = {"url": f"https://etherscan.io/tx/{HASH}"}
    await tracker.anna.send("оплачено", link_preview_options=shown)
    assert "Уже в блоке" in tracker.anna.text


async def test_a_private_key_is_asked_of_no_chain_and_its_owner_warned(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    """P12: also where the node would know it as a hash."""
    chains.eth.mine(HASH)
    for text in (f"my private key: {HASH}", HASH[2:], f"look {HASH[2:]}", f"/track {HASH[2:]}"):
        await tracker.ben.send(text)
        assert "whoever has the key has the money" in tracker.ben.text, text
    assert await _watches(tracker) == []
    await tracker.ben.send(f"paid {HASH}\nseed: {'ab' * 32}")
    assert "whoever has the key has the money" in tracker.ben.text
    assert [watch.tx_hash for watch in await _watches(tracker)] == [HASH]


async def test_a_label_is_what_follows_the_hash_itself(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    await tracker.ben.send(f"/track TXID: {HASH[2:]}")
    (watch,) = await _watches(tracker)
    assert (watch.tx_hash, watch.label) == (HASH, None)


async def test_track_alone_asks_and_takes_the_answer(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.send(HASH)
    anna = tracker.anna
    await anna.send("/track")
    assert "Пришлите хеш" in anna.text
    await anna.send("не знаю")
    assert "Здесь нет хеша" in anna.text
    await anna.send(HASH)
    assert "В очереди" in anna.text


async def test_track_as_an_answer_takes_the_hash_of_that_message(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.send(HASH)
    original = {
        "message_id": 1,
        "date": 1,
        "chat": {"id": tracker.ben.id, "type": "private"},
        "text": HASH,
    }
    await tracker.ben.send("/track rent", reply_to_message=original)
    assert "rent" in tracker.ben.text
    assert "In the queue" in tracker.ben.text


async def test_the_menu_leads_to_tracking(tracker: BotUnderTest) -> None:
    await tracker.ben.send("/menu")
    await tracker.ben.tap("track")
    assert "We track transactions" in tracker.ben.text
    assert "Ethereum, BNB Smart Chain, Cellframe" in tracker.ben.text


async def test_a_deep_link_opens_a_card(tracker: BotUnderTest, chains: FakeChains) -> None:
    chains.cf.accept(HASH, 3)
    await tracker.ben.send(f"/start tx_{pack_hash(HASH)}")
    assert "Cellframe" in tracker.ben.text
    await tracker.ben.send("/start tx_nonsense")
    assert "Hi, Ben!" in tracker.ben.text


async def test_what_is_watched_already_gets_its_card_below(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    ben = tracker.ben
    await ben.send(HASH)
    await ben.send(HASH)
    (watch,) = await _watches(tracker)
    assert [shown.message_id for shown in ben.chat][-1] == watch.card_message_id
    assert len(ben.chat) == 2


async def test_five_of_a_message_are_taken_and_it_is_said(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    hashes = [tx_hash(number) for number in range(1, 8)]
    for one in hashes:
        chains.eth.mine(one)
    await tracker.anna.send(" ".join(hashes))
    assert len(await _watches(tracker)) == 5
    assert len(tracker.anna.chat) == 6
    assert "7 хешей" in tracker.anna.text


async def test_who_waits_long_sees_that_we_look_in_the_message_that_becomes_the_card(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    ben = tracker.ben
    seen: list[str] = []

    async def wait() -> None:
        while not ben.chat:
            await tracker.deps.supervisor.settle(timedelta(seconds=0.01))
        seen.append(ben.text)

    chains.eth.on_call = wait
    chains.eth.mine(HASH)
    await ben.send(LINK.replace("bscscan.com", "etherscan.io"))
    assert "Looking" in seen[0]
    assert "In a block" in ben.text
    assert len(ben.chat) == 1


# --- several chains ---------------------------------------------------------------------------


async def test_a_hash_on_two_chains_is_asked_about_and_keeps_its_label(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    chains.cf.accept(HASH, 3)
    ben = tracker.ben
    await ben.send(f"/track {HASH} rent")
    assert labels(ben.screen) == ["Ethereum", "Cellframe", "Both"]
    await ben.tap(f"tx:{pack_hash(HASH)}:cf")
    (watch,) = await _watches(tracker)
    assert (watch.chain, watch.label) == ("cf", "rent")
    assert "Confirmations: 3" in ben.text
    assert len(ben.chat) == 1


async def test_both_chains_get_a_card_each(tracker: BotUnderTest, chains: FakeChains) -> None:
    chains.eth.mine(HASH)
    chains.cf.accept(HASH, 3)
    await tracker.anna.send(HASH)
    assert labels(tracker.anna.screen)[-1] == "За обеими"
    await tracker.anna.tap(f"tx:{pack_hash(HASH)}:*")
    assert [watch.chain for watch in await _watches(tracker)] == ["eth", "cf"]
    assert len(tracker.anna.chat) == 2


async def test_a_chosen_chain_that_lost_it_meanwhile_says_so(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    chains.cf.accept(HASH, 3)
    await tracker.ben.send(HASH)
    chains.cf.node_txs.clear()
    chains.eth.node_txs.clear()
    answer = await tracker.ben.tap(f"tx:{pack_hash(HASH)}:cf")
    assert answer is not None
    assert "doesn’t show" in (answer.text or "")
    assert "Nobody has seen it" in tracker.ben.text


async def test_a_link_that_names_the_wrong_chain_is_looked_for_on_the_others(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.eth.mine(HASH)
    await tracker.ben.send(LINK)
    assert "Ethereum" in tracker.ben.text


# --- not found --------------------------------------------------------------------------------


async def test_what_no_chain_knows_can_be_waited_for(
    tracker: BotUnderTest,
) -> None:
    anna = tracker.anna
    await anna.send(HASH)
    assert "Пока её никто не видел" in anna.text
    answer = await anna.tap("look")
    assert answer is not None
    assert answer.text == "Пока ничего нового"
    await anna.tap("await")
    (watch,) = await _watches(tracker)
    assert watch.chain is None
    assert watch.awaited_until is not None
    assert "Ждём появления" in anna.text
    assert len(anna.chat) == 1


async def test_check_again_finds_what_has_shown_up(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    await tracker.ben.send(HASH)
    chains.eth.send(HASH)
    await tracker.ben.tap("look")
    assert "In the queue" in tracker.ben.text


async def test_a_chain_that_is_down_is_named_and_nothing_is_called_unknown(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    chains.bsc.is_down = True
    await tracker.ben.send(HASH)
    assert "Not responding right now: BNB Smart Chain" in tracker.ben.text
    assert "The others (Ethereum, Cellframe) don’t know it" in tracker.ben.text
    chains.eth.is_down = chains.cf.is_down = True
    await tracker.anna.send(HASH)
    assert "Ethereum, BNB Smart Chain, Cellframe" in tracker.anna.text
    assert "не знают" not in tracker.anna.text


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("0x12ab", "только часть хеша: после 0x 4 знака"),
        ("0x" + "ab" * 20, "/bind"),
        ("5" * 88, "Solana"),
        ("ab" * 32, "вдруг это приватный ключ"),
        ("private key " + "ab" * 32, "Похоже на приватный ключ"),
        (f"https://etherscan.io/block/{HASH}", "ведёт на блок"),
        ("https://etherscan.io/address/0x" + "ab" * 20, "/bind"),
        ("https://nile.tronscan.org/#/transaction/" + "ab" * 32, "обозреватель сети"),
        (f"https://sepolia.etherscan.io/tx/{HASH}", "обозреватель сети"),
    ],
)
async def test_what_only_looks_like_a_hash_is_named(
    tracker: BotUnderTest, text: str, there: str
) -> None:
    for message in (text, f"/track {text}"):
        await tracker.anna.send(message)
        assert there in tracker.anna.text
    assert await _watches(tracker) == []


async def test_without_chains_tracking_says_that_it_is_off(tracker: BotUnderTest) -> None:
    tracker.change(chains=Chains())
    for message in ("/track", HASH, f"/status {HASH}"):
        await tracker.ben.send(message)
        assert "Tracking is off" in tracker.ben.text


# --- limits -----------------------------------------------------------------------------------


async def test_who_watches_too_much_reads_the_limit_and_is_led_to_the_list(
    tracker: BotUnderTest, chains: FakeChains
) -> None:
    await shop_settings.change_shop_setting(tracker.deps.db, "watch_limit", "1")
    for one in (tx_hash(1), tx_hash(2)):
        chains.eth.send(one)
        await tracker.ben.send(one)
    assert "1 open transaction," in tracker.ben.text
    await tracker.ben.tap("watches")
    assert "Transactions we’re tracking: 1" in tracker.ben.text


async def test_who_checks_too_often_is_asked_to_wait(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send(HASH)
    for _ in range(19):
        await ben.tap("look")
    answer = await ben.tap("look")
    assert answer is not None
    assert "20 a minute" in (answer.text or "")
    await ben.send(HASH)
    assert "20 a minute" in ben.text
    await tracker.anna.send(HASH)
    assert "Пока её никто" in tracker.anna.text


async def test_another_users_data_in_a_button_is_an_outdated_button(
    tracker: BotUnderTest,
) -> None:
    """P12: what a changed client makes up."""
    for data in ("tx:abc:eth", "look:" + "A" * 42, "await:", "stop:0:", "mode:1:never", "card:x"):
        answer = await tracker.ben.press(data)
        assert answer is not None
        assert "outdated" in (answer.text or ""), data


async def test_a_hash_that_is_awaited_already_shows_its_card(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send(HASH)
    await ben.tap("await")
    await ben.send(f"/track {HASH} Rent")
    assert "Waiting for it to show up" in ben.text
    assert "Rent" in ben.text
    assert "further down" in ben.chat[0].screen.text


async def test_who_answers_with_a_foreign_link_is_still_asked(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send("/track")
    await ben.send(f"https://polygonscan.com/tx/{HASH}")
    assert "explorer of a network we don’t watch" in ben.text
    await ben.send("hm")
    assert "no transaction hash here" in ben.text
