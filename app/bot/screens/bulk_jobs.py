"""How far an action for many is, and how it ended, as its operator sees it."""

from typing import Final

from app.bot.bulk_callbacks import ExportBulk, SteerBulk
from app.bot.i18n import Translator
from app.bot.operator_callbacks import BroadcastAction
from app.bot.screens.bulk import name_kind, to_bulk
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    list_progress_lines,
    read_number,
)
from app.db.models import BulkJob
from app.domain.bulk import BulkKind, BulkState
from app.domain.messages import Button, Screen
from app.services.operations.bulk.working import job_to_values

_ACTIONS: Final = {
    BulkState.RUNNING: (BroadcastAction.PAUSE, BroadcastAction.CANCEL),
    BulkState.PAUSED: (BroadcastAction.RESUME, BroadcastAction.CANCEL),
}
# Shown only where there are some.
_SELDOM: Final = ("skipped", "failed")


def bulk_job_screen(t: Translator, job: BulkJob) -> Screen:
    return _progress(t, job_to_values(job))


def _progress(t: Translator, values: NotificationValues) -> Screen:
    state, id_ = BulkState(str(values["state"])), read_number(values, "job")
    name = t.plain(f"bulk-title-{name_kind(BulkKind(str(values['kind'])))}")
    parts = [
        t("bulk-state", state=state.value, name=name, number=str(id_)),
        "\n".join(_list_counts(t, values)),
    ]
    if state is BulkState.RUNNING:
        parts.append(t("bulk-pace"))
    actions = [
        callback_button(t.plain(f"bulk-{action}"), SteerBulk(job_id=id_, action=action))
        for action in _ACTIONS.get(state, ())
    ]
    return Screen("\n\n".join(parts), [actions or [_to_csv(t, id_)], [to_bulk(t, fresh=True)]])


def _not_begun(t: Translator, values: NotificationValues) -> Screen:
    name = t.plain(f"bulk-title-{name_kind(BulkKind(str(values['kind'])))}")
    said = t("bulk-not-begun", name=name, number=str(read_number(values, "job")))
    why = t(str(values["reason"]), **{key: str(value) for key, value in values.items()})
    return Screen(f"{said}\n\n{why}", [[to_bulk(t, fresh=True)]])


def _list_counts(t: Translator, values: NotificationValues) -> list[str]:
    total = read_number(values, "total")
    done = t("bulk-done-count", done=read_number(values, "done"), total=total)
    seldom = {name: f"bulk-{name}-count" for name in _SELDOM}
    return list_progress_lines(t, values, done, seldom)


def _to_csv(t: Translator, job_id: int) -> Button:
    return callback_button(t.plain("bulk-csv"), ExportBulk(job_id=job_id))


BULK_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "bulk-progress": _progress,
    "bulk-done": _progress,
    "bulk-not-begun": _not_begun,
}
