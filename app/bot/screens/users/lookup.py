"""Looking for a user: the question, and who it may be."""

from collections.abc import Sequence

from app.bot.i18n import Translator
from app.bot.operator_callbacks import UserCardPage
from app.bot.screens.buttons import callback_button, to_home
from app.db.models import User
from app.domain.messages import Screen
from app.domain.names import format_full_name


def how_to_look_up_user_screen(t: Translator) -> Screen:
    return Screen(t("person-how"), [[to_home(t)]])


def user_not_found_screen(t: Translator, typed: str) -> Screen:
    return Screen(t("person-not-found", typed=typed), [[to_home(t)]])


def namesakes_screen(t: Translator, typed: str, users: Sequence[User], limit: int) -> Screen:
    """Those whose names begin as it was typed, each a button."""
    text = t("user-namesakes", typed=typed, more="yes" if len(users) == limit else "no")
    rows = [
        [
            callback_button(
                format_full_name(user.id, user.first_name, user.username),
                UserCardPage(user_id=user.id),
            )
        ]
        for user in users
    ]
    return Screen(text, [*rows, [to_home(t)]])
