"""An outage in one message to operators: what it means, how many wait, and how it ended."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from app.bot.bulk_callbacks import OutageDaysPage
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_support
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_instant,
    read_number,
    to_its_subscription,
    with_subscription_number,
)
from app.bot.screens.tracking.formatting import choose_time_unit
from app.domain.incidents import DRAINED_KINDS, IncidentKind
from app.domain.messages import Button, Screen

# Whose `waiting` is shown.
_COUNTED: Final = DRAINED_KINDS | {IncidentKind.CRYPTOBOT}


def _incident(t: Translator, values: NotificationValues) -> Screen:
    is_over = values["lasted_seconds"] is not None
    lines = _list_over_lines(t, values) if is_over else _list_open_lines(t, values)
    return Screen("\n\n".join(lines), _hit_buttons(t, values) if is_over else ())


def _hit_buttons(t: Translator, values: NotificationValues) -> list[list[Button]]:
    """Days for those whom it kept from working; what was written before it counted them: none."""
    if not values.get("hit"):
        return []
    label = t.plain("incident-give-days", count=read_number(values, "hit"))
    page = OutageDaysPage(fresh=True, incident_id=read_number(values, "incident"))
    return [[callback_button(label, page)]]


def _days_for_outage(t: Translator, values: NotificationValues) -> Screen:
    length = timedelta(seconds=read_number(values, "outage_seconds"))
    text = t(
        "days-for-outage",
        since=t.instant(read_instant(values, "since")),
        length=format_length(t, length),
        days=t("days", count=read_number(values, "days")),
        until=t.date(read_instant(values, "until")),
    )
    return Screen(text, [[to_its_subscription(t, values, fresh=True)], [to_support(t, fresh=True)]])


def _service_away(t: Translator, values: NotificationValues) -> Screen:
    length = timedelta(seconds=read_number(values, "absence_seconds"))
    since = t.instant(read_instant(values, "since"))
    return Screen(t("operator-service-away", since=since, length=format_length(t, length)))


def _database_down(t: Translator, values: NotificationValues) -> Screen:
    since, error = t.instant(read_instant(values, "since")), str(values["error"])
    return Screen(t("operator-database-down", since=since, error=error))


def _database_back(t: Translator, values: NotificationValues) -> Screen:
    length = timedelta(seconds=read_number(values, "absence_seconds"))
    return Screen(t("operator-database-back", length=format_length(t, length)))


def _list_open_lines(t: Translator, values: NotificationValues) -> Iterator[Html]:
    kind = IncidentKind(str(values["kind"]))
    title = t(f"incident-title-{kind}", **describe_subject(kind, str(values["subject"])))
    yield t("incident-open", title=title, since=t.instant(read_instant(values, "since")))
    yield t(f"incident-meaning-{kind}")
    if kind in _COUNTED:
        yield t(f"incident-waiting-{kind}", count=read_number(values, "waiting"))
    if (outages := read_number(values, "outages")) > 1:
        yield t("incident-flaps", count=outages)
    yield t("incident-error", error=str(values["error"]))


def _list_over_lines(t: Translator, values: NotificationValues) -> Iterator[Html]:
    kind = IncidentKind(str(values["kind"]))
    title = t(f"incident-over-{kind}", **describe_subject(kind, str(values["subject"])))
    length = timedelta(seconds=read_number(values, "lasted_seconds"))
    yield t("incident-over", title=title, length=format_length(t, length))
    count, waiting = read_number(values, "affected"), read_number(values, "waiting")
    if kind in DRAINED_KINDS and count:
        if waiting:
            yield t(f"incident-left-{kind}", count=count, done=count - waiting)
        else:
            yield t(f"incident-done-{kind}", count=count)
    if (outages := read_number(values, "outages")) > 1:
        yield t("incident-over-flaps", count=outages)


def describe_subject(kind: IncidentKind, subject: str) -> dict[str, str]:
    """Of what there is one of, the subject is the kind's own name, and says nothing."""
    return {"subject": subject, "named": "no" if subject == kind else "yes"}


def format_length(t: Translator, length: timedelta) -> str:
    unit, count = choose_time_unit(length)
    return t({"hours": "hours", "days": "days"}.get(unit, "minutes"), count=count)


INCIDENT_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "operator-incident": _incident,
    "operator-service-away": _service_away,
    "operator-database-down": _database_down,
    "operator-database-back": _database_back,
    "days-for-outage": with_subscription_number(_days_for_outage),
}
