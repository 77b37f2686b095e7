"""What groups are notified of: the choice there, the list in `/admin`, and the messages."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

from app.bot.group_callbacks import FeedsPage, SwitchFeed, SwitchFeedOff
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_home
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_number,
)
from app.bot.screens.order import format_term
from app.bot.screens.plans import localized_title
from app.core.money import Money
from app.domain.extras import ExtraKind
from app.domain.feeds import FeedKind
from app.domain.messages import Button, Screen
from app.services.operations.feeds import FeedPlace


def feed_place_screen(
    t: Translator, places: Sequence[FeedPlace], chat_id: int, thread_id: int | None
) -> Screen:
    """A tap brings a kind here, or switches it off."""
    by_kind = {place.kind: place for place in places}
    rows = []
    for kind in FeedKind:
        place = by_kind.get(kind)
        is_here = place is not None and (place.chat_id, place.thread_id) == (chat_id, thread_id)
        mark = "✅" if is_here else "▫️" if place is None else "↪️"
        label = f"{mark} {t.plain(f'feed-kind-{kind}')}"
        rows.append([callback_button(label, SwitchFeed(kind=kind, on=not is_here))])
    return Screen(t("feed-place"), rows)


def feeds_screen(t: Translator, places: Sequence[FeedPlace]) -> Screen:
    lines = [
        t("feed-line", kind=t.plain(f"feed-kind-{place.kind}"), title=place.title)
        for place in places
    ] or [t("feed-none")]
    rows: list[list[Button]] = [
        [
            callback_button(
                t.plain("feed-off", kind=t.plain(f"feed-kind-{place.kind}")),
                SwitchFeedOff(kind=place.kind),
            )
        ]
        for place in places
    ]
    text = "\n\n".join([t("feeds"), "\n".join(lines), t("feed-how")])
    return Screen(text, [*rows, [to_home(t)]])


def _feed(t: Translator, values: NotificationValues) -> Screen:
    return Screen("\n\n".join(_list_parts(t, values)))


def _list_parts(t: Translator, values: NotificationValues) -> Iterator[str]:
    if "sales" in values:
        count, sales = read_number(values, "sales_count"), json.loads(str(values["sales"]))
        lines = [_sale_line(t, sale) for sale in sales]
        if count > len(lines):
            lines.append(t("feed-more-sales", count=count - len(lines)))
        if count > 1:
            totals = [Money(*total) for total in json.loads(str(values["sales_totals"]))]
            total = " + ".join(t.price(total) for total in totals)
            lines.insert(0, t("feed-sales", count=count, total=total))
        yield "\n".join(lines)
    if "trials" in values:
        yield t("feed-trials", count=read_number(values, "trials"))
    if "sign_ups" in values:
        yield t("feed-sign-ups", count=read_number(values, "sign_ups"))


def _sale_line(t: Translator, sale: dict[str, object]) -> Html:
    price = t.price_text(str(sale["price"]))
    if sale["kind"] == ExtraKind.TRAFFIC:
        return t("feed-traffic", size=t.size(int(str(sale["traffic_bytes"]))), price=price)
    if sale["kind"] == ExtraKind.DEVICES:
        return t("feed-devices", count=int(str(sale["devices"])), price=price)
    titles, months = sale["titles"], sale["months"]
    return t(
        "feed-sale",
        kind=str(sale["kind"]),
        title=localized_title(titles if isinstance(titles, dict) else {}, t.language),
        term=format_term(t, int(str(months)) if months else None, int(str(sale["days"]))),
        price=price,
    )


def _ended(t: Translator, values: NotificationValues) -> Screen:
    """The chat, or the topic, is gone."""
    kinds = ", ".join(t.plain(f"feed-kind-{kind}") for kind in str(values["kinds"]).split(","))
    key = "feed-ended-topic" if values["topic"] else "feed-ended-chat"
    text = t(key, title=str(values["title"]), kinds=kinds)
    button = callback_button(t.plain("home-feeds"), FeedsPage(fresh=True))
    return Screen(text, [[button]])


FEED_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "feed": _feed,
    "operator-feed-ended": _ended,
}
