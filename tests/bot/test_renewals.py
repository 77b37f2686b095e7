"""What users read about ends and renewals, in both languages."""

import pytest

from app.bot.i18n import LANGUAGES
from app.bot.renderer import ScreenRenderer
from app.bot.screens.renewals import RENEWAL_NOTIFICATIONS
from app.domain.messages import Screen
from tests.bot.renewal_values import VALUES

NAMED = (
    "reminder",
    "renewed",
    "renewal-short",
    "renewal-changed",
    "paid-time-over",
    "subscription-ended",
    "key-ready",
    "key-delayed",
    "key-needs-attention",
    "trial-key-ready",
    "trial-key-delayed",
    "trial-key-needs-attention",
    "subscription-extended",
    "renewal-delayed",
    "renewal-needs-attention",
    "new-key",
    "moved-key",
    "key-replaced",
)


def render(template: str, language: str = "en", **values: object) -> Screen:
    return ScreenRenderer().render(template, VALUES | values, language)


def buttons(screen: Screen) -> list[str]:
    return [button.data or "" for row in screen.buttons for button in row]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", RENEWAL_NOTIFICATIONS)
def test_every_notification_is_whole_and_leads_somewhere(template: str, language: str) -> None:
    """P8."""
    screen = render(template, language)
    assert "{" not in screen.text
    assert "is ready" not in screen.text
    assert "готов" not in screen.text
    assert buttons(screen)


def test_the_missing_sum_is_one_tap_away() -> None:
    screen = render("renewal-short")
    assert "$3.99" in screen.text
    assert buttons(screen)[0] == "topup:399:USD"


def test_where_it_cannot_be_topped_up_the_balance_is_shown() -> None:
    assert buttons(render("renewal-short", top_up_minor=None))[0].startswith("balance")


@pytest.mark.parametrize(
    ("outlook", "says", "leads_to"),
    [
        ("renews", "by itself", "subscription"),
        ("short", "missing", "topup:399:USD"),
        ("changed", "won’t renew", "renew:1:1"),
        (None, "Renew in time", "renew:1:1"),
    ],
)
def test_a_reminder_says_what_is_to_be_done(outlook: str | None, says: str, leads_to: str) -> None:
    screen = render("reminder", outlook=outlook)
    assert says in screen.text
    assert buttons(screen)[0].startswith(leads_to)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "template", ["reminder", "renewal-short", "renewal-changed", "paid-time-over"]
)
def test_the_same_term_again_is_one_tap_away(template: str, language: str) -> None:
    """The notification stays: what the tap opens is a message of its own."""
    label = {"en": "⏩ Renew", "ru": "⏩ Продлить"}[language]
    taps = {b.text: b.data for row in render(template, language).buttons for b in row}
    assert taps[label] == "renew:1:1"
    old = ScreenRenderer().render(
        template, {name: v for name, v in VALUES.items() if name != "subscription"}, language
    )
    assert "plans:1:" in buttons(old)


@pytest.mark.parametrize(
    ("language", "text", "labels"),
    [
        (
            "en",
            (
                "⌛ <b>Your subscription has ended</b>\n\nRenew for the same term in one tap, or"
                " pick another plan: your access is back right after you pay."
            ),
            ["⏩ Renew", "↕️ Change plan", "💬 Support", "🏠 Menu"],
        ),
        (
            "ru",
            (
                "⌛ <b>Подписка закончилась</b>\n\nПродлите на тот же срок одним касанием или"
                " выберите другой тариф: доступ вернётся сразу после оплаты."
            ),
            ["⏩ Продлить", "↕️ Сменить тариф", "💬 Поддержка", "🏠 Меню"],
        ),
    ],
)
def test_an_end_leads_to_the_same_term_again_and_to_other_plans(
    language: str, text: str, labels: list[str]
) -> None:
    screen = render("subscription-ended", language)
    assert screen.text == text
    assert [button.text for row in screen.buttons for button in row] == labels
    assert buttons(screen)[:2] == ["renew:0:1", "plans:0:1"]


def test_a_renewal_says_what_it_took_and_what_is_left() -> None:
    text = render("renewed").text
    assert "$4.99" in text
    assert "$1.00" in text


@pytest.mark.parametrize("template", NAMED)
def test_a_notification_about_one_of_several_says_which(template: str) -> None:
    assert render(template, number="17").text.startswith("Subscription No. 17\n\n")
    assert render(template, "ru", number="17").text.startswith("Подписка № 17\n\n")


@pytest.mark.parametrize("outlook", ["renews", "short", "changed"])
def test_every_kind_of_reminder_says_which(outlook: str) -> None:
    assert "No. 17" in render("reminder", outlook=outlook, number="17").text


@pytest.mark.parametrize("values", [{}, {"number": None}])
@pytest.mark.parametrize("template", NAMED)
def test_a_notification_about_the_only_one_names_no_number(
    template: str, values: dict[str, object]
) -> None:
    """Nor one that was written before notifications had numbers."""
    assert "No." not in ScreenRenderer().render(template, VALUES | values, "en").text


def test_who_has_others_is_led_to_them_from_an_end() -> None:
    assert "subscription:1:" in buttons(render("subscription-ended", number="17"))
    only = buttons(render("subscription-ended"))
    assert not any(data.startswith("subscription") for data in only)
