"""Operators look at what arrives on chain, give what is nobody's to a user, or dismiss it."""

import json
from typing import Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.onchain.paying import require_onchain
from app.bot.i18n import Html
from app.bot.onchain_callbacks import (
    AssignmentPage,
    AssignTransfer,
    DismissalReasonPage,
    OnchainPage,
    OnchainTransferPage,
    OnchainTransfersPage,
    RejectClaim,
    SwitchNetwork,
)
from app.bot.screens.onchain.transfers import (
    ask_for_dismissal_screen,
    ask_for_owner_screen,
    confirm_owner_screen,
    onchain_screen,
    transfer_screen,
    transfers_screen,
)
from app.bot.user_input import read_user_query
from app.domain.operator_roles import Permission
from app.services import audit
from app.services.operations.onchain_transfers import (
    list_transfers,
    load_onchain_overview,
    load_transfer_page,
)
from app.services.operations.user_lookup import find_user
from app.services.payments.onchain import claims
from app.services.shop_settings import change_shop_setting, read_shop_settings

_TRANSFER: Final = "transfer"
_MAX_REASON: Final = 300


class TransferDialogue(StatesGroup):
    naming = State()
    dismissing = State()


def create_router() -> Router:
    router = Router(name="onchain_transfers")
    may_look = FromOperator(Permission.VIEW_SALES)
    may_assign = FromOperator(Permission.CORRECT_BALANCES)
    may_edit = FromOperator(Permission.EDIT_SHOP)
    taps, messages = router.callback_query, router.message
    taps.register(open_onchain, may_look, OnchainPage.filter())
    taps.register(open_transfers, may_look, OnchainTransfersPage.filter())
    taps.register(open_transfer, may_look, OnchainTransferPage.filter())
    taps.register(ask_about_owner, may_assign, AssignmentPage.filter())
    taps.register(give_to_owner, may_assign, AssignTransfer.filter())
    taps.register(ask_for_dismissal, may_assign, DismissalReasonPage.filter())
    taps.register(reject_open_claim, may_assign, RejectClaim.filter())
    taps.register(switch_network, may_edit, SwitchNetwork.filter())
    messages.register(read_owner, may_assign, AnswerTo(TransferDialogue.naming))
    messages.register(read_dismissal, may_assign, AnswerTo(TransferDialogue.dismissing))
    return router


async def open_onchain(_: TelegramObject, context: BotContext) -> None:
    if (role := context.role) is None:
        return
    deps, (_onchain, book) = context.deps, require_onchain(context)
    overview = await load_onchain_overview(deps.db, book)
    shop = await read_shop_settings(deps.db)
    await context.show(onchain_screen(context.t, overview, shop.onchain_networks_off, role))


async def open_transfers(
    _: TelegramObject, context: BotContext, callback_data: OnchainTransfersPage
) -> None:
    unmatched = callback_data.unmatched
    listed = await list_transfers(context.deps.db, callback_data.number, unmatched=unmatched)
    await context.show(transfers_screen(context.t, listed, unmatched=unmatched))


async def open_transfer(
    _: TelegramObject, context: BotContext, callback_data: OnchainTransferPage
) -> None:
    await _show_transfer(context, callback_data.transfer_id)


async def ask_about_owner(
    _: TelegramObject, context: BotContext, callback_data: AssignmentPage, state: FSMContext
) -> None:
    if callback_data.user_id is None:
        await state.set_state(TransferDialogue.naming)
        await state.set_data({_TRANSFER: callback_data.transfer_id})
        await context.show(ask_for_owner_screen(context.t, callback_data.transfer_id))
        return
    await _confirm(context, callback_data.transfer_id, callback_data.user_id)


async def read_owner(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where nobody is found, the next message is another try."""
    transfer_id: int = (await state.get_data())[_TRANSFER]
    query = read_user_query(message)
    found = await find_user(context.deps.db, query) if query else None
    if found is None:
        note = context.t("staff-not-found")
        await context.show(ask_for_owner_screen(context.t, transfer_id, note=note))
        return
    async with ended_afterwards(state):
        await _confirm(context, transfer_id, found.id)


async def give_to_owner(
    _: TelegramObject, context: BotContext, callback_data: AssignTransfer
) -> None:
    """Twice is once: the second tap finds it assigned, and says so."""
    t, id_ = context.t, callback_data.transfer_id
    money = await claims.assign_transfer(
        context.deps.db, context.user.id, id_, callback_data.user_id
    )
    await _show_transfer(context, id_, note=t("onchain-assigned", amount=t.price(money)))


async def ask_for_dismissal(
    _: TelegramObject, context: BotContext, callback_data: DismissalReasonPage, state: FSMContext
) -> None:
    await state.set_state(TransferDialogue.dismissing)
    await state.set_data({_TRANSFER: callback_data.transfer_id})
    await context.show(ask_for_dismissal_screen(context.t, callback_data.transfer_id))


async def read_dismissal(message: Message, context: BotContext, state: FSMContext) -> None:
    transfer_id: int = (await state.get_data())[_TRANSFER]
    reason = (message.text or "").strip()[:_MAX_REASON]
    if not reason:
        await context.show(ask_for_dismissal_screen(context.t, transfer_id))
        return
    async with ended_afterwards(state):
        await claims.dismiss_transfer(context.deps.db, context.user.id, transfer_id, reason)
    await _show_transfer(context, transfer_id, note=context.t("onchain-dismissed"))


async def reject_open_claim(
    _: TelegramObject, context: BotContext, callback_data: RejectClaim
) -> None:
    id_ = callback_data.transfer_id
    await claims.reject_claim(context.deps.db, context.user.id, id_)
    await _show_transfer(context, id_, note=context.t("onchain-claim-rejected"))


async def switch_network(
    event: TelegramObject, context: BotContext, callback_data: SwitchNetwork, answer: TapAnswer
) -> None:
    """For new invoices; what was shown can be paid to its end."""
    deps, key = context.deps, callback_data.network
    off = set((await read_shop_settings(deps.db)).onchain_networks_off)
    wanted = off - {key} if callback_data.on else off | {key}
    await change_shop_setting(
        deps.db, "onchain_networks_off", json.dumps(sorted(wanted)), f"user:{context.user.id}"
    )
    deps.shop.forget()
    answer.toast(context.t.plain("edit-done-toast"))
    await open_onchain(event, context)


async def _confirm(context: BotContext, transfer_id: int, user_id: int) -> None:
    page = await load_transfer_page(context.deps.db, transfer_id)
    await context.show(confirm_owner_screen(context.t, page, user_id))


async def _show_transfer(
    context: BotContext, transfer_id: int, *, note: Html | None = None
) -> None:
    db, operator = context.deps.db, context.user.id
    await audit.record_data_access(db, operator, "onchain_viewed", f"transfer:{transfer_id}")
    page = await load_transfer_page(db, transfer_id)
    await context.show(transfer_screen(context.t, page, note=note))
