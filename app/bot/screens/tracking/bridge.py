"""A bridge transfer: both legs on one page, and the questions on the way there."""

from collections.abc import Sequence
from html import escape
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_menu
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, read_number
from app.bot.screens.tracking.addresses import address_name
from app.bot.screens.tracking.card import card_progress_lines, card_state, card_title
from app.bot.screens.tracking.formatting import draw_progress_bar, shorten_hash
from app.bot.tracking_callbacks import OpenCard
from app.bot.wallet_callbacks import (
    AnswerMatch,
    AskRecipient,
    AskSecondLeg,
    BridgeFrom,
    BridgeRecipient,
    BridgesPage,
    BridgeTo,
    OpenBridge,
    digest_text,
)
from app.db.models import Address
from app.domain.addresses import to_eip55
from app.domain.chains import ChainKind, ChainSpec
from app.domain.mentions import pack_hash
from app.domain.messages import Button, Screen
from app.domain.shop_settings import ShopSettings
from app.domain.tokens import format_units
from app.services.tracking.cards.cards import Card
from app.services.tracking.wallet.bridges import BridgeOverview as Bridge
from app.services.tracking.wallet.bridges import BridgeStage

_OVER: Final = frozenset({BridgeStage.FAILED, BridgeStage.DONE})
_MOST_ADDRESSES: Final = 10


def bridges_screen(t: Translator, recent: Sequence[tuple[int, str]], shop: ShopSettings) -> Screen:
    rows = [
        [callback_button(shorten_hash(tx_hash), OpenBridge(bridge_id=id_))]
        for id_, tx_hash in recent
    ]
    text = "\n\n".join(
        [*_warning_lines(t, shop), t("bridge-ask"), *([t("bridge-list")] if rows else [])]
    )
    return Screen(text, [*rows, [to_menu(t)]])


def bridge_off_screen(t: Translator) -> Screen:
    return Screen(t("bridge-off"), [[to_menu(t)]])


def bridge_hash_refused_screen(t: Translator, *, reason: Html | None = None) -> Screen:
    """The next message is taken for another try."""
    parts = [reason] if reason else []
    return Screen("\n\n".join([*parts, t("bridge-no-hash")]), [[to_menu(t)]])


def choose_first_leg_chain_screen(
    t: Translator, tx_hash: str, specs: Sequence[ChainSpec], *, is_known: bool
) -> Screen:
    """`is_known`: all of these know the hash; else none does, as far as they answer."""
    packed = pack_hash(tx_hash)
    buttons = [
        [callback_button(spec.title, BridgeFrom(packed=packed, chain=spec.key))] for spec in specs
    ]
    text = t("bridge-which-known") if is_known else t("bridge-which-unknown")
    return Screen(f"{text}\n\n<code>{escape(tx_hash)}</code>", [*buttons, [to_menu(t)]])


def choose_second_leg_chain_screen(t: Translator, page: Bridge) -> Screen:
    id_ = page.bridge.id
    buttons = [
        [callback_button(spec.title, BridgeTo(bridge_id=id_, chain=spec.key))]
        for spec in page.targets
    ]
    return Screen(t("bridge-to-which"), [*buttons, [_to_page(t, id_)]])


def ask_bridge_recipient_screen(
    t: Translator, page: Bridge, bound: Sequence[Address], *, reason: Html | None = None
) -> Screen:
    """`reason`: what is wrong with the address that was typed."""
    id_ = page.bridge.id
    buttons = [
        [callback_button(address_name(row), BridgeRecipient(bridge_id=id_, address_id=row.id))]
        for row in bound[:_MOST_ADDRESSES]
    ]
    chain, kind = (page.to.title, page.to.kind.value) if page.to else ("", "")
    ask = t("bridge-recipient-ask", chain=chain, kind=kind)
    skip = callback_button(t.plain("bridge-skip"), OpenBridge(bridge_id=id_))
    return Screen(f"{reason}\n\n{ask}" if reason else ask, [*buttons, [skip]])


def ask_second_leg_screen(t: Translator, page: Bridge, *, reason: Html | None = None) -> Screen:
    ask = t("bridge-second-ask", chain=page.to.title if page.to else "")
    return Screen(f"{reason}\n\n{ask}" if reason else ask, [[_to_page(t, page.bridge.id)]])


def bridge_screen(t: Translator, page: Bridge, shop: ShopSettings) -> Screen:
    blocks = [
        *_warning_lines(t, shop),
        "\n".join(_head(t, page)),
        _leg(t, 1, page.first.title, page.first),
        _leg(t, 2, page.to.title if page.to else t.plain("bridge-other-side"), page.second),
        *_terms(t, shop),
        t("bridge-stage", stage=page.stage.value),
    ]
    text = "\n\n".join(blocks)
    return Screen(text, _buttons(t, page, digest_text(text)))


def bridge_notice(t: Translator, shop: ShopSettings) -> Html | None:
    """What the operator says of the bridge."""
    lines = [*_warning_lines(t, shop), *_terms(t, shop)]
    return Html("\n\n".join(lines)) if lines else None


