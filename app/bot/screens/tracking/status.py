"""What is the matter with a transaction, in words, and what to do about it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from app.bot.screens.buttons import tap
from app.bot.screens.tracking.card import is_unrecorded, title_of
from app.bot.screens.tracking.facts import moment, short_hash, tidy
from app.bot.screens.tracking.track import not_found_screen
from app.bot.texts import Html, Translator
from app.bot.tracking_callbacks import OpenCard, StatusPage, WatchOn
from app.core import clock
from app.domain.chains import short_coins
from app.domain.messages import Button, Screen
from app.domain.shop import ShopSettings
from app.services.tracking.cards.diagnosis import Diagnosis, Verdict
from app.services.tracking.cards.ownership import Known
from app.services.tracking.cards.probing import Probe
from app.services.tracking.chains import Chains

_GWEI: Final = 9  # decimals of it above wei
_NONE: Final = "none"


def ask_screen(t: Translator) -> Screen:
    return Screen(t("status-ask"))


def status_screen(
    t: Translator,
    chains: Chains,
    found: Diagnosis,
    shop: ShopSettings,
    watch: Known | None = None,
    *,
    may_open: bool = False,
) -> Screen:
    """`watch`: the chat's own of it; `may_open`: whoever asks may touch its card."""
    card = [_to_card(t, watch)] if watch and may_open else []
    if found.card is None and found.verdict is Verdict.UNKNOWN:
        if watch and watch.is_open and watch.awaited_until:
            return _awaited(t, found, watch.awaited_until, card)
        until = clock.now() + timedelta(hours=shop.awaited_hours)
        return not_found_screen(t, chains, found.tx_hash, Probe({}, tuple(chains.all), ()), until)
    spec = chains.spec(found.chain or "")
    chain = spec.title if spec else (found.chain or "")
    which = t("watch-which", chain=chain, hash=short_hash(found.tx_hash))
    say = _WORDS[found.verdict]
    parts: list[str] = [tidy(say(t, which, chain, found))]
    if found.verdict is Verdict.UNAVAILABLE and found.card is not None:
        parts.append(t("status-last", title=title_of(t, found.card)))
    if found.card is not None and is_unrecorded(found.card):
        parts.append(t("card-unrecorded"))
    return Screen("\n\n".join(parts), _buttons(t, found, card))


def _to_card(t: Translator, watch: Known) -> Button:
    return tap(t.plain("watch-card"), OpenCard(watch_id=watch.watch_id))


def _awaited(t: Translator, found: Diagnosis, until: datetime, card: list[Button]) -> Screen:
    text = t("status-awaited", hash=found.tx_hash, until=moment(t, until))
    return Screen(text, [[*card, _again(t, found)]])


def _again(t: Translator, found: Diagnosis) -> Button:
    return tap(t.plain("track-look-again"), StatusPage.of(found.tx_hash))


def _pending(t: Translator, which: Html, _: str, __: Diagnosis) -> Html:
    return t("status-pending", which=which)


def _cheap(t: Translator, which: Html, _: str, found: Diagnosis) -> Html:
    asked = found.gas.normal if found.gas else 0
    offered = found.fee_offered or 0
    return t("status-cheap", which=which, offered=_gwei(t, offered), asked=_gwei(t, asked))


def _queued(t: Translator, which: Html, _: str, found: Diagnosis) -> Html:
    return t("status-queued", which=which, count=(found.nonce or 0) - (found.next_nonce or 0))


def _mined(t: Translator, which: Html, _: str, found: Diagnosis) -> Html:
    return t("status-mined", which=which, count=found.confirmations or 0)


def _final(t: Translator, which: Html, _: str, __: Diagnosis) -> Html:
    return t("status-final", which=which)


def _failed(t: Translator, which: Html, _: str, found: Diagnosis) -> Html:
    card, gas = found.card, found.gas_used
    fee = _NONE
    if card is not None and found.fee is not None:
        fee = t.told_price(f"{short_coins(found.fee, card.decimals)} {card.coin}")
    return t("status-failed", which=which, fee=fee, gas=_NONE if gas is None else gas)


def _reorged(t: Translator, which: Html, _: str, __: Diagnosis) -> Html:
    return t("status-reorged", which=which)


def _replaced(t: Translator, which: Html, _: str, found: Diagnosis) -> Html:
    if found.nonce_authorized:
        return t("watch-authorized", which=which)
    other = short_hash(found.replaced_by) if found.replaced_by else _NONE
    return t("status-replaced", which=which, other=other)


def _dropped(t: Translator, which: Html, _: str, __: Diagnosis) -> Html:
    return t("status-dropped", which=which)


def _missing(t: Translator, which: Html, _: str, found: Diagnosis) -> Html:
    return t("status-missing", which=which, since=_since(t, found.missing_since))


def _unavailable(t: Translator, which: Html, chain: str, found: Diagnosis) -> Html:
    return t("status-unavailable", which=which, chain=chain, since=_since(t, found.since))


_WORDS: Final[Mapping[Verdict, Callable[[Translator, Html, str, Diagnosis], Html]]] = {
    Verdict.PENDING: _pending,
    Verdict.CHEAP: _cheap,
    Verdict.QUEUED: _queued,
    Verdict.MINED: _mined,
    Verdict.FINAL: _final,
    Verdict.FAILED: _failed,
    Verdict.REORGED: _reorged,
    Verdict.REPLACED: _replaced,
    Verdict.DROPPED: _dropped,
    Verdict.UNKNOWN: _missing,
    Verdict.UNAVAILABLE: _unavailable,
}


def _buttons(t: Translator, found: Diagnosis, card: list[Button]) -> list[list[Button]]:
    explorer = found.card.explorer_url if found.card else None
    links = [Button(t.plain("card-explorer"), url=explorer)] if explorer else []
    rows = [[*links, _again(t, found)]]
    if found.replaced_by and found.chain:
        instead = WatchOn.on(found.replaced_by, found.chain)
        rows.append([tap(t.plain("card-replacement"), instead)])
    if card:
        rows.append(card)
    elif found.sighting and found.chain and found.verdict is not Verdict.FINAL:
        rows.append([tap(t.plain("status-watch"), WatchOn.on(found.tx_hash, found.chain))])
    return rows


def _gwei(t: Translator, wei: int) -> str:
    return t.told_price(f"{short_coins(wei, _GWEI)} gwei")


def _since(t: Translator, instant: datetime | None) -> str:
    return moment(t, instant) if instant else _NONE
