"""A new key in place of the old one: the question before it, and the letter that brings it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from app.bot.callbacks import NewLinkPage, RenewLink, SubscriptionPage
from app.bot.qr import LONGEST, draw_qr
from app.bot.screens.buttons import copy_key, tap, to_menu, to_support
from app.bot.screens.connect import platform_buttons
from app.bot.screens.letters import named
from app.bot.screens.subscription import as_code
from app.bot.texts import Html, Translator
from app.domain.messages import Screen

Values = Mapping[str, object]


def confirm_new_link_screen(t: Translator, subscription_id: int) -> Screen:
    return Screen(
        t("new-link", number=str(subscription_id)),
        [
            [tap(t.plain("new-link-confirm"), RenewLink(subscription_id=subscription_id))],
            [tap(t.plain("new-link-keep"), SubscriptionPage(subscription_id=subscription_id))],
        ],
    )


def new_link_panel_away_screen(t: Translator, subscription_id: int) -> Screen:
    again = tap(t.plain("button-try-again"), NewLinkPage(subscription_id=subscription_id))
    back = tap(t.plain("button-back"), SubscriptionPage(subscription_id=subscription_id))
    return Screen(t("new-link-panel-away"), [[again], [to_support(t), back]])


def _new_key(t: Translator, values: Values) -> Screen:
    return _key(t, values, t("new-key", date=_date(t, values)))


def _key_replaced(t: Translator, values: Values) -> Screen:
    """In a message that showed the old key."""
    return _key(t, values, t("key-replaced", date=_date(t, values)))


def _key(t: Translator, values: Values, head: Html) -> Screen:
    link = str(values["link"])
    text = f"{head}\n\n{as_code(link)}\n\n{t('new-key-next')}"
    copy = copy_key(t, link)
    buttons = [*([copy] if copy else []), *platform_buttons(fresh=True), [to_menu(t, fresh=True)]]
    return Screen(text, buttons, photo=draw_qr(link) if len(link) <= LONGEST else None)


def _date(t: Translator, values: Values) -> str:
    return t.date(datetime.fromisoformat(str(values["expires_at"])))


NEW_LINK_NOTICES: Final[dict[str, Callable[[Translator, Values], Screen]]] = {
    "new-key": named(_new_key),
    "key-replaced": named(_key_replaced),
}
