"""A broadcast as its recipients and its operator see it."""

from datetime import timedelta
from typing import Final, cast

from app.bot.callbacks import BroadcastAction, SetNews, SteerBroadcast
from app.bot.formatting import draw_usage_bar
from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, read_number
from app.domain.broadcasts import BroadcastState
from app.domain.messages import Button, Screen

_ACTIONS: Final = {
    BroadcastState.RUNNING: (BroadcastAction.PAUSE, BroadcastAction.CANCEL),
    BroadcastState.PAUSED: (BroadcastAction.RESUME, BroadcastAction.CANCEL),
}
# Shown only where there are some.
_SELDOM: Final = ("unreachable", "skipped", "failed", "doubtful")


def _copy(t: Translator, values: NotificationValues) -> Screen:
    """The buttons alone count: the text is the message's that is copied."""
    own = cast("list[list[str]]", values["buttons"])
    rows = [[Button(text, url=url)] for text, url in own]
    off = callback_button(t.plain("broadcast-off"), SetNews(on=False))
    return Screen(t("broadcast-off"), [*rows, [off]])


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
    return Screen("\n\n".join(parts), [_steer_buttons(t, values, state)])


def _steer_buttons(
    t: Translator, values: NotificationValues, state: BroadcastState
) -> list[Button]:
    id_ = read_number(values, "broadcast")
    return [
        callback_button(
            t.plain(f"broadcast-{action}"), SteerBroadcast(broadcast_id=id_, action=action)
        )
        for action in _ACTIONS.get(state, ())
    ]


def _counts(t: Translator, values: NotificationValues) -> str:
    total, waiting = read_number(values, "total"), read_number(values, "waiting")
    done = total - waiting
    lines: list[str] = []
    if total:
        lines.append(f"{draw_usage_bar(done, total)} {done * 100 // total} %")
    lines.append(t("broadcast-sent", sent=read_number(values, "sent"), total=total))
    lines += [
        t(f"broadcast-{name}", count=count)
        for name in _SELDOM
        if (count := read_number(values, name))
    ]
    return "\n".join(lines)


def _pace(t: Translator, values: NotificationValues) -> str:
    pace = t("broadcast-pace", rate=read_number(values, "per_minute"))
    if values["left_seconds"] is None:
        return pace
    minutes = timedelta(seconds=read_number(values, "left_seconds")) // timedelta(minutes=1)
    return f"{pace} {t('broadcast-left', minutes=minutes)}"


def _done(t: Translator, values: NotificationValues) -> Screen:
    title = t("broadcast-progress", number=str(values["broadcast"]), state="done")
    return Screen(f"{title}\n\n{_counts(t, values)}")


BROADCAST_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "broadcast-copy": _copy,
    "broadcast-progress": _progress,
    "broadcast-done": _done,
}
