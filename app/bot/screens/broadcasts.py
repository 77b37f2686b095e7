"""A broadcast as its recipients and its operator see it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, cast

from app.bot.callbacks import SetNews
from app.bot.i18n import Translator
from app.bot.operator_callbacks import BroadcastAction, BroadcastsPage, SteerBroadcast
from app.bot.screens.broadcast_changes import ended_button_rows
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    list_progress_lines,
    read_number,
)
from app.db.models import Broadcast
from app.domain.broadcasts import ENDED_BROADCAST_STATES, BroadcastState
from app.domain.messages import Button, Screen
from app.services.operations.broadcasts.progress import progress_to_values

_ACTIONS: Final = {
    BroadcastState.RUNNING: (BroadcastAction.PAUSE, BroadcastAction.CANCEL),
    BroadcastState.PAUSED: (BroadcastAction.RESUME, BroadcastAction.CANCEL),
}
# Shown only where there are some.
_SELDOM: Final = ("unreachable", "skipped", "failed", "doubtful")


def _copy(t: Translator, values: NotificationValues) -> Screen:
    """The buttons alone count: the text is the message's that is copied."""
    own = cast("list[list[str]]", values["buttons"])
    return Screen(t("broadcast-off"), copy_buttons(t, own))


def copy_buttons(t: Translator, own: Sequence[Sequence[str]]) -> list[list[Button]]:
    """Its own, and the one by which a user wants no more broadcasts."""
    off = callback_button(t.plain("broadcast-off"), SetNews(on=False))
    return [*([Button(text, url=url)] for text, url in own), [off]]


def broadcast_screen(t: Translator, broadcast: Broadcast) -> Screen:
    """How far it is."""
    return _progress(t, progress_to_values(broadcast, None))


def _progress(t: Translator, values: NotificationValues) -> Screen:
    state = BroadcastState(str(values["state"]))
    parts = [
        t("broadcast-progress", number=str(values["broadcast"]), state=state.value),
        _counts(t, values),
    ]
    if state is BroadcastState.RUNNING and values["per_minute"]:
        parts.append(_pace(t, values))
    if state is BroadcastState.PAUSED and values["error"]:
        parts.append(t("broadcast-stopped", error=str(values["error"])))
    id_ = read_number(values, "broadcast")
    has_ended = state in ENDED_BROADCAST_STATES
    rows = ended_button_rows(t, id_) if has_ended else [_steer_buttons(t, id_, state)]
    return Screen("\n\n".join(parts), [*rows, [_to_broadcasts(t)]])


def _steer_buttons(t: Translator, id_: int, state: BroadcastState) -> list[Button]:
    return [
        callback_button(
            t.plain(f"broadcast-{action}"), SteerBroadcast(broadcast_id=id_, action=action)
        )
        for action in _ACTIONS.get(state, ())
    ]


def _counts(t: Translator, values: NotificationValues) -> str:
    sent = t("broadcast-sent", sent=read_number(values, "sent"), total=read_number(values, "total"))
    seldom = {name: f"broadcast-{name}" for name in _SELDOM}
    return "\n".join(list_progress_lines(t, values, sent, seldom))


def _pace(t: Translator, values: NotificationValues) -> str:
    pace = t("broadcast-pace", rate=read_number(values, "per_minute"))
    if values["left_seconds"] is None:
        return pace
    minutes = timedelta(seconds=read_number(values, "left_seconds")) // timedelta(minutes=1)
    return f"{pace} {t('broadcast-left', minutes=minutes)}"


def _done(t: Translator, values: NotificationValues) -> Screen:
    title = t("broadcast-progress", number=str(values["broadcast"]), state="done")
    rows = ended_button_rows(t, read_number(values, "broadcast"))
    return Screen(f"{title}\n\n{_counts(t, values)}", [*rows, [_to_broadcasts(t)]])


def _to_broadcasts(t: Translator) -> Button:
    return callback_button(t.plain("broadcast-others"), BroadcastsPage(fresh=True))


BROADCAST_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "broadcast-copy": _copy,
    "broadcast-progress": _progress,
    "broadcast-done": _done,
}
