"""The card of an on-chain payment: what to send and where, then how far it has come."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from app.bot.callbacks import CancelPurchase
from app.bot.formatting import draw_usage_bar
from app.bot.i18n import Html, Translator
from app.bot.onchain_callbacks import (
    OnchainCardPage,
    OnchainNetworksPage,
    OnchainQrPage,
    SentOnchainPage,
)
from app.bot.qr import draw_qr
from app.bot.screens.buttons import callback_button, to_balance, to_menu, to_support
from app.bot.screens.checkout import checkout_screen
from app.bot.screens.onchain.addresses import emphasize_address
from app.bot.screens.onchain.networks import network_name
from app.db.models import OnchainInvoice, Purchase
from app.domain.chains import ChainSpec
from app.domain.messages import Button, Screen
from app.domain.offer import Offer
from app.domain.onchain.addresses import format_receiving_address
from app.domain.onchain.amounts import format_micro
from app.domain.onchain.networks import OnchainNetwork
from app.domain.onchain.states import OnchainState
from app.domain.order_results import OrderResult
from app.domain.payments import SOLD_STATUSES
from app.services.payments.onchain.invoices import OnchainInvoiceView
from app.services.payments.onchain.progress import FinalityProgress

_UNPAID: Final = frozenset({OnchainState.WAITING, OnchainState.REORGANISED})
_UNDER_WAY: Final = frozenset({OnchainState.SEEN, OnchainState.MINED})


def onchain_card_screen(
    t: Translator,
    view: OnchainInvoiceView,
    progress: FinalityProgress | None,
    spec: ChainSpec | None,
    now: datetime,
    *,
    offer: Offer,
    result: OrderResult | None,
) -> Screen:
    purchase, invoice, network = view.purchase, view.invoice, view.network
    if purchase.status in SOLD_STATUSES or invoice is None or network is None:
        return checkout_screen(t, purchase, now, offer, result)
    if invoice.state in _UNPAID and invoice.expires_at > now:
        return _waiting_screen(t, purchase, invoice, network, now)
    if invoice.state in _UNDER_WAY:
        return _under_way_screen(t, view, progress, spec, now)
    if invoice.state is OnchainState.CREDITED:
        return Screen(t("onchain-on-balance"), [[to_balance(t)], [to_menu(t)]])
    sent = _to_sent(t, purchase)
    return Screen(t("onchain-expired"), [[sent], [to_support(t), to_menu(t)]])


def _waiting_screen(
    t: Translator,
    purchase: Purchase,
    invoice: OnchainInvoice,
    network: OnchainNetwork,
    now: datetime,
) -> Screen:
    amount = format_micro(invoice.amount_micro)
    address = format_receiving_address(invoice.address, network.family)
    minutes = _count_minutes(invoice.expires_at - now)
    parts = [
        *([t("onchain-block-gone")] if invoice.state is OnchainState.REORGANISED else []),
        t("onchain-card-head", network=network_name(network)),
        t("onchain-card-amount", amount=amount, token=network.token),
        Html(f"{t('onchain-card-address')}\n{emphasize_address(address)}"),
        t("checkout-deadline", until=t.instant(invoice.expires_at), minutes=minutes),
        t("onchain-card-arrive", amount=amount),
    ]
    networks = OnchainNetworksPage(purchase_id=purchase.id)
    cancel = CancelPurchase(purchase_id=purchase.id)
    buttons = [
        [Button(t.plain("onchain-copy-amount", amount=amount), copy=amount)],
        [Button(t.plain("onchain-copy-address"), copy=address)],
        [callback_button(t.plain("onchain-qr"), OnchainQrPage(purchase_id=purchase.id))],
        [_to_sent(t, purchase)],
        [callback_button(t.plain("onchain-change-network"), networks)],
        [callback_button(t.plain("checkout-cancel"), cancel)],
    ]
    return Screen("\n\n".join(parts), buttons)


def _under_way_screen(
    t: Translator,
    view: OnchainInvoiceView,
    progress: FinalityProgress | None,
    spec: ChainSpec | None,
    now: datetime,
) -> Screen:
    if progress is None or spec is None:
        return _found_screen(t, t("onchain-seen"), view.purchase.id)
    whole = spec.final_after
    since = now - view.transfers[-1].block_at
    done = whole if progress.is_final else min(since, whole * 19 // 20)
    percent = max(done, timedelta()) * 100 // whole
    lines = [
        t("onchain-in-block", chain=spec.title, minutes=_count_minutes(whole - since)),
        Html(f"{draw_usage_bar(percent, 100)} {percent} %"),
        *([t("onchain-blocks", count=progress.blocks)] if progress.blocks else []),
        t("onchain-in-block-next"),
    ]
    text = Html("\n\n".join(lines))
    explorer = spec.explorer(progress.tx_hash)
    return _found_screen(t, text, view.purchase.id, explorer=explorer)


def _found_screen(
    t: Translator, text: Html, purchase_id: UUID, *, explorer: str | None = None
) -> Screen:
    refresh = callback_button(t.plain("button-refresh"), OnchainCardPage(purchase_id=purchase_id))
    look = [[Button(t.plain("onchain-explorer"), url=explorer)]] if explorer else []
    return Screen(text, [*look, [refresh], [to_menu(t)]])


def qr_screen(t: Translator, view: OnchainInvoiceView) -> Screen | None:
    """The bare address: wallets disagree about whatever else a picture could say."""
    if view.invoice is None or view.network is None:
        return None
    address = format_receiving_address(view.invoice.address, view.network.family)
    text = t("onchain-qr-text", network=network_name(view.network))
    return Screen(f"{text}\n{emphasize_address(address)}", photo=partial(draw_qr, address))


def _count_minutes(left: timedelta) -> int:
    return max(left // timedelta(minutes=1), 0)


def _to_sent(t: Translator, purchase: Purchase) -> Button:
    return callback_button(t.plain("onchain-sent"), SentOnchainPage(purchase_id=purchase.id))
