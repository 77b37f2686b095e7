"""A new key in place of the old one: the question before it, and the notification with it."""

from typing import Final

from app.bot.callbacks import NewLinkPage, OpenSubscription, RenewLink
from app.bot.i18n import Html, Translator
from app.bot.qr import MAX_QR_LENGTH, draw_qr
from app.bot.screens.buttons import callback_button, to_menu, to_support
from app.bot.screens.connect import platform_buttons
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    key_button_rows,
    read_instant,
    with_subscription_number,
)
from app.bot.screens.subscription import as_code
from app.domain.messages import Screen
from app.services.notifications.key_messages import MOVED_KEY_TEMPLATE


def confirm_new_link_screen(t: Translator, subscription_id: int) -> Screen:
    return Screen(
        t("new-link", number=str(subscription_id)),
        [
            [
                callback_button(
                    t.plain("new-link-confirm"), RenewLink(subscription_id=subscription_id)
                )
            ],
            [
                callback_button(
                    t.plain("new-link-keep"), OpenSubscription(subscription_id=subscription_id)
                )
            ],
        ],
    )


def new_link_panel_away_screen(t: Translator, subscription_id: int) -> Screen:
    again = callback_button(
        t.plain("button-try-again"), NewLinkPage(subscription_id=subscription_id)
    )
    back = callback_button(
        t.plain("button-back"), OpenSubscription(subscription_id=subscription_id)
    )
    return Screen(t("new-link-panel-away"), [[again], [to_support(t), back]])


def _new_key(t: Translator, values: NotificationValues) -> Screen:
    return _key(t, values, t("new-key", date=_date(t, values)))


def _moved_key(t: Translator, values: NotificationValues) -> Screen:
    return _key(t, values, t("moved-key", date=_date(t, values)))


def _key_replaced(t: Translator, values: NotificationValues) -> Screen:
    """In a message that showed the old key."""
    return _key(t, values, t("key-replaced", date=_date(t, values)))


def _key(t: Translator, values: NotificationValues, head: Html) -> Screen:
    link = str(values["link"])
    text = f"{head}\n\n{as_code(link)}\n\n{t('new-key-next')}"
    buttons = [
        *key_button_rows(t, values),
        *platform_buttons(fresh=True),
        [to_menu(t, fresh=True)],
    ]
    return Screen(text, buttons, photo=draw_qr(link) if len(link) <= MAX_QR_LENGTH else None)


def _date(t: Translator, values: NotificationValues) -> str:
    return t.date(read_instant(values, "expires_at"))


NEW_LINK_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "new-key": with_subscription_number(_new_key),
    MOVED_KEY_TEMPLATE: with_subscription_number(_moved_key),
    "key-replaced": with_subscription_number(_key_replaced),
}
