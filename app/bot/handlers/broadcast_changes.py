"""An operator changes or deletes what a broadcast has sent."""

from typing import Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import AnswerTo, FromOperator
from app.bot.handlers.exports import send_report
from app.bot.operator_callbacks import (
    BroadcastDeletionPage,
    BroadcastEditPage,
    CancelChange,
    ExportBroadcast,
    StartChange,
)
from app.bot.screens.broadcast_changes import (
    ask_for_new_text_screen,
    confirm_change_screen,
    new_text_refused_screen,
    new_text_screen,
)
from app.bot.screens.broadcasts import broadcast_screen
from app.domain.broadcasts import BroadcastContent, ChangeKind
from app.domain.exports import ExportKind
from app.domain.operator_roles import Permission
from app.services.operations.broadcasts import changes, drafts
from app.services.operations.broadcasts.drafts import BroadcastChangedError

_ID, _TEXT = "broadcast_id", "new_text"
# https://core.telegram.org/bots/api#sendmessage, #sendphoto: characters after entities parsing
_LENGTHS: Final = {BroadcastContent.TEXT: 4096, BroadcastContent.MEDIA: 1024}


class BroadcastChangeDialogue(StatesGroup):
    editing = State()


def create_router() -> Router:
    router = Router(name="broadcast_changes")
    may = FromOperator(Permission.BROADCAST)
    taps = router.callback_query
    taps.register(ask_for_new_text, may, BroadcastEditPage.filter())
    taps.register(ask_about_deletion, may, BroadcastDeletionPage.filter())
    taps.register(
        export_broadcast, FromOperator(Permission.EXPORT_TABLES), ExportBroadcast.filter()
    )
    taps.register(begin_change, may, StartChange.filter())
    taps.register(stop_change, may, CancelChange.filter())
    router.message.register(read_new_text, may, AnswerTo(BroadcastChangeDialogue.editing))
    return router


async def ask_for_new_text(
    _: TelegramObject, context: BotContext, callback_data: BroadcastEditPage, state: FSMContext
) -> None:
    id_ = callback_data.broadcast_id
    count = await changes.count_changeable(context.deps.db, id_, ChangeKind.EDIT)
    await state.set_state(BroadcastChangeDialogue.editing)
    await state.set_data({_ID: id_})
    await context.show(ask_for_new_text_screen(context.t, id_, count))


async def read_new_text(message: Message, context: BotContext, state: FSMContext) -> None:
    """It waits beside the dialogue for its tap. After a mistake the next is another try."""
    id_: int = (await state.get_data()).get(_ID, 0)
    broadcast = await drafts.require_broadcast(context.deps.db, id_)
    most = _LENGTHS[broadcast.content]
    if not message.text or len(message.text) > most:
        await context.show(new_text_refused_screen(context.t, id_, most))
        return
    await state.set_state(None)
    await state.set_data({_ID: id_, _TEXT: message.html_text})
    count = await changes.count_changeable(context.deps.db, id_, ChangeKind.EDIT)
    await context.send(new_text_screen(message.html_text))
    await context.show(confirm_change_screen(context.t, id_, ChangeKind.EDIT, count))


async def ask_about_deletion(
    _: TelegramObject, context: BotContext, callback_data: BroadcastDeletionPage
) -> None:
    id_ = callback_data.broadcast_id
    count = await changes.count_changeable(context.deps.db, id_, ChangeKind.DELETE)
    await context.show(confirm_change_screen(context.t, id_, ChangeKind.DELETE, count))


async def export_broadcast(
    _: TelegramObject, context: BotContext, callback_data: ExportBroadcast, answer: TapAnswer
) -> None:
    await send_report(context, ExportKind.RECIPIENTS, callback_data.broadcast_id, answer)


async def begin_change(
    _: TelegramObject,
    context: BotContext,
    callback_data: StartChange,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    """From now on the worker edits the message that was tapped."""
    id_, kind = callback_data.broadcast_id, callback_data.kind
    kept = await state.get_data()
    text = kept.get(_TEXT) if kind is ChangeKind.EDIT and kept.get(_ID) == id_ else None
    if kind is ChangeKind.EDIT and text is None:
        raise BroadcastChangedError
    await changes.start_change(
        context.deps.db, context.user.id, id_, kind, text=text, message_id=context.message_id
    )
    await state.set_data({})
    answer.toast(context.t.plain("broadcast-change-started"))


async def stop_change(
    _: TelegramObject, context: BotContext, callback_data: CancelChange, answer: TapAnswer
) -> None:
    db, id_ = context.deps.db, callback_data.broadcast_id
    await changes.cancel_change(db, context.user.id, id_)
    answer.toast(context.t.plain("broadcast-change-cancelled"))
    await context.show(broadcast_screen(context.t, await drafts.require_broadcast(db, id_)))
