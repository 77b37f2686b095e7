"""What screens say, by their facts: in both languages, at every state and every edge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.bot import formatting
from app.bot.callbacks import Platform
from app.bot.i18n import LANGUAGES, load_translators
from app.bot.renderer import ScreenRenderer
from app.bot.screens.connect import PLATFORM_APPS, connect_screen, platform_screen
from app.bot.screens.help import help_screen
from app.bot.screens.language import language_screen
from app.bot.screens.menu import menu_screen, welcome_screen
from app.bot.screens.subscription import (
    format_time_left,
    key_qr_screen,
    subscription_screen,
)
from app.bot.screens.support import ask_question_screen
from app.core import clock
from app.db.models import Subscription
from app.domain.messages import Screen
from app.domain.offer import Offer
from app.domain.ports import Usage
from app.domain.subscriptions import ActivationStatus
from app.services.access.subscriptions import SubscriptionPage
from tests.bot.phone import check, labels, visible

ALL = Offer(("cryptobot", "stars", "balance"), trial=True, renewal=True, tracking=True, keys=True)
NOW = datetime(2026, 11, 22, 13, 35, tzinfo=UTC)
GIB = 1024**3
LINK = "https://vpn.example/sub/2f0c?a=1&b=<2>"
RU, EN = load_translators().get("ru"), load_translators().get("en")


def page(usage: Usage | None = None, **changes: object) -> SubscriptionPage:
    values = {
        "id": 7,
        "expires_at": NOW + timedelta(days=30) - timedelta(minutes=5),
        "ends_at": NOW + timedelta(days=30) - timedelta(minutes=5),
        "is_trial": False,
        "used_before_bytes": 0,
        "traffic_limit_bytes": 100 * GIB,
        "device_limit": 3,
        "link": LINK,
        "activation_status": ActivationStatus.ACTIVE,
    }
    return SubscriptionPage(Subscription(**(values | changes)), usage)


def buttons(screen: Screen) -> dict[str, str]:
    return {
        button.data or button.url or button.copy or "": button.text
        for row in screen.buttons
        for button in row
    }


# --- menu, language, connect ------------------------------------------------------------------


def test_the_welcome_greets_by_name_whatever_the_name_is() -> None:
    """P12: values are escaped."""
    assert "Hi, <script>!" in visible(check(welcome_screen(EN, "<script>", ALL)))
    assert "Привет, Анна!" in visible(check(welcome_screen(RU, "Анна", ALL)))


def test_the_menu_leads_to_every_page() -> None:
    assert [data.partition(":")[0] for data in buttons(menu_screen(EN, ALL))] == [
        "trial",
        "plans",
        "subscription",
        "track",
        "balance",
        "friends",
        "help",
        "support",
        "promo",
        "language",
    ]


def test_who_had_access_is_offered_no_trial() -> None:
    assert "trial:0" not in buttons(menu_screen(EN, replace(ALL, trial=False)))


def test_the_language_in_use_is_ticked() -> None:
    assert [label.endswith("✓") for label in labels(language_screen(RU))][:2] == [True, False]
    assert [label.endswith("✓") for label in labels(language_screen(EN))][:2] == [False, True]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("platform", Platform)
def test_each_platform_has_numbered_steps_and_apps(platform: Platform, language: str) -> None:
    screen = check(platform_screen(load_translators().get(language), platform))
    assert all(f"\n{number}. " in visible(screen) for number in (1, 2, 3, 4))
    for name, url in PLATFORM_APPS[platform].items():
        assert name in visible(screen)
        assert buttons(screen)[url] == f"⬇️ {name}"
        assert url.startswith("https://")


def test_the_choice_of_a_platform_offers_all_four() -> None:
    assert {f"connect:0:{platform}" for platform in Platform} <= buttons(connect_screen(EN)).keys()


# --- subscription -----------------------------------------------------------------------------


def test_an_active_subscription_shows_term_traffic_devices_and_key_in_russian() -> None:
    screen = check(subscription_screen(RU, page(Usage(30 * GIB, None)), NOW, ALL))
    assert "До 22 декабря 2026 — ещё 29 дней" in visible(screen)
    assert "30 ГБ из 100 ГБ\n▓▓▓░░░░░░░" in visible(screen)
    assert LINK in visible(screen)
    assert "<code>" in screen.text
    assert buttons(screen)[LINK] == "📋 Скопировать ключ"


def test_an_active_subscription_shows_term_traffic_devices_and_key_in_english() -> None:
    usage = Usage(GIB + GIB // 2, None)
    screen = check(subscription_screen(EN, page(usage, traffic_limit_bytes=0), NOW, ALL))
    assert "Until December 22, 2026 — 29 days left" in visible(screen)
    assert "1.5 GB used, traffic is unlimited" in visible(screen)
    assert "up to 3 devices" in visible(screen)


@pytest.mark.parametrize(
    ("left", "english", "russian"),
    [
        (timedelta(days=3), "3 days", "3 дня"),
        (timedelta(days=2, hours=23, minutes=59, seconds=59), "2 days", "2 дня"),
        (timedelta(days=1), "1 day", "1 день"),
        (timedelta(hours=23, minutes=59), "23 hours", "23 часа"),
        (timedelta(hours=1), "1 hour", "1 час"),
        (timedelta(minutes=59, seconds=59), "59 minutes", "59 минут"),
        (timedelta(minutes=21), "21 minutes", "21 минута"),
        (timedelta(seconds=59), "less than a minute", "меньше минуты"),
        (timedelta(seconds=-1), "less than a minute", "меньше минуты"),
    ],
)
def test_what_is_left_is_rounded_down(left: timedelta, english: str, russian: str) -> None:
    """No page promises more than there is."""
    assert format_time_left(EN, NOW + left, NOW) == english
    assert format_time_left(RU, NOW + left, NOW) == russian


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "2 days left, until"), ("ru", "Осталось: 2 дня, до")],
)
def test_a_reminder_says_what_is_left_when_it_is_sent(language: str, said: str) -> None:
    values = {"expires_at": (clock.now() + timedelta(days=2, hours=23)).isoformat()}
    assert said in visible(check(ScreenRenderer().render("reminder", values, language)))


def test_a_silent_panel_leaves_the_traffic_unknown() -> None:
    assert "неизвестно" in visible(check(subscription_screen(RU, page(), NOW, ALL)))
    assert "unknown right now" in visible(check(subscription_screen(EN, page(), NOW, ALL)))


def test_a_first_key_in_preparation_is_no_key_yet() -> None:
    waiting = page(activation_status=ActivationStatus.PENDING, link=None)
    screen = check(subscription_screen(EN, waiting, NOW, ALL))
    assert "being prepared" in visible(screen)
    assert "<code>" not in screen.text


def test_a_renewal_in_preparation_keeps_showing_the_key() -> None:
    waiting = page(activation_status=ActivationStatus.PENDING)
    assert LINK in visible(check(subscription_screen(RU, waiting, NOW, ALL)))


def test_a_key_that_needs_attention_says_so_and_offers_support() -> None:
    stuck = page(activation_status=ActivationStatus.NEEDS_ATTENTION, link=None)
    screen = check(subscription_screen(RU, stuck, NOW, ALL))
    assert "чиним" in visible(screen)
    assert any(data.startswith("support") for data in buttons(screen))


@pytest.mark.parametrize(
    "ended",
    [
        page(activation_status=ActivationStatus.REMOVAL_PENDING),
        page(activation_status=ActivationStatus.REMOVED),
        page(expires_at=NOW, ends_at=NOW),
    ],
)
def test_an_ended_subscription_offers_plans_and_no_key(ended: SubscriptionPage) -> None:
    screen = check(subscription_screen(EN, ended, NOW, ALL))
    assert "has ended" in visible(screen)
    assert LINK not in screen.text
    assert any(data.startswith("plans") for data in buttons(screen))


def test_a_long_key_has_no_copy_button_that_telegram_would_refuse() -> None:
    long = page(link="vless://" + "x" * 300)
    assert "vless" in visible(check(subscription_screen(EN, long, NOW, ALL)))


def test_a_key_becomes_a_picture_and_a_too_long_one_stays_text() -> None:
    screen = check(key_qr_screen(RU, LINK))
    assert isinstance(screen.photo, bytes)
    assert screen.photo.startswith(b"\x89PNG")
    too_long = check(key_qr_screen(EN, "vless://" + "x" * 3000))
    assert too_long.photo is None
    assert "x" * 3000 in visible(too_long)


# --- words ------------------------------------------------------------------------------------


def test_dates_are_words() -> None:
    assert (formatting.format_long_date(NOW, "ru"), formatting.format_long_date(NOW, "en")) == (
        "22 ноября 2026",
        "November 22, 2026",
    )


@pytest.mark.parametrize(
    ("told", "ru", "en"),
    [
        ("4.99 USD", "4,99\xa0$", "$4.99"),
        ("4.9 EUR", "4,90\xa0€", "€4.90"),
        ("499 RUB", "499,00\xa0₽", "499\xa0RUB"),
        ("4.990000 USDT", "4,99\xa0USDT", "4.99\xa0USDT"),
        ("0.000000001 TON", "0,000000001\xa0TON", "0.000000001\xa0TON"),
        ("1e400 <b>", "1e400 <b>", "1e400 <b>"),
        ("4.9949 USD", "4,9949\xa0USD", "4.9949\xa0USD"),
        ("Infinity USD", "Infinity USD", "Infinity USD"),
        ("much", "much", "much"),
        ("", "", ""),
    ],
)
def test_prices_are_written_as_each_language_does(told: str, ru: str, en: str) -> None:
    assert (formatting.format_price_text(told, "ru"), formatting.format_price_text(told, "en")) == (
        ru,
        en,
    )


def test_a_price_keeps_its_digits() -> None:
    """P9: no float on the way."""
    assert formatting.format_price(Decimal("123456789.01"), "USD", "en") == "$123,456,789.01"


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 MB"),
        (GIB - 1, "1,023 MB"),
        (GIB, "1 GB"),
        (GIB * 3 // 2, "1.5 GB"),
        (2 * GIB - 1, "1.9 GB"),
    ],
)
def test_sizes_are_short(size_bytes: int, text: str) -> None:
    assert formatting.format_size(size_bytes, "en") == text


@pytest.mark.parametrize(
    ("used", "cells"), [(0, 0), (1, 1), (19, 1), (50, 5), (99, 9), (100, 10), (250, 10)]
)
def test_the_bar_is_full_only_at_the_limit(used: int, cells: int) -> None:
    assert formatting.draw_usage_bar(used, 100) == "▓" * cells + "░" * (10 - cells)


# --- names that the operator set ---------------------------------------------------------------


def test_support_and_help_lead_to_the_operators_names_where_he_set_them() -> None:
    assert "https://t.me/olga_helps" in buttons(check(ask_question_screen(RU, "@olga_helps")))
    assert "https://t.me/tollgate_news" in buttons(check(help_screen(EN, ALL, "@tollgate_news")))
    assert not any(data.startswith("https") for data in buttons(ask_question_screen(RU)))
    assert not any(data.startswith("https") for data in buttons(help_screen(EN, ALL)))
