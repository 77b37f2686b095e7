"""What operators do for a user: the buttons of the card, the questions, and what was done."""

from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape

from aiogram.filters.callback_data import CallbackData

from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import (
    BlockUserPage,
    ConfirmDays,
    CorrectionPage,
    EraseUserPage,
    OpenAuditLog,
    RenewUserLink,
    SendUserData,
    UnblockUser,
    UserCardPage,
    UserDaysPage,
    UserLinkPage,
    UserMovePage,
    WritePage,
)
from app.bot.screens.buttons import callback_button
from app.core.money import Money
from app.db.models import Subscription, User
from app.domain.messages import Button, Screen
from app.domain.names import format_full_name
from app.domain.operator_roles import OperatorRole, Permission, has_permission
from app.services.operations.access_changes import DaysChange, DaysPreview


def action_buttons(
    t: Translator, user: User, role: OperatorRole | None, *, may_move: bool
) -> list[Button]:
    """Those that the role may; to move there must be several panels."""
    id_ = user.id
    actions: list[tuple[str, CallbackData, Permission]] = [
        ("user-write", WritePage(user_id=id_), Permission.ANSWER_QUESTIONS),
        ("user-link", UserLinkPage(user_id=id_), Permission.CHANGE_KEYS),
        ("user-days", UserDaysPage(user_id=id_), Permission.CHANGE_DAYS),
        *(
            [("user-move", UserMovePage(user_id=id_), Permission.MOVE_SUBSCRIPTIONS)]
            if may_move
            else []
        ),
        ("user-correct", CorrectionPage(user_id=id_), Permission.CORRECT_BALANCES),
        ("user-audit", OpenAuditLog(user_id=id_), Permission.VIEW_AUDIT),
        ("user-data", SendUserData(user_id=id_), Permission.EXPORT_TABLES),
        ("user-block", BlockUserPage(user_id=id_), Permission.BLOCK_USERS)
        if user.blocked_at is None
        else ("user-unblock", UnblockUser(user_id=id_), Permission.BLOCK_USERS),
        ("user-erase", EraseUserPage(user_id=id_), Permission.ERASE_USERS),
    ]
    return [
        callback_button(t.plain(key), page)
        for key, page, needed in actions
        if has_permission(role, needed)
    ]


def ask_for_text_screen(t: Translator, user: User) -> Screen:
    return _ask(t, user, t("user-write-ask", person=user_name_link(user)))


def written_screen(t: Translator, user_id: int) -> Screen:
    return Screen(t("user-written"), [[to_its_card(t, user_id)]])


def ask_for_correction_screen(t: Translator, user: User, balance: Money, most: Money) -> Screen:
    values = {"balance": t.price(balance), "most": t.price(most), "currency": most.currency}
    return _ask(t, user, t("user-correct-ask", person=user_name_link(user), **values))


def ask_for_refund_reason_screen(t: Translator, user: User, number: str, longest: int) -> Screen:
    text = t("user-refund-ask", person=user_name_link(user), number=number, longest=longest)
    return _ask(t, user, text)


def choose_subscription_screen(
    t: Translator,
    user: User,
    rows: Sequence[Subscription],
    page: Callable[[int], CallbackData],
) -> Screen:
    """`page` of a subscription's id."""
    buttons = [
        [
            callback_button(
                t.plain("user-subscription", number=str(row.id), date=t.date(row.expires_at)),
                page(row.id),
            )
        ]
        for row in rows
    ]
    text = t("user-which", person=user_name_link(user))
    return Screen(text, [*buttons, [to_its_card(t, user.id)]])


def no_subscription_to_renew_screen(t: Translator, user: User) -> Screen:
    return Screen(t("user-no-key", person=user_name_link(user)), [[to_its_card(t, user.id)]])


def confirm_user_link_screen(t: Translator, user: User, subscription_id: int) -> Screen:
    renew = RenewUserLink(user_id=user.id, subscription_id=subscription_id)
    text = t("user-link-ask", person=user_name_link(user), number=str(subscription_id))
    return Screen(
        text, [[callback_button(t.plain("user-link-yes"), renew)], [to_its_card(t, user.id)]]
    )


def link_renewed_screen(t: Translator, user_id: int) -> Screen:
    return Screen(t("user-link-done"), [[to_its_card(t, user_id)]])


def ask_for_days_screen(
    t: Translator, user: User, subscription_id: int | None, most: int
) -> Screen:
    number = str(subscription_id) if subscription_id else "new"
    text = t("user-days-ask", person=user_name_link(user), number=number, most=most)
    return _ask(t, user, text)


def days_preview_screen(
    t: Translator, found: DaysPreview, change: DaysChange, message_id: int
) -> Screen:
    text = t(
        "user-days-preview",
        person=user_name_link(found.user),
        sign="plus" if change.days > 0 else "minus",
        days=t("days", count=abs(change.days)),
        before=_end(t, found.before),
        after=t.date(found.after),
        reason=change.reason,
    )
    confirm = callback_button(t.plain("user-days-yes"), ConfirmDays(message_id=message_id))
    return Screen(text, [[confirm], [to_its_card(t, found.user.id)]])


def days_changed_screen(t: Translator, user_id: int) -> Screen:
    return Screen(t("user-days-done"), [[to_its_card(t, user_id)]])


def user_name_link(user: User) -> Html:
    name = escape(format_full_name(user.id, user.first_name, user.username), quote=False)
    return Html(f'<a href="tg://user?id={user.id}">{name}</a>')


def _end(t: Translator, at: datetime | None) -> str:
    return t.plain("user-days-none") if at is None else t.date(at)


def _ask(t: Translator, user: User, text: Html) -> Screen:
    return Screen(text, [[to_its_card(t, user.id)]])


def to_its_card(t: Translator, user_id: int, *, fresh: bool = False) -> Button:
    page = UserCardPage(user_id=user_id, fresh=fresh)
    return callback_button(t.plain("user-tab-main"), page)
