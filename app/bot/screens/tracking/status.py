"""What is the matter with a transaction, in words, and what to do about it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.tracking.card import card_title, is_outcome_unknown
from app.bot.screens.tracking.formatting import collapse_gaps, format_moment, shorten_hash
from app.bot.screens.tracking.track import transaction_not_found_screen
from app.bot.tracking_callbacks import OpenCard, StatusPage, WatchOnChain
from app.core import clock
from app.domain.chains import format_coins
from app.domain.messages import Button, Screen
from app.domain.shop_settings import ShopSettings
from app.services.tracking.cards.diagnosis import Diagnosis, TxVerdict
from app.services.tracking.cards.ownership import ChatWatch
from app.services.tracking.cards.probing import ProbeResult
from app.services.tracking.chains import Chains

_GWEI: Final = 9  # decimals of it above wei
_NONE: Final = "none"


def ask_status_hash_screen(t: Translator) -> Screen:
    return Screen(t("status-ask"))


def status_screen(
    t: Translator,
    chains: Chains,
    found: Diagnosis,
    shop: ShopSettings,
    watch: ChatWatch | None = None,
    *,
    may_open: bool = False,
) -> Screen:
    """`watch`: the chat's own of it; `may_open`: the user who asks may change its card."""
    card = [_to_card(t, watch)] if watch and may_open else []
    if found.card is None and found.verdict is TxVerdict.UNKNOWN:
        if watch and watch.is_open and watch.awaited_until:
            return _awaited(t, found, watch.awaited_until, card)
        until = clock.now() + timedelta(hours=shop.awaited_hours)
        return transaction_not_found_screen(
            t, chains, found.tx_hash, ProbeResult({}, tuple(chains.all), ()), until
        )
    spec = chains.spec(found.chain or "")
    chain = spec.title if spec else (found.chain or "")
    which = t("watch-which", chain=chain, hash=shorten_hash(found.tx_hash))
    format_text = _VERDICT_TEXTS[found.verdict]
    parts: list[str] = [collapse_gaps(format_text(t, which, chain, found))]
    if found.verdict is TxVerdict.UNAVAILABLE and found.card is not None:
        parts.append(t("status-last", title=card_title(t, found.card)))
    if found.card is not None and is_outcome_unknown(found.card):
        parts.append(t("card-unrecorded"))
    return Screen("\n\n".join(parts), _buttons(t, found, card))


def _to_card(t: Translator, watch: ChatWatch) -> Button:
    return callback_button(t.plain("watch-card"), OpenCard(watch_id=watch.watch_id))


def _awaited(t: Translator, found: Diagnosis, until: datetime, card: list[Button]) -> Screen:
    text = t("status-awaited", hash=found.tx_hash, until=format_moment(t, until))
    return Screen(text, [[*card, _again(t, found)]])


def _again(t: Translator, found: Diagnosis) -> Button:
    return callback_button(t.plain("track-repeat-lookup"), StatusPage.of(found.tx_hash))


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
        fee = t.price_text(f"{format_coins(found.fee, card.decimals)} {card.coin}")
    return t("status-failed", which=which, fee=fee, gas=_NONE if gas is None else gas)


def _reorged(t: Translator, which: Html, _: str, __: Diagnosis) -> Html:
    return t("status-reorged", which=which)


def _replaced(t: Translator, which: Html, _: str, found: Diagnosis) -> Html:
    if found.nonce_authorized:
        return t("watch-authorized", which=which)
    other = shorten_hash(found.replaced_by) if found.replaced_by else _NONE
    return t("status-replaced", which=which, other=other)


def _dropped(t: Translator, which: Html, _: str, __: Diagnosis) -> Html:
    return t("status-dropped", which=which)


def _missing(t: Translator, which: Html, _: str, found: Diagnosis) -> Html:
    return t("status-missing", which=which, since=_since(t, found.missing_since))


def _unavailable(t: Translator, which: Html, chain: str, found: Diagnosis) -> Html:
    return t("status-unavailable", which=which, chain=chain, since=_since(t, found.since))


_VERDICT_TEXTS: Final[Mapping[TxVerdict, Callable[[Translator, Html, str, Diagnosis], Html]]] = {
    TxVerdict.PENDING: _pending,
    TxVerdict.CHEAP: _cheap,
    TxVerdict.QUEUED: _queued,
    TxVerdict.MINED: _mined,
    TxVerdict.FINAL: _final,
    TxVerdict.FAILED: _failed,
    TxVerdict.REORGED: _reorged,
    TxVerdict.REPLACED: _replaced,
    TxVerdict.DROPPED: _dropped,
    TxVerdict.UNKNOWN: _missing,
    TxVerdict.UNAVAILABLE: _unavailable,
}


def _buttons(t: Translator, found: Diagnosis, card: list[Button]) -> list[list[Button]]:
    explorer = found.card.explorer_url if found.card else None
    links = [Button(t.plain("card-explorer"), url=explorer)] if explorer else []
    rows = [[*links, _again(t, found)]]
    if found.replaced_by and found.chain:
        instead = WatchOnChain.on(found.replaced_by, found.chain)
        rows.append([callback_button(t.plain("card-replacement"), instead)])
    if card:
        rows.append(card)
    elif found.node_tx and found.chain and found.verdict is not TxVerdict.FINAL:
        rows.append(
            [callback_button(t.plain("status-watch"), WatchOnChain.on(found.tx_hash, found.chain))]
        )
    return rows


def _gwei(t: Translator, wei: int) -> str:
    return t.price_text(f"{format_coins(wei, _GWEI)} gwei")


def _since(t: Translator, instant: datetime | None) -> str:
    return format_moment(t, instant) if instant else _NONE
