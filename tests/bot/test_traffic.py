"""What notifications of used traffic say, and where they lead."""

import pytest

from app.bot.i18n import LANGUAGES
from app.bot.renderer import ScreenRenderer
from tests.bot.phone import check, visible

LIMIT = 100 * 1024**3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warning_says_what_is_left_and_offers_more(language: str) -> None:
    values = {
        "subscription": 7,
        "number": "7",
        "limit_bytes": LIMIT,
        "left_bytes": LIMIT // 5,
        "expires_at": "2026-12-22T00:00:00+00:00",
        "renews": 1,
    }
    low = check(ScreenRenderer().render("traffic-low", values, language))
    assert "20" in visible(low)
    assert "100" in visible(low)
    assert (low.buttons[0][0].data or "").startswith("renew:1:7")
    gift = check(ScreenRenderer().render("traffic-over", values | {"renews": 0}, language))
    assert (gift.buttons[0][0].data or "").startswith("plans:1:7")
