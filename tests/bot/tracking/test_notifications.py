"""The notifications and the card, by their facts: in both languages, at each milestone and edge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.bot.i18n import LANGUAGES, Translator, load_translators
from app.bot.renderer import ScreenRenderer
from app.bot.screens.tracking.card import card_progress_lines, card_screen
from app.bot.screens.tracking.formatting import choose_time_unit, draw_progress_bar
from app.domain.messages import Screen
from app.domain.tracking import Milestone, TxState, WatchMode
from app.services.tracking.cards.cards import Card, card_to_values
from tests.bot.phone import check, labels, visible
from tests.support.fake_chains import tx_hash

NOW = datetime(2026, 11, 22, 13, 35, tzinfo=UTC)
HASH, OTHER = tx_hash(0xABC), tx_hash(0xDEF)
RU, EN = load_translators().get("ru"), load_translators().get("en")

VALUES: dict[str, object] = {
    "watch": 7,
    "chain": "eth",
    "title": "Ethereum",
    "hash": HASH,
    "label": "<Rent>",
    "url": f"https://etherscan.io/tx/{HASH}",
    "block": 19_000_123,
    "confirmations": 12,
    "fee": "0.00042 ETH",
    "gas_used": 21_000,
    "replaced_by": OTHER,
    "replaced_by_url": f"https://etherscan.io/tx/{OTHER}",
}
OPTIONAL = ("label", "url", "block", "confirmations", "fee", "gas_used", "replaced_by")

CARD = Card(
    watch_id=7,
    chain="eth",
    title="Ethereum",
    coin="ETH",
    decimals=18,
    tx_hash=HASH,
    explorer_url=f"https://etherscan.io/tx/{HASH}",
    label=None,
    about={},
    state=TxState.MINED,
    succeeded=True,
    block_number=19_000_123,
    confirmations=12,
    wanted=64,
    progress=18,
    left=timedelta(minutes=11),
    watched_since=NOW - timedelta(minutes=3),
    fee=420_000_000_000_000,
    gas_used=21_000,
    replaced_by=None,
    replaced_by_url=None,
    mode=WatchMode.EVERY,
    muted=False,
    awaited_until=None,
    failing_since=None,
    is_over=False,
    is_stopped=False,
    now=NOW,
)
OVER = replace(CARD, is_over=True)


def notification(milestone: Milestone, language: str, **changes: object) -> Screen:
    values = VALUES | changes
    return check(ScreenRenderer().render(f"watch-{milestone}", values, language))


def plain(screen: Screen) -> str:
    return visible(screen).replace("\xa0", " ")


# --- notifications ----------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("milestone", Milestone)
def test_every_milestone_says_which_transaction_and_leads_on(
    milestone: Milestone, language: str
) -> None:
    """P3: what must be sent can be, also where little is known."""
    text = plain(notification(milestone, language))
    assert "<Rent> · Ethereum · 0x000000…000abc" in text
    for known in ({}, {"title": None}):
        bare = notification(milestone, language, **dict.fromkeys(OPTIONAL), **known)
        assert "0x000000…000abc" in plain(bare)
        for word in ("none", "None", "{", "  ", " \n", "???"):
            assert word not in plain(bare)
        assert labels(bare)


def test_final_celebrates_quietly() -> None:
    assert "Готово: транзакция окончательна" in plain(notification(Milestone.FINAL, "ru"))
    assert "Комиссия: 0,00042 ETH." in plain(notification(Milestone.FINAL, "ru"))
    assert "The fee was 0.00042 ETH." in plain(notification(Milestone.FINAL, "en"))


def test_failed_says_what_was_spent() -> None:
    text = plain(notification(Milestone.FAILED, "ru"))
    assert "списана: 0,00042 ETH." in text
    assert "Потрачено газа: 21 000." in text


def test_a_replaced_one_leads_to_the_other() -> None:
    screen = notification(Milestone.REPLACED, "en")
    buttons = [button for row in screen.buttons for button in row]
    assert "0x000000…000def" in plain(screen)
    assert any((button.data or "").startswith("tx:") for button in buttons)
    assert any(button.url == VALUES["replaced_by_url"] for button in buttons)


def test_a_replaced_one_without_the_other_leads_to_where_it_is_found() -> None:
    values = {**VALUES, "replaced_by": None, "replaced_by_url": None}
    screen = check(ScreenRenderer().render("watch-replaced", values, "ru"))
    assert "🔎 Найти новую" in labels(screen)
    card = replace(CARD, state=TxState.REPLACED, replaced_by=None, is_over=True)
    assert "🔎 Найти новую" in labels(check(card_screen(RU, card)))


AUTHORIZED = {
    "ru": "Её номер (nonce) использовало разрешение аккаунта отправителя (EIP-7702), "
    "поэтому она уже не выполнится.",
    "en": "Its number (nonce) was used by an authorization of the sender’s account (EIP-7702), "
    "so it won’t happen any more.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_whose_nonce_an_authorization_used_was_replaced_by_nothing(language: str) -> None:
    t = load_translators().get(language)
    card = replace(OVER, state=TxState.REPLACED, succeeded=None, nonce_authorized=True)
    told = notification(
        Milestone.REPLACED, language, replaced_by=None, replaced_by_url=None, nonce_authorized=True
    )
    find = t.plain("card-find-replacement")
    for screen in (check(card_screen(t, card)), told):
        assert AUTHORIZED[language] in plain(screen)
        assert find not in labels(screen)
        for word in ("Заменена", "заменил", "replaced", "Replaced"):
            assert word not in plain(screen)


def test_a_failed_one_has_no_bar_and_no_time_to_go() -> None:
    text = visible(check(card_screen(RU, replace(CARD, succeeded=False))))
    assert "▰" not in text
    assert "до конца" not in text
    assert "списана только комиссия" in text
    declined = visible(check(card_screen(RU, replace(CARD, succeeded=False, fee=None))))
    assert "комиссия" not in declined


UNRECORDED = {
    "ru": "Тогда сеть ещё не записывала, выполнена ли транзакция. Это покажет баланс получателя.",
    "en": "Back then the network didn’t record whether a transaction succeeded. "
    "The recipient’s balance will tell.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_block_that_does_not_say_how_it_ended_is_said_to_be_silent(language: str) -> None:
    """As before Byzantium: neither a failure nor a success without a word about it."""
    said = UNRECORDED[language]
    t = load_translators().get(language)
    old = replace(OVER, state=TxState.FINAL, succeeded=None, progress=100)
    for card in (old, replace(CARD, succeeded=None)):
        assert said in plain(check(card_screen(t, card)))
    for card in (CARD, replace(CARD, state=TxState.PENDING, succeeded=None)):
        assert said not in plain(check(card_screen(t, card)))
    assert said in plain(notification(Milestone.FINAL, language, unrecorded=True))
    assert said not in plain(notification(Milestone.FINAL, language, unrecorded=False))


def test_what_failed_or_is_not_tracked_has_no_bar() -> None:
    """On the card, in the list and on a bridge's page."""
    assert card_progress_lines(CARD) == ["▰▱▱▱▱▱▱▱▱▱"]
    assert card_progress_lines(replace(CARD, succeeded=False)) == []
    assert card_progress_lines(replace(CARD, is_over=True, is_stopped=True)) == []


