"""/track and what it asks: a hash, then perhaps on which chain, or whether to wait for it."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.filters import AnswerTo, command
from app.bot.handlers.tracking.looking import (
    begin,
    follow,
    look,
    recall_label,
    show_found,
    warn_of_key,
)
from app.bot.mentions import find_in, judge_in
from app.bot.screens.tracking.track import ask_screen, no_hash_screen
from app.bot.tracking_callbacks import ALL, AwaitTx, LookAgain, TrackPage, WatchOn
from app.bot.visit import TapAnswer, Visit
from app.domain.mentions import Mention, unpack_hash
from app.services.tracking.cards import ownership

PREFIX = "tx"  # of ?start=tx_…, a packed hash


class TrackDialogue(StatesGroup):
    hash = State()


def create_router() -> Router:
    router = Router(name="track")
    router.message.register(track, command("track"))
    router.callback_query.register(open_page, TrackPage.filter())
    router.callback_query.register(watch_on, WatchOn.filter())
    router.callback_query.register(wait_for, AwaitTx.filter())
    router.callback_query.register(look_again, LookAgain.filter())
    router.message.register(read_hash, AnswerTo(TrackDialogue.hash))
    return router


async def track(message: Message, visit: Visit, state: FSMContext, command: CommandObject) -> None:
    """`/track <hash> [label]`; alone, as an answer to a message with a hash, it takes that one."""
    args = (command.args or "").strip()
    mentions, label = find_in(visit.deps, message, args), None
    if len(mentions) == 1:
        first, _, rest = args.partition(" ")
        label = (rest.strip() or None) if find_in(visit.deps, message, first) else None
    elif not mentions and message.reply_to_message:
        mentions, label = find_in(visit.deps, message.reply_to_message), args or None
    if mentions:
        await follow(visit, mentions, label, state)
        await warn_of_key(visit, message)
        return
    await state.set_state(TrackDialogue.hash)
    if args:
        await visit.show(
            no_hash_screen(visit.t, visit.deps.chains, *judge_in(visit.deps, message, args))
        )
    else:
        await _ask(visit)


async def open_page(_: TelegramObject, visit: Visit, state: FSMContext) -> None:
    await state.set_state(TrackDialogue.hash)
    await _ask(visit)


async def read_hash(message: Message, visit: Visit, state: FSMContext) -> None:
    """Whoever sends something else is told what it is, and stays in the dialogue."""
    mentions = find_in(visit.deps, message)
    if mentions:
        if any(mention.foreign is None for mention in mentions):
            await state.clear()
        await follow(visit, mentions)
        await warn_of_key(visit, message)
    else:
        shape = judge_in(visit.deps, message)
        await visit.show(no_hash_screen(visit.t, visit.deps.chains, *shape))


async def open_link(visit: Visit, about: str) -> bool:
    """Of `?start=tx_<packed hash>`."""
    try:
        tx_hash = unpack_hash(about)
    except ValueError:
        return False
    await follow(visit, [Mention(tx_hash)])
    return True


async def watch_on(
    _: TelegramObject, visit: Visit, callback_data: WatchOn, state: FSMContext, answer: TapAnswer
) -> None:
    tx_hash, chain = callback_data.tx_hash, callback_data.chain
    if await _stands(visit):
        visit.message_id = None
    label = await recall_label(state, tx_hash)
    (found,) = await look(visit, [Mention(tx_hash)])
    chosen = {key: known for key, known in found.found.items() if chain in {ALL, key}}
    if not chosen:
        answer.toast(visit.t.plain("track-gone-toast"))
        await show_found(visit, tx_hash, found, label)
    for key, sighting in chosen.items():
        await begin(visit, tx_hash, key, sighting, label)
        visit.message_id = None


async def wait_for(
    _: TelegramObject, visit: Visit, callback_data: AwaitTx, state: FSMContext
) -> None:
    label = await recall_label(state, callback_data.tx_hash)
    await begin(visit, callback_data.tx_hash, None, None, label)


async def look_again(
    _: TelegramObject, visit: Visit, callback_data: LookAgain, state: FSMContext, answer: TapAnswer
) -> None:
    tx_hash = callback_data.tx_hash
    (found,) = await look(visit, [Mention(tx_hash)])
    if not found.found:
        answer.toast(visit.t.plain("track-still-toast"))
    if await _stands(visit):
        if not found.found:
            return
        visit.message_id = None
    await show_found(visit, tx_hash, found, await recall_label(state, tx_hash))


async def _stands(visit: Visit) -> bool:
    """A card or a letter was tapped: it stays, and what it leads to comes below."""
    id_ = visit.message_id
    return id_ is not None and bool(await ownership.find_hash(visit.deps.db, visit.chat_id, id_))


async def _ask(visit: Visit) -> None:
    await visit.show(ask_screen(visit.t, visit.deps.chains, in_group=not visit.is_private))
