"""The message with a link into the operator's web."""

from datetime import timedelta

from app.bot.i18n import Translator
from app.bot.screens.buttons import to_home
from app.domain.admin_web import LOGIN_LINK_LIFETIME, WEB_SESSION_LIFETIME
from app.domain.messages import Button, Screen


def admin_web_screen(t: Translator, url: str) -> Screen:
    text = t(
        "admin-web",
        minutes=LOGIN_LINK_LIFETIME // timedelta(minutes=1),
        hours=WEB_SESSION_LIFETIME // timedelta(hours=1),
    )
    return Screen(text, [[Button(t.plain("admin-web-open"), url=url)], [to_home(t)]])


def admin_web_off_screen(t: Translator) -> Screen:
    return Screen(t("admin-web-off"), [[to_home(t)]])
