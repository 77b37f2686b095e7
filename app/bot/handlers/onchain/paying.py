"""Paying on chain: the network by its name, then one card that says what to send, and where."""

import re
from typing import Final
from uuid import UUID

import structlog
from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject
from sqlalchemy.ext.asyncio import AsyncSession

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import AnswerTo
from app.bot.onchain_callbacks import (
    OnchainCardPage,
    OnchainNetworksPage,
    OnchainQrPage,
    PayOnchain,
    SentOnchainPage,
)
from app.bot.screens.checkout import describe_invoice, provider_away_screen
from app.bot.screens.onchain.card import onchain_card_screen, qr_screen
from app.bot.screens.onchain.claims import ask_for_hash_screen, claim_screen
from app.bot.screens.onchain.networks import networks_screen
from app.core import clock
from app.domain.onchain.networks import ONCHAIN_METHOD, OnchainNetwork
from app.domain.payment_methods import PaymentMethodClosedError
from app.domain.payments import SOLD_STATUSES
from app.domain.ports import PortError
from app.services.payments import checkout
from app.services.payments.onchain.addresses import AddressBook
from app.services.payments.onchain.claims import (
    ClaimOutcome,
    ClaimResult,
    claim_transfer,
    parse_tx_hash,
)
from app.services.payments.onchain.invoices import (
    OnchainInvoiceView,
    get_onchain_invoice,
    open_onchain_invoice,
)
from app.services.payments.onchain.open_networks import list_open_networks
from app.services.payments.onchain.pending import note_pending_transfer
from app.services.payments.onchain.progress import load_progress
from app.services.payments.onchain.provider import Onchain
from app.services.purchases.order_results import get_order_result
from app.services.purchases.orders import PurchaseGoneError

log = structlog.get_logger()

_PURCHASE: Final = "purchase"
# In a sentence, or in an explorer's link, which are what wallets share.
_HASH: Final = re.compile(r"(?:0[xX])?(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")


class ClaimDialogue(StatesGroup):
    pasting = State()


def create_router() -> Router:
    router = Router(name="onchain_paying")
    taps = router.callback_query
    taps.register(open_networks, OnchainNetworksPage.filter())
    taps.register(pay_onchain, PayOnchain.filter())
    taps.register(open_onchain_card, OnchainCardPage.filter())
    taps.register(open_qr, OnchainQrPage.filter())
    taps.register(ask_for_hash, SentOnchainPage.filter())
    router.message.register(read_hash, AnswerTo(ClaimDialogue.pasting))
    return router


async def open_networks(
    _: TelegramObject, context: BotContext, callback_data: OnchainNetworksPage
) -> None:
    await show_networks(context, callback_data.purchase_id)


async def show_networks(context: BotContext, purchase_id: UUID) -> None:
    """With what can go wrong, before any address is shown."""
    order = await checkout.get_purchase(context.deps.db, purchase_id, context.user.id)
    if order is None:
        raise PurchaseGoneError
    onchain, book = require_onchain(context)
    await onchain.refresh()
    offered = await _list_offered(context, onchain, book)
    await context.show(networks_screen(context.t, order, offered))


async def pay_onchain(_: TelegramObject, context: BotContext, callback_data: PayOnchain) -> None:
    deps, t = context.deps, context.t
    onchain, book = require_onchain(context)
    offered = await _list_offered(context, onchain, book)
    if callback_data.network not in {one.key for one in offered}:
        raise PaymentMethodClosedError
    order = await checkout.get_purchase(deps.db, callback_data.purchase_id, context.user.id)
    if order is None:
        raise PurchaseGoneError
    try:
        view = await open_onchain_invoice(
            deps.db,
            onchain.on(callback_data.network),
            order.id,
            context.user.id,
            describe_invoice(t, order),
            message_id=context.message_id,
        )
    except PortError as error:
        log.warning("checkout_failed", method=ONCHAIN_METHOD, error=str(error))
        await context.show(provider_away_screen(t, order))
        return
    message_id = await show_onchain_card(context, view)
    if message_id != view.purchase.message_id:
        await checkout.save_checkout_message(deps.db, view.purchase.id, message_id)


