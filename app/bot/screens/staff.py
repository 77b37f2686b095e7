"""The operators: who they are, and what an owner is asked before one comes or goes."""

from collections.abc import Sequence
from html import escape
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import (
    AppointMember,
    AppointmentPage,
    DismissalPage,
    DismissMember,
    RolePage,
    StaffMemberPage,
    StaffPage,
)
from app.bot.screens.buttons import callback_button, to_home, to_menu
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues
from app.domain.messages import Button, Screen
from app.domain.names import format_full_name
from app.domain.operator_roles import OperatorRole
from app.services.operations.staff_admin import StaffEntry

_APPOINTED_ROLES: Final = (OperatorRole.MANAGER, OperatorRole.SUPPORT)


def staff_screen(t: Translator, entries: Sequence[StaffEntry]) -> Screen:
    text = "\n".join([f"{t('staff')}\n", *(_line(t, entry) for entry in entries)])
    members = [
        [callback_button(_name(entry), StaffMemberPage(user_id=entry.user_id))]
        for entry in entries
        if entry.member
    ]
    appoint = callback_button(t.plain("staff-appoint"), AppointmentPage())
    return Screen(f"{text}\n\n{t('staff-roles')}", [*members, [appoint], [to_home(t)]])


def ask_for_member_screen(t: Translator) -> Screen:
    return Screen(t("staff-ask"), [[_to_staff(t)]])


def member_not_found_screen(t: Translator) -> Screen:
    return Screen(t("staff-not-found"), [[_to_staff(t)]])


def staff_member_screen(t: Translator, entry: StaffEntry) -> Screen:
    """Of a user who may not be an operator yet."""
    member = entry.member
    held = member.role if member else None
    head = t("staff-member", person=_link(entry), role=held or "none")
    roles = [[_to_role(t, entry.user_id, role)] for role in _APPOINTED_ROLES if role is not held]
    dismissal = callback_button(t.plain("staff-dismiss"), DismissalPage(user_id=entry.user_id))
    leave = [[dismissal]] if member else []
    return Screen(f"{head}\n\n{t('staff-roles')}", [*roles, *leave, [_to_staff(t)]])


def confirm_role_screen(t: Translator, entry: StaffEntry, role: OperatorRole) -> Screen:
    data = AppointMember(user_id=entry.user_id, role=role)
    return Screen(
        t("staff-confirm", person=_link(entry), role=role),
        [[callback_button(t.plain("staff-confirm-yes"), data)], [_to_staff(t)]],
    )


def confirm_dismissal_screen(t: Translator, entry: StaffEntry) -> Screen:
    dismiss = callback_button(t.plain("staff-dismiss-yes"), DismissMember(user_id=entry.user_id))
    return Screen(t("staff-dismissal", person=_link(entry)), [[dismiss], [_to_staff(t)]])


def _line(t: Translator, entry: StaffEntry) -> Html:
    if entry.member is None:
        return t("staff-owner", person=_link(entry))
    since = t.date(entry.member.created_at)
    return t("staff-line", person=_link(entry), role=entry.member.role, date=since)


def _name(entry: StaffEntry) -> str:
    user = entry.user
    return format_full_name(user.id, user.first_name, user.username) if user else str(entry.user_id)


def _link(entry: StaffEntry) -> Html:
    name = escape(_name(entry), quote=False)
    return Html(f'<a href="tg://user?id={entry.user_id}">{name}</a>')


def _to_role(t: Translator, user_id: int, role: OperatorRole) -> Button:
    return callback_button(t.plain("staff-as", role=role), RolePage(user_id=user_id, role=role))


def _to_staff(t: Translator) -> Button:
    return callback_button(t.plain("staff-back"), StaffPage())


def _appointed(t: Translator, values: NotificationValues) -> Screen:
    return Screen(t("staff-appointed", role=str(values["role"])), [[to_home(t, fresh=True)]])


def _dismissed(t: Translator, _: NotificationValues) -> Screen:
    return Screen(t("staff-dismissed"), [[to_menu(t, fresh=True)]])


STAFF_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "staff-appointed": _appointed,
    "staff-dismissed": _dismissed,
}