def _warning_lines(t: Translator, shop: ShopSettings) -> list[Html]:
    """What the operator says of the bridge comes before everything else."""
    if shop.bridge_state == "open":
        return []
    return [t("bridge-paused") if shop.bridge_state == "paused" else t("bridge-at-risk")]


def _head(t: Translator, page: Bridge) -> list[str]:
    to = page.to.title if page.to else t.plain("bridge-other-side")
    lines: list[str] = [t("bridge", first=page.first.title or "…", second=to)]
    bridge = page.bridge
    if bridge.amount is not None and bridge.token:
        amount = format_units(int(bridge.amount), page.first.decimals)
        lines.append(t("bridge-amount", amount=t.price_text(f"{amount} {bridge.token}")))
    if bridge.recipient:
        lines.append(t("bridge-recipient", recipient=_recipient(page, bridge.recipient)))
    return lines


def _recipient(page: Bridge, recipient: str) -> str:
    if page.recipient_label:
        return page.recipient_label
    is_evm = page.to is not None and page.to.kind is ChainKind.EVM
    return to_eip55(recipient) if is_evm else recipient


def _leg(t: Translator, number: int, title: str, card: Card | None) -> str:
    head = t("bridge-leg", number=number, chain=title or "…")
    if card is None:
        return f"{head}\n{draw_progress_bar(0)}\n{t('bridge-leg-none')}"
    lines = [head, *card_progress_lines(card), card_title(t, card)]
    if card.confirmations is not None and card_state(card) != "failed":
        lines.append(t("card-confirmations", count=card.confirmations))
    lines.append(f"<code>{shorten_hash(card.tx_hash)}</code>")
    return "\n".join(lines)


def _terms(t: Translator, shop: ShopSettings) -> list[str]:
    lines: list[str] = []
    if shop.bridge_fee:
        lines.append(t("bridge-fee", fee=shop.bridge_fee[:100]))
    if shop.bridge_confirmations:
        lines.append(t("bridge-confirmations", count=shop.bridge_confirmations))
    return ["\n".join(lines)] if lines else []


def _buttons(t: Translator, page: Bridge, digest: str) -> list[list[Button]]:
    id_ = page.bridge.id
    rows: list[list[Button]] = []
    if page.stage is BridgeStage.PROBABLE and page.second:
        rows.append(_verdict(t, id_, page.second.watch_id))
    if page.stage not in _OVER:
        if page.to is None and page.targets:
            rows += [
                [callback_button(spec.title, BridgeTo(bridge_id=id_, chain=spec.key))]
                for spec in page.targets
            ]
        if page.to is not None:
            rows.append([callback_button(t.plain("bridge-give"), AskSecondLeg(bridge_id=id_))])
            if page.second is None:
                rows.append([callback_button(t.plain("bridge-whom"), AskRecipient(bridge_id=id_))])
        rows.append(
            [callback_button(t.plain("button-refresh"), OpenBridge(bridge_id=id_, digest=digest))]
        )
    cards = [card for card in (page.first, page.second) if card]
    rows.append(
        [
            callback_button(t.plain("bridge-card", number=number), OpenCard(watch_id=card.watch_id))
            for number, card in enumerate(cards, start=1)
        ]
    )
    return [*rows, [callback_button(t.plain("bridge-all"), BridgesPage())]]


def _verdict(t: Translator, bridge_id: int, watch_id: int) -> list[Button]:
    return [
        callback_button(
            t.plain("bridge-yes"), AnswerMatch(bridge_id=bridge_id, watch_id=watch_id, right=True)
        ),
        callback_button(
            t.plain("bridge-no"), AnswerMatch(bridge_id=bridge_id, watch_id=watch_id, right=False)
        ),
    ]


def _to_page(t: Translator, bridge_id: int) -> Button:
    return callback_button(t.plain("bridge-open"), OpenBridge(bridge_id=bridge_id))


def _match(t: Translator, values: NotificationValues) -> Screen:
    id_, watch_id = read_number(values, "bridge"), read_number(values, "watch")
    amount = t.price_text(f"{values['amount']} {values['token']}")
    text = t("bridge-match", amount=amount, hash=shorten_hash(str(values["hash"])))
    card = callback_button(t.plain("bridge-card", number=2), OpenCard(watch_id=watch_id))
    return Screen(text, [_verdict(t, id_, watch_id), [card, _to_page(t, id_)]])


def _done(t: Translator, values: NotificationValues) -> Screen:
    return Screen(t("bridge-done"), [[_to_page(t, read_number(values, "bridge"))]])


def _gave_up(t: Translator, values: NotificationValues) -> Screen:
    id_ = read_number(values, "bridge")
    give = callback_button(t.plain("bridge-give"), AskSecondLeg(bridge_id=id_))
    return Screen(t("bridge-gave-up"), [[give], [_to_page(t, id_)]])


BRIDGE_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "bridge-match": _match,
    "bridge-done": _done,
    "bridge-gave-up": _gave_up,
}
