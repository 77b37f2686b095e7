"""Notifications of used traffic: what is left, and how to have more."""

from typing import Final

from app.bot.i18n import Translator
from app.bot.screens.buttons import to_menu, to_renew
from app.bot.screens.extras import extras_row
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_instant,
    read_number,
    read_subscription_id,
    to_its_plans,
    to_its_subscription,
    with_subscription_number,
)
from app.domain.extras import ExtraKind
from app.domain.messages import Button, Screen


def _traffic_low(t: Translator, values: NotificationValues) -> Screen:
    left = t.size(read_number(values, "left_bytes"))
    return _screen(t, t("traffic-low", left=left, **_limits(t, values)), values)


def _traffic_over(t: Translator, values: NotificationValues) -> Screen:
    return _screen(t, t("traffic-over", **_limits(t, values)), values)


def _limits(t: Translator, values: NotificationValues) -> dict[str, str]:
    return {
        "limit": t.size(read_number(values, "limit_bytes")),
        "date": t.date(read_instant(values, "expires_at")),
        "extras": "yes" if extras_row(t, values, ExtraKind.TRAFFIC) else "no",
    }


def _screen(t: Translator, text: str, values: NotificationValues) -> Screen:
    own = to_its_subscription(t, values, fresh=True)
    extras = extras_row(t, values, ExtraKind.TRAFFIC)
    return Screen(text, [*extras, [_more(t, values)], [own, to_menu(t, fresh=True)]])


def _more(t: Translator, values: NotificationValues) -> Button:
    """The same again, which brings its traffic; for a gift, the plans."""
    id_ = read_subscription_id(values)
    if values["renews"] and id_ is not None:
        return to_renew(t, id_, fresh=True)
    return to_its_plans(t, values, fresh=True)


TRAFFIC_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "traffic-low": with_subscription_number(_traffic_low),
    "traffic-over": with_subscription_number(_traffic_over),
}
