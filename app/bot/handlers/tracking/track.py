"""/track and what it asks: a hash, then perhaps on which chain, or whether to wait for it."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import AnswerTo, command
from app.bot.handlers.tracking.lookup import (
    begin_watch,
    look_up_mentions,
    probe_mentions,
    recall_label,
    show_lookup_result,
    warn_of_private_key,
)
from app.bot.mentions import (
    classify_message_text,
    find_message_bare_hash,
    find_message_mentions,
)
from app.bot.screens.tracking.track import ask_track_hash_screen, unrecognized_hash_screen
from app.bot.tracking_callbacks import (
    ALL_CHAINS,
    AwaitTransaction,
    RepeatLookup,
    TrackPage,
    WatchOnChain,
)
from app.domain.mentions import TxMention, unpack_hash
from app.services.tracking.cards import ownership

TRACK_LINK_PREFIX = "tx"  # of ?start=tx_…, a packed hash


class TrackDialogue(StatesGroup):
    hash = State()


def create_router() -> Router:
    router = Router(name="track")
    router.message.register(track_by_command, command("track"))
    router.callback_query.register(open_track_page, TrackPage.filter())
    router.callback_query.register(watch_on_chain, WatchOnChain.filter())
    router.callback_query.register(await_transaction, AwaitTransaction.filter())
    router.callback_query.register(repeat_lookup, RepeatLookup.filter())
    router.message.register(read_tracked_hash, AnswerTo(TrackDialogue.hash))
    return router


async def track_by_command(
    message: Message, context: BotContext, state: FSMContext, command: CommandObject
) -> None:
    """`/track <hash> [label]`; alone, as an answer to a message with a hash, it takes that one."""
    args = (command.args or "").strip()
    mentions, label = find_message_mentions(context.deps, message, args), None
    if len(mentions) == 1:
        first, _, rest = args.partition(" ")
        label = (
            (rest.strip() or None) if find_message_mentions(context.deps, message, first) else None
        )
    elif not mentions and message.reply_to_message:
        mentions, label = (
            find_message_mentions(context.deps, message.reply_to_message),
            args or None,
        )
    if mentions:
        await look_up_mentions(context, mentions, label, state)
        await warn_of_private_key(context, message)
        return
    await state.set_state(TrackDialogue.hash)
    if args:
        await _explain(context, message, args)
    else:
        await _ask(context)


async def open_track_page(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(TrackDialogue.hash)
    await _ask(context)


async def read_tracked_hash(message: Message, context: BotContext, state: FSMContext) -> None:
    """Sent something else, the user learns what it is, and stays in the dialogue."""
    mentions = find_message_mentions(context.deps, message)
    if mentions:
        if any(mention.foreign is None for mention in mentions):
            await state.clear()
        await look_up_mentions(context, mentions)
        await warn_of_private_key(context, message)
    else:
        await _explain(context, message)


async def open_track_link(context: BotContext, about: str) -> bool:
    """Of `?start=tx_<packed hash>`."""
    try:
        tx_hash = unpack_hash(about)
    except ValueError:
        return False
    await look_up_mentions(context, [TxMention(tx_hash)])
    return True


async def watch_on_chain(
    _: TelegramObject,
    context: BotContext,
    callback_data: WatchOnChain,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    tx_hash, chain = callback_data.tx_hash, callback_data.chain
    if await _stands(context):
        context.message_id = None
    label = await recall_label(state, tx_hash)
    (found,) = await probe_mentions(context, [TxMention(tx_hash)])
    chosen = {key: known for key, known in found.found.items() if chain in {ALL_CHAINS, key}}
    if not chosen:
        answer.toast(context.t.plain("track-gone-toast"))
        await show_lookup_result(context, tx_hash, found, label)
    for key, node_tx in chosen.items():
        await begin_watch(context, tx_hash, key, node_tx, label)
        context.message_id = None


async def await_transaction(
    _: TelegramObject, context: BotContext, callback_data: AwaitTransaction, state: FSMContext
) -> None:
    label = await recall_label(state, callback_data.tx_hash)
    await begin_watch(context, callback_data.tx_hash, None, None, label)


async def repeat_lookup(
    _: TelegramObject,
    context: BotContext,
    callback_data: RepeatLookup,
    state: FSMContext,
    answer: TapAnswer,
) -> None:
    tx_hash = callback_data.tx_hash
    (found,) = await probe_mentions(context, [TxMention(tx_hash)])
    if not found.found:
        answer.toast(context.t.plain("track-still-toast"))
    if await _stands(context):
        if not found.found:
            return
        context.message_id = None
    await show_lookup_result(context, tx_hash, found, await recall_label(state, tx_hash))


async def _stands(context: BotContext) -> bool:
    """A card or a notification was tapped: it stays, and what it leads to comes below."""
    id_ = context.message_id
    return id_ is not None and bool(
        await ownership.find_message_tx_hash(context.deps.db, context.chat_id, id_)
    )


async def _explain(context: BotContext, message: Message, text: str | None = None) -> None:
    shape, digits = classify_message_text(context.deps, message, text)
    bare = find_message_bare_hash(message, text)
    await context.show(
        unrecognized_hash_screen(context.t, context.deps.chains, shape, digits, bare=bare)
    )


async def _ask(context: BotContext) -> None:
    await context.show(
        ask_track_hash_screen(context.t, context.deps.chains, in_group=not context.is_private)
    )
