"""Notifications of a tracked transaction: a milestone, what it means, and the next step."""

from collections.abc import Callable
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, read_number
from app.bot.screens.tracking.card import card_screen
from app.bot.screens.tracking.formatting import collapse_gaps, shorten_hash
from app.bot.tracking_callbacks import OpenCard, RepeatLookup, StatusPage, WatchOnChain
from app.domain.messages import Button, Screen
from app.domain.tracking import Milestone
from app.services.tracking.cards.cards import card_from_values

_NONE: Final = "none"


def _seen(t: Translator, which: Html, _: NotificationValues) -> Html:
    return t("watch-seen", which=which)


def _mined(t: Translator, which: Html, values: NotificationValues) -> Html:
    return t("watch-mined", which=which, block=_value_text(values, "block"))


def _confirmed(t: Translator, which: Html, values: NotificationValues) -> Html:
    return t("watch-confirmed", which=which, count=int(str(values.get("confirmations") or 0)))


def _safe(t: Translator, which: Html, _: NotificationValues) -> Html:
    return t("watch-safe", which=which)


def _final(t: Translator, which: Html, values: NotificationValues) -> Html:
    return t("watch-final", which=which, fee=_fee(t, values))


def _failed(t: Translator, which: Html, values: NotificationValues) -> Html:
    used = values.get("gas_used")
    gas = _NONE if used is None else int(str(used))
    return t("watch-failed", which=which, fee=_fee(t, values), gas=gas)


def _reorged(t: Translator, which: Html, _: NotificationValues) -> Html:
    return t("watch-reorged", which=which)


def _moved(t: Translator, which: Html, values: NotificationValues) -> Html:
    return t("watch-moved", which=which, block=_value_text(values, "block"))


def _replaced(t: Translator, which: Html, values: NotificationValues) -> Html:
    if values.get("nonce_authorized"):
        return t("watch-authorized", which=which)
    other = values.get("replaced_by")
    return t("watch-replaced", which=which, other=shorten_hash(str(other)) if other else _NONE)


def _dropped(t: Translator, which: Html, _: NotificationValues) -> Html:
    return t("watch-dropped", which=which)


def _lost(t: Translator, which: Html, _: NotificationValues) -> Html:
    return t("watch-lost", which=which)


def _milestone_notification(
    format_text: Callable[[Translator, Html, NotificationValues], Html], *, more: str = ""
) -> NotificationRenderer:
    def draw(t: Translator, values: NotificationValues) -> Screen:
        parts: list[str] = [collapse_gaps(format_text(t, _which(t, values), values))]
        if values.get("unrecorded"):
            parts.append(t("card-unrecorded"))
        return Screen("\n\n".join(parts), _buttons(t, values, more))

    return draw


def _which(t: Translator, values: NotificationValues) -> Html:
    chain = str(values.get("title") or t.plain("watch-anywhere"))
    hash_ = shorten_hash(str(values["hash"]))
    if name := _name(t, values):
        return t("watch-named", label=name, chain=chain, hash=hash_)
    return t("watch-which", chain=chain, hash=hash_)


def _name(t: Translator, values: NotificationValues) -> str:
    """What came in, and the user's own name for it. Older releases wrote both as `label`."""
    arrived, label = values.get("arrived"), values.get("label")
    parts = [f"+{t.price_text(str(arrived))}"] if arrived else []
    return " · ".join([*parts, str(label)] if label else parts)


def _buttons(t: Translator, values: NotificationValues, more: str) -> list[list[Button]]:
    tx_hash = str(values["hash"])
    url = values.get("url")
    explorer = [Button(t.plain("card-explorer"), url=str(url))] if url else []
    to_card = callback_button(
        t.plain("watch-card"), OpenCard(watch_id=read_number(values, "watch"))
    )
    rows = [[*explorer, to_card]]
    if more == Milestone.LOST:
        rows.append([callback_button(t.plain("track-repeat-lookup"), RepeatLookup.of(tx_hash))])
    is_open = not (values.get("replaced_by") or values.get("nonce_authorized"))
    if more == Milestone.REPLACED and is_open:
        rows.append([callback_button(t.plain("card-find-replacement"), StatusPage.of(tx_hash))])
    if more == Milestone.DROPPED:
        rows.append([callback_button(t.plain("card-status"), StatusPage.of(tx_hash))])
    other = values.get("replaced_by")
    if more == Milestone.REPLACED and other:
        instead = WatchOnChain.on(str(other), str(values["chain"]))
        row = [callback_button(t.plain("card-replacement"), instead)]
        if other_url := values.get("replaced_by_url"):
            row.append(Button(t.plain("watch-explorer-other"), url=str(other_url)))
        rows.append(row)
    return rows


def _value_text(values: NotificationValues, name: str) -> str:
    value = values.get(name)
    return _NONE if value is None else str(value)


def _fee(t: Translator, values: NotificationValues) -> str:
    fee = values.get("fee")
    return _NONE if fee is None else t.price_text(str(fee))


def _card(t: Translator, values: NotificationValues) -> Screen:
    return card_screen(t, card_from_values(values))


TRACKING_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "watch-card": _card,
    "watch-seen": _milestone_notification(_seen),
    "watch-mined": _milestone_notification(_mined),
    "watch-confirmed": _milestone_notification(_confirmed),
    "watch-safe": _milestone_notification(_safe),
    "watch-final": _milestone_notification(_final),
    "watch-failed": _milestone_notification(_failed),
    "watch-reorged": _milestone_notification(_reorged),
    "watch-moved": _milestone_notification(_moved),
    "watch-replaced": _milestone_notification(_replaced, more=Milestone.REPLACED),
    "watch-dropped": _milestone_notification(_dropped, more=Milestone.DROPPED),
    "watch-lost": _milestone_notification(_lost, more=Milestone.LOST),
}