def test_blocks_are_written_as_explorers_write_them() -> None:
    assert "block 19000123" in plain(notification(Milestone.MINED, "en"))


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "Уже 1 подтверждение"), (3, "Уже 3 подтверждения"), (12, "Уже 12 подтверждений")],
)
def test_russian_counts_confirmations(count: int, text: str) -> None:
    assert text in plain(notification(Milestone.CONFIRMED, "ru", confirmations=count))


# --- the card ---------------------------------------------------------------------------------


def test_a_card_in_a_block_shows_bar_count_age_rest_fee_and_block() -> None:
    text = plain(check(card_screen(RU, CARD)))
    for part in (
        "▰▱▱▱▱▱▱▱▱▱",
        "Подтверждений: 12 из примерно 64",
        "Следим 3 минуты · до конца примерно 11 минут",
        "Комиссия 0,00042 ETH",
        "Блок 19000123",
    ):
        assert part in text
    text = plain(check(card_screen(EN, CARD)))
    assert "12 of about 64" in text
    assert "Tracked for 3 minutes · about 11 minutes to go" in text


def test_a_card_goes_through_the_outboxs_values_unchanged() -> None:
    drawn = ScreenRenderer().render("watch-card", card_to_values(CARD), "en")
    assert drawn == card_screen(EN, CARD)


def test_without_data_the_card_says_since_when() -> None:
    card = replace(CARD, failing_since=NOW - timedelta(hours=1), left=None)
    assert "с 12:35 UTC" in plain(check(card_screen(RU, card)))
    yesterday = replace(CARD, failing_since=NOW - timedelta(days=1))
    assert "November 21, 2026, 13:35 UTC" in plain(check(card_screen(EN, yesterday)))


def test_a_node_that_counts_nothing_is_no_zero() -> None:
    card = replace(CARD, block_number=None, confirmations=None, wanted=None, progress=1)
    assert "▰▱▱▱▱▱▱▱▱▱\nAccepted. This network’s node doesn’t tell" in plain(
        check(card_screen(EN, card))
    )


@pytest.mark.parametrize(
    ("t", "said"),
    [
        (EN, "🛡 Nearly final\nEthereum · 0x000000…000abc\n\n▰▰▰▰▰▰▰▰▱▱\nConfirmations: 40\n"),
        (RU, "🛡 Почти окончательно\nEthereum · 0x000000…000abc\n\n▰▰▰▰▰▰▰▰▱▱\nПодтверждений: 40\n"),
    ],
)
def test_nearly_final_looks_so(t: Translator, said: str) -> None:
    """No count of about twice as many beside it."""
    card = replace(CARD, state=TxState.SAFE, confirmations=40, wanted=80, progress=80)
    assert plain(check(card_screen(t, card))).startswith(said)


