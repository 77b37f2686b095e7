"""What users read while the shop is under maintenance, and operators meanwhile."""

import html
import re
from typing import Final

from app.bot.callbacks import LanguagePage
from app.bot.editing_callbacks import SettingPage
from app.bot.i18n import Translator
from app.bot.screens.buttons import (
    callback_button,
    to_connect,
    to_subscription,
    to_support,
)
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_number,
)
from app.bot.tracking_callbacks import TrackPage
from app.domain.messages import Screen
from app.domain.names import cut_text
from app.domain.offer import Offer
from app.domain.pages import PageText

_TAG: Final = re.compile("<[^>]*>")
_MAX_TOAST: Final = 200


def maintenance_screen(t: Translator, offer: Offer, before: str = "") -> Screen:
    """With the ways to what goes on; `before`: what is said above it."""
    track = [[callback_button(t.plain("button-track"), TrackPage())]] if offer.tracking else []
    language = callback_button(t.plain("button-language"), LanguagePage())
    return Screen(
        f"{before}\n\n{t(PageText.MAINTENANCE.value)}".strip(),
        [[to_subscription(t)], [to_connect(t)], *track, [to_support(t), language]],
    )


def maintenance_toast(t: Translator) -> str:
    bare = html.unescape(_TAG.sub("", t(PageText.MAINTENANCE.value)))
    return cut_text(" ".join(bare.split()), _MAX_TOAST)


def _reminder(t: Translator, values: NotificationValues) -> Screen:
    off = callback_button(t.plain("maintenance-end"), SettingPage(name="maintenance", fresh=True))
    hours = read_number(values, "hours")
    return Screen(t("operator-maintenance", hours=t("hours", count=hours)), [[off]])


MAINTENANCE_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "operator-maintenance": _reminder,
}
