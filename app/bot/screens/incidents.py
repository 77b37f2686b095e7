"""An outage in one message to operators: what it means, how many wait, and how it ended."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_instant,
    read_number,
)
from app.bot.screens.tracking.formatting import choose_time_unit
from app.domain.incidents import DRAINED_KINDS, IncidentKind
from app.domain.messages import Screen

# Whose `waiting` is shown.
_COUNTED: Final = DRAINED_KINDS | {IncidentKind.CRYPTOBOT}


def _incident(t: Translator, values: NotificationValues) -> Screen:
    is_over = values["lasted_seconds"] is not None
    lines = _list_over_lines(t, values) if is_over else _list_open_lines(t, values)
    return Screen("\n\n".join(lines))


def _service_away(t: Translator, values: NotificationValues) -> Screen:
    length = timedelta(seconds=read_number(values, "absence_seconds"))
    since = t.instant(read_instant(values, "since"))
    return Screen(t("operator-service-away", since=since, length=_format_length(t, length)))


def _list_open_lines(t: Translator, values: NotificationValues) -> Iterator[Html]:
    kind = IncidentKind(str(values["kind"]))
    title = t(f"incident-title-{kind}", **_read_subject(kind, values))
    yield t("incident-open", title=title, since=t.instant(read_instant(values, "since")))
    yield t(f"incident-meaning-{kind}")
    if kind in _COUNTED:
        yield t(f"incident-waiting-{kind}", count=read_number(values, "waiting"))
    if (outages := read_number(values, "outages")) > 1:
        yield t("incident-flaps", count=outages)
    yield t("incident-error", error=str(values["error"]))


def _list_over_lines(t: Translator, values: NotificationValues) -> Iterator[Html]:
    kind = IncidentKind(str(values["kind"]))
    title = t(f"incident-over-{kind}", **_read_subject(kind, values))
    length = timedelta(seconds=read_number(values, "lasted_seconds"))
    yield t("incident-over", title=title, length=_format_length(t, length))
    count, waiting = read_number(values, "affected"), read_number(values, "waiting")
    if kind in DRAINED_KINDS and count:
        if waiting:
            yield t(f"incident-left-{kind}", count=count, done=count - waiting)
        else:
            yield t(f"incident-done-{kind}", count=count)
    if (outages := read_number(values, "outages")) > 1:
        yield t("incident-over-flaps", count=outages)


def _read_subject(kind: IncidentKind, values: NotificationValues) -> dict[str, str]:
    """Of what there is one of, the subject is the kind's own name, and says nothing."""
    subject = str(values["subject"])
    return {"subject": subject, "named": "no" if subject == kind else "yes"}


def _format_length(t: Translator, length: timedelta) -> str:
    unit, count = choose_time_unit(length)
    return t({"hours": "hours", "days": "days"}.get(unit, "minutes"), count=count)


INCIDENT_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "operator-incident": _incident,
    "operator-service-away": _service_away,
}