@pytest.mark.parametrize(
    ("card", "there", "button"),
    [
        (replace(OVER, state=TxState.FINAL, progress=100), "can’t be undone", ""),
        (replace(OVER, succeeded=False), "only the fee was charged", ""),
        (replace(OVER, state=TxState.DROPPED), "send it again", "Track again"),
        (replace(OVER, state=TxState.REPLACED, replaced_by=OTHER), "nonce", "that one"),
        (replace(OVER, is_stopped=True), "Not tracked any more", "Track again"),
        (replace(CARD, state=TxState.REORGED), "Waiting for a new block", "What’s up?"),
    ],
)
def test_an_end_says_how_and_what_next(card: Card, there: str, button: str) -> None:
    screen = check(card_screen(EN, card))
    assert there in plain(screen)
    assert button in " ".join(labels(screen))


def test_an_awaited_one_knows_no_chain_and_says_until_when() -> None:
    card = replace(
        CARD,
        chain=None,
        title="",
        coin="",
        explorer_url=None,
        state=TxState.UNKNOWN,
        succeeded=None,
        block_number=None,
        confirmations=None,
        fee=None,
        gas_used=None,
        left=None,
        awaited_until=NOW + timedelta(days=2),
    )
    assert "Ждём до 24 ноября 2026, 13:35 UTC" in plain(check(card_screen(RU, card)))
    lost = replace(card, is_over=True)
    assert "Так и не появилась" in plain(check(card_screen(RU, lost)))
    assert "▶️ Следить снова" in labels(card_screen(RU, lost))


def test_what_came_in_says_how_much_and_from_whom() -> None:
    """The sender's address whole: another one with the same ends is easily made."""
    sender = "0x55d398326f99059fF775485246999027B3197955"
    about = {"kind": "incoming", "amount": "50", "token": "USDT", "sender": sender}
    screen = check(card_screen(RU, replace(CARD, about=about)))
    assert f"⬇️ Поступление: 50 USDT от {sender}" in plain(screen)
    assert f"<code>{sender}</code>" in screen.text


@pytest.mark.parametrize(
    ("language", "amount"), [("en", "+1,250.5\xa0USDT"), ("ru", "+1\xa0250,5\xa0USDT")]
)
@pytest.mark.parametrize("label", ["savings", None])
def test_what_came_in_is_written_as_on_its_card(
    language: str, amount: str, label: str | None
) -> None:
    values = VALUES | {"arrived": "1250.5 USDT", "label": label}
    named = f"{amount} · {label}" if label else amount
    screen = check(ScreenRenderer().render("watch-final", values, language))
    assert f"\n{named} · Ethereum" in visible(screen)
    about = {"kind": "incoming", "amount": "1250.5", "token": "USDT"}
    card = check(card_screen(load_translators().get(language), replace(CARD, about=about)))
    assert amount.removeprefix("+") in visible(card)


def test_what_an_older_release_reported_of_what_came_in_stays_readable() -> None:
    values = VALUES | {"label": "+50 USDT · savings"}
    screen = ScreenRenderer().render("watch-final", values, "en")
    assert "\n+50 USDT · savings · Ethereum" in visible(screen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_names_fit(language: str) -> None:
    about = {"kind": "incoming", "amount": "9" * 300, "token": "&" * 300, "sender": "0x" + "a" * 40}
    card = replace(CARD, label="<" * 64, about=about)
    assert "<" * 64 in visible(check(card_screen(load_translators().get(language), card)))


@pytest.mark.parametrize(
    ("percent", "cells"), [(-5, 0), (0, 0), (1, 1), (10, 1), (20, 2), (99, 9), (100, 10), (300, 10)]
)
def test_the_bar_is_full_only_when_it_is_over(percent: int, cells: int) -> None:
    assert draw_progress_bar(percent) == "▰" * cells + "▱" * (10 - cells)


@pytest.mark.parametrize(
    ("span", "units"),
    [
        (timedelta(seconds=59), ("moment", 0)),
        (timedelta(minutes=1), ("minutes", 1)),
        (timedelta(minutes=59, seconds=59), ("minutes", 59)),
        (timedelta(minutes=89), ("hours", 1)),
        (timedelta(minutes=91), ("hours", 2)),
        (timedelta(hours=47), ("hours", 47)),
        (timedelta(days=2), ("days", 2)),
    ],
)
def test_spans_are_counted_in_the_unit_that_users_would_use(
    span: timedelta, units: tuple[str, int]
) -> None:
    assert choose_time_unit(span) == units
