"""What people hear of a transaction's way: a milestone, what it means, and the next step."""

from collections.abc import Callable
from typing import Final

from app.bot.screens.buttons import tap
from app.bot.screens.letters import Letter, Values
from app.bot.screens.tracking.card import card_screen
from app.bot.screens.tracking.facts import short_hash, tidy
from app.bot.texts import Html, Translator
from app.bot.tracking_callbacks import LookAgain, OpenCard, StatusPage, WatchOn
from app.domain.messages import Button, Screen
from app.domain.watching import Milestone
from app.services.tracking.cards.cards import from_values

_NONE: Final = "none"


def _seen(t: Translator, which: Html, _: Values) -> Html:
    return t("watch-seen", which=which)


def _mined(t: Translator, which: Html, values: Values) -> Html:
    return t("watch-mined", which=which, block=_said(values, "block"))


def _confirmed(t: Translator, which: Html, values: Values) -> Html:
    return t("watch-confirmed", which=which, count=int(str(values.get("confirmations") or 0)))


def _safe(t: Translator, which: Html, _: Values) -> Html:
    return t("watch-safe", which=which)


def _final(t: Translator, which: Html, values: Values) -> Html:
    return t("watch-final", which=which, fee=_fee(t, values))


def _failed(t: Translator, which: Html, values: Values) -> Html:
    used = values.get("gas_used")
    gas = _NONE if used is None else int(str(used))
    return t("watch-failed", which=which, fee=_fee(t, values), gas=gas)


def _reorged(t: Translator, which: Html, _: Values) -> Html:
    return t("watch-reorged", which=which)


def _moved(t: Translator, which: Html, values: Values) -> Html:
    return t("watch-moved", which=which, block=_said(values, "block"))


def _replaced(t: Translator, which: Html, values: Values) -> Html:
    if values.get("nonce_authorized"):
        return t("watch-authorized", which=which)
    other = values.get("replaced_by")
    return t("watch-replaced", which=which, other=short_hash(str(other)) if other else _NONE)


def _dropped(t: Translator, which: Html, _: Values) -> Html:
    return t("watch-dropped", which=which)


def _lost(t: Translator, which: Html, _: Values) -> Html:
    return t("watch-lost", which=which)


def _letter(say: Callable[[Translator, Html, Values], Html], *, more: str = "") -> Letter:
    def draw(t: Translator, values: Values) -> Screen:
        parts: list[str] = [tidy(say(t, _which(t, values), values))]
        if values.get("unrecorded"):
            parts.append(t("card-unrecorded"))
        return Screen("\n\n".join(parts), _buttons(t, values, more))

    return draw


def _which(t: Translator, values: Values) -> Html:
    chain = str(values.get("title") or t.plain("watch-anywhere"))
    hash_ = short_hash(str(values["hash"]))
    if name := _name(t, values):
        return t("watch-named", label=name, chain=chain, hash=hash_)
    return t("watch-which", chain=chain, hash=hash_)


def _name(t: Translator, values: Values) -> str:
    """What came in, and the user's own name for it. Older releases told both as `label`."""
    arrived, label = values.get("arrived"), values.get("label")
    parts = [f"+{t.told_price(str(arrived))}"] if arrived else []
    return " · ".join([*parts, str(label)] if label else parts)


def _buttons(t: Translator, values: Values, more: str) -> list[list[Button]]:
    tx_hash = str(values["hash"])
    url = values.get("url")
    explorer = [Button(t.plain("card-explorer"), url=str(url))] if url else []
    to_card = tap(t.plain("watch-card"), OpenCard(watch_id=int(str(values["watch"]))))
    rows = [[*explorer, to_card]]
    if more == Milestone.LOST:
        rows.append([tap(t.plain("track-look-again"), LookAgain.of(tx_hash))])
    is_open = not (values.get("replaced_by") or values.get("nonce_authorized"))
    if more == Milestone.REPLACED and is_open:
        rows.append([tap(t.plain("card-find-replacement"), StatusPage.of(tx_hash))])
    if more == Milestone.DROPPED:
        rows.append([tap(t.plain("card-status"), StatusPage.of(tx_hash))])
    other = values.get("replaced_by")
    if more == Milestone.REPLACED and other:
        instead = WatchOn.on(str(other), str(values["chain"]))
        row = [tap(t.plain("card-replacement"), instead)]
        if other_url := values.get("replaced_by_url"):
            row.append(Button(t.plain("watch-explorer-other"), url=str(other_url)))
        rows.append(row)
    return rows


def _said(values: Values, name: str) -> str:
    value = values.get(name)
    return _NONE if value is None else str(value)


def _fee(t: Translator, values: Values) -> str:
    fee = values.get("fee")
    return _NONE if fee is None else t.told_price(str(fee))


def _card(t: Translator, values: Values) -> Screen:
    return card_screen(t, from_values(values))


TRACKING_LETTERS: Final[dict[str, Letter]] = {
    "watch-card": _card,
    "watch-seen": _letter(_seen),
    "watch-mined": _letter(_mined),
    "watch-confirmed": _letter(_confirmed),
    "watch-safe": _letter(_safe),
    "watch-final": _letter(_final),
    "watch-failed": _letter(_failed),
    "watch-reorged": _letter(_reorged),
    "watch-moved": _letter(_moved),
    "watch-replaced": _letter(_replaced, more=Milestone.REPLACED),
    "watch-dropped": _letter(_dropped, more=Milestone.DROPPED),
    "watch-lost": _letter(_lost, more=Milestone.LOST),
}
