"""The audit for operators: what was done, by whom and to what, with its reason."""

from html import escape
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import AuditLogSearchPage, OpenAuditLog
from app.bot.screens.buttons import callback_button, to_home
from app.bot.screens.users.actions import to_its_card
from app.db.models import AuditEntry
from app.domain.messages import Button, Screen
from app.domain.names import cut_text
from app.services.operations.audit_log import AuditLogPage

_MAX_DETAILS: Final = 250  # characters


def audit_log_screen(t: Translator, page: AuditLogPage, user_id: int | None) -> Screen:
    head = t("audit-log") if user_id is None else t("audit-log-of", id=str(user_id))
    lines = [_line(t, entry) for entry in page.entries] or [t("user-nothing")]
    older: list[list[Button]] = []
    if page.has_more:
        data = OpenAuditLog(user_id=user_id, before=page.entries[-1].id)
        older = [[callback_button(t.plain("button-older"), data)]]
    search = callback_button(t.plain("audit-log-search"), AuditLogSearchPage())
    back = to_home(t) if user_id is None else to_its_card(t, user_id)
    return Screen("\n\n".join([head, *lines]), [*older, [search], [back]])


def ask_whose_audit_log_screen(t: Translator) -> Screen:
    return Screen(t("audit-log-ask"), [[callback_button(t.plain("button-back"), OpenAuditLog())]])


def no_audit_log_screen(t: Translator, typed: str) -> Screen:
    return Screen(t("person-not-found", typed=typed), [[to_home(t)]])


def _line(t: Translator, entry: AuditEntry) -> Html:
    details = ", ".join(f"{name}: {value}" for name, value in entry.details.items())
    shown = escape(cut_text(details, _MAX_DETAILS), quote=False)
    return Html(
        "\n".join(
            [
                t("audit-log-entry", at=t.instant(entry.created_at), action=entry.action),
                t("audit-log-who", actor=entry.actor, subject=entry.subject),
                *([f"<i>{shown}</i>"] if details else []),
            ]
        )
    )
