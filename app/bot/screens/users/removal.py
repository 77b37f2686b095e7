"""Blocking and erasing a user: what it means, the reason that is asked for, and the end."""

from app.bot.i18n import Translator
from app.bot.operator_callbacks import EraseUser, UnblockUser
from app.bot.screens.buttons import callback_button, to_home
from app.bot.screens.privacy import list_losses
from app.bot.screens.users.actions import to_its_card, user_name_link
from app.db.models import User
from app.domain.messages import Document, Screen
from app.services.privacy.erasure import ErasurePreview


def ask_for_block_reason_screen(t: Translator, user: User, longest: int) -> Screen:
    text = t("user-block-ask", person=user_name_link(user), longest=longest)
    return Screen(text, [[to_its_card(t, user.id)]])


def user_blocked_screen(t: Translator, user_id: int) -> Screen:
    undo = callback_button(t.plain("user-unblock"), UnblockUser(user_id=user_id))
    return Screen(t("user-block-done"), [[undo], [to_its_card(t, user_id)]])


def ask_for_erasure_reason_screen(
    t: Translator, user: User, preview: ErasurePreview, longest: int
) -> Screen:
    parts = [
        t("user-erase-ask", person=user_name_link(user)),
        *list_losses(t, "user-erase-loses", preview),
        t("user-erase-reason", longest=longest),
    ]
    return Screen("\n\n".join(parts), [[to_its_card(t, user.id)]])


def confirm_user_erasure_screen(t: Translator, user: User, reason: str) -> Screen:
    erase = callback_button(t.plain("user-erase-yes"), EraseUser(user_id=user.id))
    text = t("user-erase-confirm", person=user_name_link(user), reason=reason)
    return Screen(text, [[erase], [to_its_card(t, user.id)]])


def user_erased_screen(t: Translator) -> Screen:
    return Screen(t("user-erased"), [[to_home(t)]])


def user_data_screen(t: Translator, user_id: int, content: bytes) -> Screen:
    document = Document(f"user-{user_id}.json", content)
    return Screen(t("user-data-sent"), [[to_its_card(t, user_id, fresh=True)]], document=document)
