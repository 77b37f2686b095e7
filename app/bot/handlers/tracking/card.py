"""The buttons of a card; in a group, they are for whoever made the watch."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.filters import AnswerTo
from app.bot.handlers.tracking.looking import look
from app.bot.handlers.tracking.showing import check_owner, load_card, show_card
from app.bot.screens.tracking.card import (
    LONGEST_LABEL,
    ask_label_screen,
    gone_screen,
    no_label_screen,
)
from app.bot.screens.tracking.track import full_screen
from app.bot.tracking_callbacks import (
    LabelWatch,
    MuteWatch,
    OpenCard,
    SetWatchMode,
    StopWatch,
    UnlabelWatch,
    WatchAgain,
)
from app.bot.visit import TapAnswer, Visit
from app.domain.mentions import Mention
from app.domain.watching import WatchMode
from app.services.tracking.cards import watches
from app.services.tracking.cards.watches import TooManyWatchesError, Wish

_WATCH = "watch"


class LabelDialogue(StatesGroup):
    typing = State()


def create_router() -> Router:
    router = Router(name="card")
    router.callback_query.register(open_card, OpenCard.filter())
    router.callback_query.register(stop, StopWatch.filter(), _on_card)
    router.callback_query.register(watch_again, WatchAgain.filter())
    router.callback_query.register(set_muted, MuteWatch.filter())
    router.callback_query.register(set_mode, SetWatchMode.filter())
    router.callback_query.register(ask_label, LabelWatch.filter())
    router.callback_query.register(remove_label, UnlabelWatch.filter())
    router.message.register(read_label, AnswerTo(LabelDialogue.typing))
    return router


async def _on_card(_: TelegramObject, callback_data: StopWatch) -> bool:
    return callback_data.page is None


async def open_card(
    _: TelegramObject, visit: Visit, callback_data: OpenCard, answer: TapAnswer
) -> None:
    """Below: whatever it was tapped on stays as it is."""
    owner = await check_owner(visit, answer, callback_data.watch_id)
    if owner is not None:
        visit.message_id = None
        is_own_chat = owner.chat_id == visit.chat_id
        await show_card(visit, callback_data.watch_id, is_own_chat=is_own_chat)


async def stop(
    _: TelegramObject, visit: Visit, callback_data: StopWatch, answer: TapAnswer
) -> None:
    owner = await check_owner(visit, answer, callback_data.watch_id)
    if owner is not None:
        await watches.stop(visit.deps.db, owner.user_id, callback_data.watch_id)
        answer.toast(visit.t.plain("card-stopped-toast"))
        await _redraw(visit, callback_data.watch_id, owner.chat_id)


async def watch_again(
    _: TelegramObject, visit: Visit, callback_data: WatchAgain, answer: TapAnswer
) -> None:
    owner = await check_owner(visit, answer, callback_data.watch_id)
    card = await load_card(visit, callback_data.watch_id) if owner else None
    if owner is None or card is None:
        return
    (found,) = await look(visit, [Mention(card.tx_hash, card.chain)])
    wish = Wish(
        owner.user_id,
        owner.chat_id,
        card.tx_hash,
        card.chain,
        card.label,
        thread_id=owner.thread_id,
    )
    sighting = found.found.get(card.chain) if card.chain else None
    deps = visit.deps
    try:
        added = await watches.add(deps.db, deps.chains, wish, sighting, visit.shop)
    except TooManyWatchesError:
        await visit.send(full_screen(visit.t, visit.shop.watch_limit))
        return
    answer.toast(visit.t.plain("card-again-toast"))
    await _redraw(visit, added.watch_id, owner.chat_id)


async def set_muted(
    _: TelegramObject, visit: Visit, callback_data: MuteWatch, answer: TapAnswer
) -> None:
    owner = await check_owner(visit, answer, callback_data.watch_id)
    if owner is not None:
        on = callback_data.on
        await watches.set_muted(visit.deps.db, owner.user_id, callback_data.watch_id, on)
        t = visit.t
        answer.toast(t.plain("card-muted-toast") if on else t.plain("card-unmuted-toast"))
        await _redraw(visit, callback_data.watch_id, owner.chat_id)


async def set_mode(
    _: TelegramObject, visit: Visit, callback_data: SetWatchMode, answer: TapAnswer
) -> None:
    owner = await check_owner(visit, answer, callback_data.watch_id)
    if owner is not None:
        mode = callback_data.mode
        await watches.set_mode(visit.deps.db, owner.user_id, callback_data.watch_id, mode)
        t, every = visit.t, mode is WatchMode.EVERY
        answer.toast(t.plain("card-every-toast") if every else t.plain("card-final-toast"))
        await _redraw(visit, callback_data.watch_id, owner.chat_id)


async def ask_label(
    _: TelegramObject,
    visit: Visit,
    callback_data: LabelWatch,
    answer: TapAnswer,
    state: FSMContext,
) -> None:
    id_ = callback_data.watch_id
    owner = await check_owner(visit, answer, id_)
    card = await load_card(visit, id_) if owner else None
    if card is None:
        return
    await state.set_state(LabelDialogue.typing)
    await state.update_data({_WATCH: id_})
    has_label = card.label is not None
    screen = ask_label_screen(visit.t, id_, has_label=has_label, in_group=not visit.is_private)
    await visit.send(screen)


async def read_label(message: Message, visit: Visit, state: FSMContext) -> None:
    text = message.text.strip() if message.text else None
    if text is None or len(text) > LONGEST_LABEL:
        await visit.show(no_label_screen(visit.t, text))
        return
    id_ = int((await state.get_data()).get(_WATCH, 0))
    await state.clear()
    owner = await check_owner(visit, TapAnswer(), id_)
    if owner is None:
        await visit.show(gone_screen(visit.t))
        return
    await watches.set_label(visit.deps.db, owner.user_id, id_, text)
    await show_card(visit, id_, is_own_chat=owner.chat_id == visit.chat_id)


async def remove_label(
    _: TelegramObject, visit: Visit, callback_data: UnlabelWatch, answer: TapAnswer
) -> None:
    """The question turns into the card."""
    owner = await check_owner(visit, answer, callback_data.watch_id)
    if owner is not None:
        await watches.set_label(visit.deps.db, owner.user_id, callback_data.watch_id, None)
        answer.toast(visit.t.plain("card-unlabelled-toast"))
        await _redraw(visit, callback_data.watch_id, owner.chat_id)


async def _redraw(visit: Visit, watch_id: int, chat_id: int) -> None:
    await show_card(visit, watch_id, is_own_chat=chat_id == visit.chat_id)
