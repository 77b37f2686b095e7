"""A channel that one must have joined: the way there and back, and what operators read of it."""

from typing import Final

from aiogram.filters.callback_data import CallbackData

from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button, to_menu, to_username
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues
from app.domain.messages import Screen


def join_to_buy_screen(t: Translator, channel: str, again: CallbackData) -> Screen:
    """`again`: the tap that led here."""
    there = to_username(t.plain("trial-open-channel"), channel)
    back = callback_button(t.plain("channel-joined"), again)
    return Screen(t("channel-join", channel=channel), [[there], [back], [to_menu(t)]])


def _buying_channel(t: Translator, values: NotificationValues) -> Screen:
    known = {name: str(values[name]) for name in ("channel", "reason", "error")}
    return Screen(
        t(
            "operator-buying-channel",
            channel=known["channel"],
            reason=known["reason"],
            error=known["error"],
        )
    )


CHANNEL_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "operator-buying-channel": _buying_channel,
}
