"""Blocking a user and letting them in again, a copy of their data, and erasing it for them."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.users.card import show_user_card
from app.bot.operator_callbacks import (
    BlockUserPage,
    EraseUser,
    EraseUserPage,
    SendUserData,
    UnblockUser,
)
from app.bot.screens.users import removal as screens
from app.domain.operator_roles import Permission
from app.services import audit
from app.services.operations import user_page, user_removal
from app.services.operations.user_removal import MAX_REMOVAL_REASON_LENGTH
from app.services.privacy.erasure import erase_user, preview_erasure
from app.services.privacy.export import export_user_data


class UserRemovalDialogue(StatesGroup):
    blocking = State()
    erasing = State()


def create_router() -> Router:
    router = Router(name="user_removal")
    may_block = FromOperator(Permission.BLOCK_USERS)
    may_erase = FromOperator(Permission.ERASE_USERS)
    may_export = FromOperator(Permission.EXPORT_TABLES)
    taps, messages = router.callback_query, router.message
    taps.register(ask_for_block_reason, may_block, BlockUserPage.filter())
    messages.register(read_block_reason, may_block, AnswerTo(UserRemovalDialogue.blocking))
    taps.register(let_user_in, may_block, UnblockUser.filter())
    taps.register(ask_for_erasure_reason, may_erase, EraseUserPage.filter())
    messages.register(read_erasure_reason, may_erase, AnswerTo(UserRemovalDialogue.erasing))
    taps.register(confirm_user_erasure, may_erase, EraseUser.filter())
    taps.register(send_user_data, may_export, SendUserData.filter())
    return router


async def ask_for_block_reason(
    _: TelegramObject, context: BotContext, callback_data: BlockUserPage, state: FSMContext
) -> None:
    user = await user_page.require_user(context.deps.db, callback_data.user_id)
    await state.set_state(UserRemovalDialogue.blocking)
    await state.set_data({"user_id": user.id})
    await context.show(
        screens.ask_for_block_reason_screen(context.t, user, MAX_REMOVAL_REASON_LENGTH)
    )


async def read_block_reason(message: Message, context: BotContext, state: FSMContext) -> None:
    """It can be taken back by one tap, so nothing more is asked."""
    deps, user_id = context.deps, (await state.get_data())["user_id"]
    reason = _read_reason(message)
    if reason is None:
        user = await user_page.require_user(deps.db, user_id)
        await context.show(
            screens.ask_for_block_reason_screen(context.t, user, MAX_REMOVAL_REASON_LENGTH)
        )
        return
    async with ended_afterwards(state):
        await user_removal.block_user(deps.db, context.user.id, deps.owners, user_id, reason)
    await context.show(screens.user_blocked_screen(context.t, user_id))


async def let_user_in(
    _: TelegramObject, context: BotContext, callback_data: UnblockUser, answer: TapAnswer
) -> None:
    user_id = callback_data.user_id
    await user_removal.unblock_user(context.deps.db, context.user.id, user_id)
    answer.toast(context.t.plain("user-unblocked"))
    await show_user_card(context, user_id)


async def ask_for_erasure_reason(
    _: TelegramObject, context: BotContext, callback_data: EraseUserPage, state: FSMContext
) -> None:
    await state.set_state(UserRemovalDialogue.erasing)
    await state.set_data({"user_id": callback_data.user_id})
    await _show_losses(context, callback_data.user_id)


async def read_erasure_reason(message: Message, context: BotContext, state: FSMContext) -> None:
    user_id, reason = (await state.get_data())["user_id"], _read_reason(message)
    if reason is None:
        await _show_losses(context, user_id)
        return
    user = await user_page.require_user(context.deps.db, user_id)
    await state.set_state(None)
    await state.set_data({"erase": user_id, "reason": reason})
    await context.show(screens.confirm_user_erasure_screen(context.t, user, reason))


async def confirm_user_erasure(
    _: TelegramObject,
    context: BotContext,
    callback_data: EraseUser,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    deps, user_id, asked = context.deps, callback_data.user_id, await state.get_data()
    if asked.get("erase") != user_id:
        answer.alert(context.t.plain("error-erasure-gone"))
        return
    await state.clear()
    await user_removal.order_erasure(
        deps.db, context.user.id, deps.owners, user_id, asked["reason"]
    )
    await erase_user(deps.db, user_id, deps.fingerprints.compute(user_id))
    await context.show(screens.user_erased_screen(context.t))


async def send_user_data(
    _: TelegramObject, context: BotContext, callback_data: SendUserData
) -> None:
    """For a user who has asked for it elsewhere; it comes as a file of its own."""
    db, user_id = context.deps.db, callback_data.user_id
    await user_page.require_user(db, user_id)
    await audit.record_data_access(db, context.user.id, "person_exported", f"user:{user_id}")
    content = await export_user_data(db, user_id)
    await context.send(screens.user_data_screen(context.t, user_id, content))


async def _show_losses(context: BotContext, user_id: int) -> None:
    db = context.deps.db
    user = await user_page.require_user(db, user_id)
    await context.show(
        screens.ask_for_erasure_reason_screen(
            context.t, user, await preview_erasure(db, user_id), MAX_REMOVAL_REASON_LENGTH
        )
    )


def _read_reason(message: Message) -> str | None:
    reason = (message.text or "").strip()
    return reason if 0 < len(reason) <= MAX_REMOVAL_REASON_LENGTH else None