async def open_onchain_card(
    _: TelegramObject, context: BotContext, callback_data: OnchainCardPage, answer: TapAnswer
) -> None:
    """As it stands now."""
    deps = context.deps
    view = await get_onchain_invoice(deps.db, callback_data.purchase_id, context.user.id)
    if view is None:
        raise PurchaseGoneError
    answer.toast(context.t.plain("onchain-refreshed-toast"))
    message_id = await show_onchain_card(context, view)
    if view.purchase.status not in SOLD_STATUSES and message_id != view.purchase.message_id:
        await checkout.save_checkout_message(deps.db, view.purchase.id, message_id)


async def show_onchain_card(context: BotContext, view: OnchainInvoiceView) -> int:
    """No address but one that was set here: a changed row shows nothing."""
    deps = context.deps
    _, book = require_onchain(context)
    async with deps.db.read_only() as session:
        await _require_ours(session, book, view)
        progress = await load_progress(session, view)
    result = await get_order_result(deps.db, view.purchase)
    spec = deps.chains.spec(view.network.chain) if view.network else None
    screen = onchain_card_screen(
        context.t, view, progress, spec, clock.now(), offer=context.offer, result=result
    )
    return await context.show(screen)


async def open_qr(_: TelegramObject, context: BotContext, callback_data: OnchainQrPage) -> None:
    """A message of its own: the card below stays as it is."""
    deps = context.deps
    view = await get_onchain_invoice(deps.db, callback_data.purchase_id, context.user.id)
    screen = qr_screen(context.t, view) if view else None
    if view is None or screen is None:
        raise PurchaseGoneError
    book = require_onchain(context)[1]
    async with deps.db.read_only() as session:
        await _require_ours(session, book, view)
    await context.send(screen)


async def ask_for_hash(
    _: TelegramObject, context: BotContext, callback_data: SentOnchainPage, state: FSMContext
) -> None:
    await state.set_state(ClaimDialogue.pasting)
    await state.set_data({_PURCHASE: str(callback_data.purchase_id)})
    await context.show(ask_for_hash_screen(context.t, callback_data.purchase_id))


async def read_hash(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where it is none, the next message is another try."""
    purchase_id = UUID((await state.get_data())[_PURCHASE])
    found = _HASH.search(message.text or message.caption or "")
    if found is None:
        note = context.t("error-onchain-hash")
        await context.show(ask_for_hash_screen(context.t, purchase_id, note=note))
        return
    result = await claim_transfer(context.deps.db, context.user.id, found[0])
    if result.outcome is ClaimOutcome.UNKNOWN and await _is_pending(context, purchase_id, found[0]):
        result = ClaimResult(ClaimOutcome.SEEN)
    await state.clear()
    await context.show(claim_screen(context.t, purchase_id, result))


async def _is_pending(context: BotContext, purchase_id: UUID, pasted: str) -> bool:
    deps = context.deps
    view = await get_onchain_invoice(deps.db, purchase_id, context.user.id)
    if view is None:
        return False
    return await note_pending_transfer(deps.db, deps.chains, view, parse_tx_hash(pasted))


async def _require_ours(session: AsyncSession, book: AddressBook, view: OnchainInvoiceView) -> None:
    invoice = view.invoice
    if invoice is not None and not await book.is_ours(session, invoice.family, invoice.address):
        raise PaymentMethodClosedError


def require_onchain(context: BotContext) -> tuple[Onchain, AddressBook]:
    """Raises PaymentMethodClosedError."""
    onchain = context.deps.payment_methods.providers.get(ONCHAIN_METHOD)
    book = context.deps.addresses
    if not isinstance(onchain, Onchain) or book is None:
        raise PaymentMethodClosedError
    return onchain, book


async def _list_offered(
    context: BotContext, onchain: Onchain, book: AddressBook
) -> list[OnchainNetwork]:
    deps = context.deps
    shop = await deps.shop.settings()
    return await list_open_networks(deps.db, onchain, book, shop, deps.status.findings)
