"""Notifications of the outbox: each of its templates, in both languages and at every edge."""

from collections.abc import Mapping

import pytest

from app.bot.i18n import LANGUAGES
from app.bot.renderer import NOTIFICATION_RENDERERS, ScreenRenderer
from app.domain.messages import Screen
from app.domain.tracking import Milestone
from app.services.tracking.cards.cards import CARD_TEMPLATE, card_to_values
from tests.architecture.source import modules
from tests.bot.phone import check, visible
from tests.bot.tracking.test_notifications import CARD
from tests.bot.tracking.test_notifications import VALUES as WATCH

LINK = "https://vpn.example/sub/2f0c?a=1&b=<2>"

VALUES: dict[str, object] = {
    "invoice": "4711",
    "network": "BNB Smart Chain (BEP20)",
    "tx": "0x" + "4f" * 32,
    "sender": "0x" + "a1" * 20,
    "transfer": 5,
    "purchase": "5f0c8b1e-2f3a-4c55-9d0e-0a1b2c3d4e5f",
    "block": 4711,
    "chain": "BNB Smart Chain",
    "of": "operator-payment-short",
    "settlement": "refunded",
    "by": 1003,
    "source": 77,
    "paid": "4.98 USD",
    "price": "4.99 USD",
    "today": "5.99 USD",
    "term": 1,
    "is_separate": 0,
    "person": 1001,
    "owner": 1003,
    "family": "tron",
    "address": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "at": "2026-12-22T10:00:00+00:00",
    "tokens": "USDT",
    "link": LINK,
    "expires_at": "2026-12-22T10:00:00+00:00",
    "text": "<i>Why & how?</i>",
    "subscription": 17,
    "attempts": 10,
    "role": "support",
    "day": "2026-11-29T00:00:00+03:00",
    "sales": "12 58.80 USD;1 3.00 EUR",
    "users": 40,
    "trials": 9,
    "running": 1234,
    "on_trial": 56,
    "until": "2026-12-31T00:00:00+00:00",
    "reason": "unavailable",
    "error": "502 <html>",
    "name": "A <b>",
    "update": 123456789,
    "message": "key-ready",
    "amount": "1.50 USD",
    "balance": "3.00 USD",
    "channel": "@tollgate_news",
    "currency": "USD",
    "days": 7,
    "hours": 2,
    "number": "3F9A21BC",
    "outside": "300 XTR",
    "used_bytes": 5 * 1024**3,
    "limit_bytes": 10 * 1024**3,
    "top_up_minor": 120,
    "missing": "1.20 USD",
    "ends_at": "2026-12-22T11:00:00+00:00",
    "outlook": "short",
    "count": 3,
    "bridge": 5,
    "watch": 6,
    "hash": f"0x{'ab' * 32}",
    "token": "CELL",
    "code": "A" * 24,
    "percent": 20,
    "kinds": "sales,trials",
    "topic": 5,
    "devices": 2,
    "title": "A <b>",
    "held": 1,
    "bot": "shop_bot",
    "months": 1,
    "title_en": "A <b>",
    "redemption": "3F9A21BD",
    "left_bytes": 2 * 1024**3,
    "incident": 7,
    "kind": "panel",
    "subject": "panel",
    "since": "2026-12-22T10:00:00+00:00",
    "lasted_seconds": None,
    "outage_seconds": 7_200,
    "outages": 2,
    "waiting": 1,
    "affected": 3,
    "absence_seconds": 125,
    "renews": 1,
    "panel": "berlin",
    "plan": "standard",
    "moved": 118,
    "failed": 2,
    "orphan_accounts": 2,
    "missing_accounts": 1,
    "wrong_expiry_accounts": 21,
    "disabled_accounts": 1,
    "foreign_accounts": 1000,
}

BROADCAST: dict[str, object] = {
    "buttons": [["Site <b>", "https://example.org/?a=1&b=2"]],
    "broadcast": 4,
    "state": "running",
    "total": 100_000,
    "sent": 40_000,
    "unreachable": 3,
    "doubtful": 1,
    "failed": 2,
    "skipped": 4,
    "waiting": 59_990,
    "per_minute": 1_050,
    "changed": 30_000,
    "kind": "edit",
    "left_seconds": 3_428,
    "error": "copyMessage: <gone>",
}

BULK: dict[str, object] = {
    "job": 4,
    "reason": "error-bulk-grown",
    "kind": "new_links",
    "state": "running",
    "total": 100_000,
    "done": 40_000,
    "skipped": 4,
    "failed": 2,
    "waiting": 59_994,
}

EXTRA: dict[str, object] = {
    "kind": "devices",
    "traffic_bytes": 0,
    "has_ended": 1,
    "device_limit": 3,
    "traffic_limit_bytes": 0,
}

FEED: dict[str, object] = {
    "sales": '[{"kind": "plan", "titles": {"en": "A <b>"}, "months": 1, "days": 30,'
    ' "price": "4.99 USD"}]',
    "sales_count": 3,
    "sales_totals": '[[1497, "USD"]]',
    "trials": 2,
    "sign_ups": 40,
}

