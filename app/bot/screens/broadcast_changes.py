"""Changing or deleting what a broadcast has sent, as its operator sees it."""

from typing import Final

from app.bot.formatting import draw_usage_bar
from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import (
    BroadcastDeletionPage,
    BroadcastEditPage,
    BroadcastPage,
    CancelChange,
    ExportBroadcast,
    StartChange,
)
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, read_number
from app.domain.broadcasts import ChangeKind
from app.domain.messages import Button, Screen


def ended_button_rows(t: Translator, broadcast_id: int) -> list[list[Button]]:
    """Below a broadcast that has ended."""
    edit, delete, csv = (
        callback_button(t.plain(f"broadcast-{name}"), kind(broadcast_id=broadcast_id))
        for name, kind in (
            ("edit", BroadcastEditPage),
            ("remove", BroadcastDeletionPage),
            ("csv", ExportBroadcast),
        )
    )
    return [[edit, delete], [csv]]


def ask_for_new_text_screen(t: Translator, broadcast_id: int, count: int) -> Screen:
    return Screen(t("broadcast-edit-write", count=count), [[_to_broadcast(t, broadcast_id)]])


def new_text_refused_screen(t: Translator, broadcast_id: int, most: int) -> Screen:
    return Screen(t("broadcast-edit-refused", most=most), [[_to_broadcast(t, broadcast_id)]])


def new_text_screen(text: str) -> Screen:
    """As it will look. Telegram's own HTML of what the operator wrote."""
    return Screen(Html(text))


def confirm_change_screen(t: Translator, broadcast_id: int, kind: ChangeKind, count: int) -> Screen:
    key = "broadcast-edit" if kind is ChangeKind.EDIT else "broadcast-remove"
    start = StartChange(broadcast_id=broadcast_id, kind=kind)
    return Screen(
        t(f"{key}-confirm", count=count),
        [
            [callback_button(t.plain(f"{key}-start"), start)],
            [_to_broadcast(t, broadcast_id)],
        ],
    )


def _change(t: Translator, values: NotificationValues) -> Screen:
    total, changed = read_number(values, "total"), read_number(values, "changed")
    id_ = read_number(values, "broadcast")
    text = t(
        "broadcast-change",
        number=str(id_),
        kind=str(values["kind"]),
        bar=draw_usage_bar(changed, max(total, 1)),
        changed=changed,
        total=total,
    )
    stop = callback_button(t.plain("broadcast-change-cancel"), CancelChange(broadcast_id=id_))
    return Screen(_with_failures(t, values, text), [[stop]])


def _changed(t: Translator, values: NotificationValues) -> Screen:
    id_ = read_number(values, "broadcast")
    text = t(
        "broadcast-changed",
        number=str(id_),
        kind=str(values["kind"]),
        changed=read_number(values, "changed"),
        total=read_number(values, "total"),
    )
    return Screen(_with_failures(t, values, text), [[_to_broadcast(t, id_)]])


def _with_failures(t: Translator, values: NotificationValues, text: str) -> str:
    failed = read_number(values, "failed")
    return f"{text}\n{t('broadcast-change-failed', count=failed)}" if failed else text


def _to_broadcast(t: Translator, broadcast_id: int) -> Button:
    return callback_button(t.plain("broadcast-back"), BroadcastPage(broadcast_id=broadcast_id))


BROADCAST_CHANGE_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "broadcast-change": _change,
    "broadcast-changed": _changed,
}
