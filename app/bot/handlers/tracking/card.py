"""The buttons of a card; in a group, only for the user who added the watch."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import AnswerTo
from app.bot.handlers.tracking.card_view import check_watch_owner, load_card, show_card
from app.bot.handlers.tracking.lookup import probe_mentions
from app.bot.screens.tracking.card import (
    MAX_WATCH_LABEL_LENGTH,
    ask_watch_label_screen,
    watch_gone_screen,
    watch_label_refused_screen,
)
from app.bot.screens.tracking.track import too_many_watches_screen
from app.bot.tracking_callbacks import (
    LabelWatch,
    MuteWatch,
    OpenCard,
    SetWatchMode,
    StopWatch,
    UnlabelWatch,
    WatchAgain,
)
from app.domain.mentions import TxMention
from app.domain.tracking import WatchMode
from app.services.tracking.cards import watches
from app.services.tracking.cards.watches import TooManyWatchesError, WatchRequest

_WATCH = "watch"


class LabelDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="card")
    router.callback_query.register(open_card, OpenCard.filter())
    router.callback_query.register(stop_watch_on_card, StopWatch.filter(), _on_card)
    router.callback_query.register(restart_watch, WatchAgain.filter())
    router.callback_query.register(toggle_watch_mute, MuteWatch.filter())
    router.callback_query.register(choose_watch_mode, SetWatchMode.filter())
    router.callback_query.register(ask_watch_label, LabelWatch.filter())
    router.callback_query.register(remove_watch_label, UnlabelWatch.filter())
    router.message.register(read_watch_label, AnswerTo(LabelDialogue.typing))
    return router


async def _on_card(_: TelegramObject, callback_data: StopWatch) -> bool:
    return callback_data.page is None


async def open_card(
    _: TelegramObject, context: BotContext, callback_data: OpenCard, answer: TapAnswer
) -> None:
    """Below: whatever it was tapped on stays as it is."""
    owner = await check_watch_owner(context, answer, callback_data.watch_id)
    if owner is not None:
        context.message_id = None
        is_own_chat = owner.chat_id == context.chat_id
        await show_card(context, callback_data.watch_id, is_own_chat=is_own_chat)


async def stop_watch_on_card(
    _: TelegramObject, context: BotContext, callback_data: StopWatch, answer: TapAnswer
) -> None:
    owner = await check_watch_owner(context, answer, callback_data.watch_id)
    if owner is not None:
        await watches.stop_watch(context.deps.db, owner.user_id, callback_data.watch_id)
        answer.toast(context.t.plain("card-stopped-toast"))
        await _redraw(context, callback_data.watch_id, owner.chat_id)


async def restart_watch(
    _: TelegramObject, context: BotContext, callback_data: WatchAgain, answer: TapAnswer
) -> None:
    owner = await check_watch_owner(context, answer, callback_data.watch_id)
    card = await load_card(context, callback_data.watch_id) if owner else None
    if owner is None or card is None:
        return
    (found,) = await probe_mentions(context, [TxMention(card.tx_hash, card.chain)])
    request = WatchRequest(
        owner.user_id,
        owner.chat_id,
        card.tx_hash,
        card.chain,
        card.label,
        thread_id=owner.thread_id,
    )
    node_tx = found.found.get(card.chain) if card.chain else None
    deps = context.deps
    try:
        added = await watches.add_watch(deps.db, deps.chains, request, node_tx, context.shop)
    except TooManyWatchesError:
        await context.send(too_many_watches_screen(context.t, context.shop.watch_limit))
        return
    answer.toast(context.t.plain("card-again-toast"))
    await _redraw(context, added.watch_id, owner.chat_id)


async def toggle_watch_mute(
    _: TelegramObject, context: BotContext, callback_data: MuteWatch, answer: TapAnswer
) -> None:
    owner = await check_watch_owner(context, answer, callback_data.watch_id)
    if owner is not None:
        on = callback_data.on
        await watches.set_watch_muted(context.deps.db, owner.user_id, callback_data.watch_id, on)
        t = context.t
        answer.toast(t.plain("card-muted-toast") if on else t.plain("card-unmuted-toast"))
        await _redraw(context, callback_data.watch_id, owner.chat_id)


async def choose_watch_mode(
    _: TelegramObject, context: BotContext, callback_data: SetWatchMode, answer: TapAnswer
) -> None:
    owner = await check_watch_owner(context, answer, callback_data.watch_id)
    if owner is not None:
        mode = callback_data.mode
        await watches.set_watch_mode(context.deps.db, owner.user_id, callback_data.watch_id, mode)
        t, every = context.t, mode is WatchMode.EVERY
        answer.toast(t.plain("card-every-toast") if every else t.plain("card-final-toast"))
        await _redraw(context, callback_data.watch_id, owner.chat_id)


async def ask_watch_label(
    _: TelegramObject,
    context: BotContext,
    callback_data: LabelWatch,
    answer: TapAnswer,
    state: FSMContext,
) -> None:
    id_ = callback_data.watch_id
    owner = await check_watch_owner(context, answer, id_)
    card = await load_card(context, id_) if owner else None
    if card is None:
        return
    await state.set_state(LabelDialogue.typing)
    await state.update_data({_WATCH: id_})
    has_label = card.label is not None
    screen = ask_watch_label_screen(
        context.t, id_, has_label=has_label, in_group=not context.is_private
    )
    await context.send(screen)


async def read_watch_label(message: Message, context: BotContext, state: FSMContext) -> None:
    text = message.text.strip() if message.text else None
    if text is None or len(text) > MAX_WATCH_LABEL_LENGTH:
        await context.show(watch_label_refused_screen(context.t, text))
        return
    id_ = int((await state.get_data()).get(_WATCH, 0))
    await state.clear()
    owner = await check_watch_owner(context, TapAnswer(), id_)
    if owner is None:
        await context.show(watch_gone_screen(context.t))
        return
    await watches.set_watch_label(context.deps.db, owner.user_id, id_, text)
    await show_card(context, id_, is_own_chat=owner.chat_id == context.chat_id)


async def remove_watch_label(
    _: TelegramObject, context: BotContext, callback_data: UnlabelWatch, answer: TapAnswer
) -> None:
    """The question turns into the card."""
    owner = await check_watch_owner(context, answer, callback_data.watch_id)
    if owner is not None:
        await watches.set_watch_label(context.deps.db, owner.user_id, callback_data.watch_id, None)
        answer.toast(context.t.plain("card-unlabelled-toast"))
        await _redraw(context, callback_data.watch_id, owner.chat_id)


async def _redraw(context: BotContext, watch_id: int, chat_id: int) -> None:
    await show_card(context, watch_id, is_own_chat=chat_id == context.chat_id)
