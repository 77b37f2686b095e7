"""The daily digest: what yesterday brought."""

from collections.abc import Iterator
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import to_home
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_instant,
    read_number,
)
from app.domain.messages import Screen


def _digest(t: Translator, values: NotificationValues) -> Screen:
    return Screen("\n".join(_list_lines(t, values)), [[to_home(t, fresh=True)]])


def _list_lines(t: Translator, values: NotificationValues) -> Iterator[Html]:
    yield t("digest", date=t.date(read_instant(values, "day")))
    yield Html("")
    sales = [one.partition(" ") for one in str(values["sales"]).split(";") if one]
    for count, _, total in sales:
        yield t("home-sales", count=int(count), total=t.price_text(total))
    if not sales:
        yield t("digest-no-sales")
    users, trials = read_number(values, "users"), read_number(values, "trials")
    yield t("home-new", users=users, trials=trials)
    if values.get("running") is not None:
        running, on_trial = read_number(values, "running"), read_number(values, "on_trial")
        yield t("digest-running", paid=running, trials=on_trial)


DIGEST_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {"operator-digest": _digest}