EXPORT: dict[str, object] = {
    "kind": "ledger",
    "rows": 20_000,
    "total": 90_000,
    "number": 1,
    "count": 2,
    "parts": 2,
    "error": "502 <html>",
}


def buttons(screen: Screen) -> dict[str, str]:
    return {
        button.data or button.url or button.copy or "": button.text
        for row in screen.buttons
        for button in row
    }


# The tracker's and the exports' have names of their own.
_OF_TEMPLATES = {
    "bulk-": BULK,
    "export-": EXPORT,
    "broadcast-": BROADCAST,
    "extra-": VALUES | EXTRA,
    "payment-extra-over": VALUES | EXTRA,
    "feed": FEED,
    "watch-": WATCH,
}


def _values(template: str) -> Mapping[str, object]:
    if template == CARD_TEMPLATE:
        return card_to_values(CARD)
    return next(
        (values for begin, values in _OF_TEMPLATES.items() if template.startswith(begin)), VALUES
    )


def test_a_row_of_every_template_becomes_a_message_that_telegram_takes() -> None:
    """P3: what users must be notified of can be sent, in both languages."""
    assert len(NOTIFICATION_RENDERERS) > 50
    for template in NOTIFICATION_RENDERERS:
        values = _values(template)
        for language in LANGUAGES:
            text = visible(check(ScreenRenderer().render(template, values, language)))
            assert "???" not in text, template
            assert "{" not in text, template


def test_there_is_no_template_that_no_service_uses() -> None:
    source = "".join(module.text for module in modules("app/services", "app/domain"))
    composed = {
        f"{what}-{trouble}"
        for what in ("key", "trial-key", "renewal", "extra")
        for trouble in ("delayed", "needs-attention")
    }
    composed |= {"operator-trial-channel", "operator-buying-channel"}
    composed |= {f"watch-{milestone}" for milestone in Milestone}
    composed |= {"operator-buying-channel"}  # by what the channel is asked for
    of_older_releases = {"operator-panel-unfit"}  # what they left may wait to be sent
    for template in NOTIFICATION_RENDERERS.keys() - composed - of_older_releases:
        told = template in source or f'"{template.removeprefix("operator-")}"' in source
        assert told, template


def test_a_ready_key_comes_with_its_picture_and_the_way_to_connect() -> None:
    screen = ScreenRenderer().render("key-ready", VALUES, "ru")
    assert screen.photo is not None
    assert LINK in visible(screen)
    assert "22 декабря 2026" in visible(screen)
    # Each opens a new message: the key must stay.
    taps = [data for data in buttons(screen) if data != LINK]
    assert [data.split(":")[1] for data in taps] == ["1"] * 5


@pytest.mark.parametrize(
    "template", ["key-ready", "trial-key-ready", "new-key", "moved-key", "key-replaced"]
)
def test_every_message_with_a_key_opens_its_page(template: str) -> None:
    """Rows of older releases know of none."""
    screen = ScreenRenderer().render(template, VALUES | {"page_token": "x" * 32}, "en")
    assert "/s/" + "x" * 32 in [button.page for row in screen.buttons for button in row]
    assert all(
        button.page is None
        for row in ScreenRenderer().render(template, VALUES, "en").buttons
        for button in row
    )


@pytest.mark.parametrize("length", [600, 601, 2000, 3500])
def test_a_ready_key_of_any_length_can_be_sent(length: int) -> None:
    """P3: the longest key that a panel may give is no reason to stay silent."""
    values = VALUES | {"link": "x" * length}
    assert "x" * length in visible(check(ScreenRenderer().render("key-ready", values, "en")))


def test_the_longest_notifications_fit() -> None:
    values = VALUES | {"text": "&" * 3000, "name": "<" * 128}
    for template in ("operator-question", "support-answer"):
        for language in LANGUAGES:
            screen = check(ScreenRenderer().render(template, values, language))
            assert "&" * 3000 in visible(screen)


def test_the_operator_reads_numbers_as_they_are() -> None:
    screen = ScreenRenderer().render("operator-update-kept", VALUES, "en")
    assert "123456789" in visible(screen)


def test_an_unmatched_payment_needs_neither_user_nor_price() -> None:
    values = VALUES | {"person": None, "price": None}
    screen = ScreenRenderer().render("operator-payment-unmatched", values, "en")
    assert "$4.98" in visible(screen)


def test_a_stuck_activation_names_its_reason_and_has_a_retry_button() -> None:
    for reason, text in (("refused", "refuses"), ("unavailable", "isn’t responding")):
        values = VALUES | {"reason": reason}
        screen = ScreenRenderer().render("operator-activation", values, "en")
        assert text in visible(screen)
        assert "502 <html>" in visible(screen)
        assert list(buttons(screen)) == ["retry:17", "usercard:1:1001:m:0"]


def test_an_unknown_template_is_a_bug_that_shows() -> None:
    with pytest.raises(LookupError):
        ScreenRenderer().render("hello", VALUES, "en")
