"""A bridge transfer: its first leg, where it goes, to whom, and the page of both legs."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import AnswerTo, command
from app.bot.handlers.tracking.lookup import probe_mentions
from app.bot.i18n import Html
from app.bot.mentions import classify_message_text, find_message_mentions
from app.bot.screens.tracking.addresses import explain_address_error
from app.bot.screens.tracking.bridge import (
    ask_bridge_recipient_screen,
    ask_second_leg_screen,
    bridge_hash_refused_screen,
    bridge_off_screen,
    bridge_screen,
    bridges_screen,
    choose_first_leg_chain_screen,
    choose_second_leg_chain_screen,
)
from app.bot.screens.tracking.track import too_many_watches_screen
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
from app.core.errors import ExpectedError
from app.domain.addresses import parse_address
from app.domain.mentions import TxMention
from app.services.tracking.cards.watches import TooManyWatchesError
from app.services.tracking.wallet import addresses, bridges
from app.services.tracking.wallet.bridges import BridgeLeg

_BRIDGE_ID = "bridge_id"


class BridgeDialogue(StatesGroup):
    hash = State()
    recipient = State()
    second = State()


def create_router() -> Router:
    router = Router(name="bridge")
    router.message.register(open_or_start_bridge, command("bridge"))
    router.callback_query.register(open_bridges, BridgesPage.filter())
    router.callback_query.register(start_bridge_on_chain, BridgeFrom.filter())
    router.callback_query.register(open_bridge, OpenBridge.filter())
    router.callback_query.register(choose_second_leg_chain, BridgeTo.filter())
    router.callback_query.register(ask_bridge_recipient, AskRecipient.filter())
    router.callback_query.register(choose_bridge_recipient, BridgeRecipient.filter())
    router.callback_query.register(ask_second_leg, AskSecondLeg.filter())
    router.callback_query.register(answer_match, AnswerMatch.filter())
    router.message.register(read_first_leg, AnswerTo(BridgeDialogue.hash))
    router.message.register(read_bridge_recipient, AnswerTo(BridgeDialogue.recipient))
    router.message.register(read_second_leg, AnswerTo(BridgeDialogue.second))
    return router


async def open_or_start_bridge(
    message: Message, context: BotContext, state: FSMContext, command: CommandObject
) -> None:
    """`/bridge <hash> [recipient]`."""
    args = (command.args or "").strip()
    if args:
        await _read_first(message, context, state, args)
    else:
        await _open_list(context, state)


async def open_bridges(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await _open_list(context, state)


async def read_first_leg(message: Message, context: BotContext, state: FSMContext) -> None:
    await _read_first(message, context, state, message.text or message.caption or "")


async def start_bridge_on_chain(
    _: TelegramObject, context: BotContext, state: FSMContext, callback_data: BridgeFrom
) -> None:
    tx_hash, chain = callback_data.tx_hash, callback_data.chain
    if context.deps.chains.spec(chain) is None:
        await context.show(bridge_off_screen(context.t))
        return
    (found,) = await probe_mentions(context, [TxMention(tx_hash, chain)])
    await _start(context, state, BridgeLeg(tx_hash, chain, found.found.get(chain)))


async def open_bridge(
    _: TelegramObject, context: BotContext, callback_data: OpenBridge, answer: TapAnswer
) -> None:
    id_, digest = callback_data.bridge_id, callback_data.digest
    page = await bridges.get_bridge_overview(
        context.deps.db, context.deps.chains, context.user.id, id_, context.shop
    )
    screen = bridge_screen(context.t, page, context.shop)
    if digest and digest_text(screen.text) == digest:
        answer.toast(context.t.plain("bridge-same-toast"))
    else:
        await context.show(screen)


async def choose_second_leg_chain(
    _: TelegramObject, context: BotContext, state: FSMContext, callback_data: BridgeTo
) -> None:
    id_, chain = callback_data.bridge_id, callback_data.chain
    await bridges.choose_bridge_chain(
        context.deps.db, context.deps.chains, context.user.id, id_, chain
    )
    await _ask_recipient(context, state, id_)


async def ask_bridge_recipient(
    _: TelegramObject, context: BotContext, state: FSMContext, callback_data: AskRecipient
) -> None:
    await _ask_recipient(context, state, callback_data.bridge_id)


async def choose_bridge_recipient(
    _: TelegramObject, context: BotContext, state: FSMContext, callback_data: BridgeRecipient
) -> None:
    """One that is bound; unbound meanwhile, it is asked for again."""
    id_, db = callback_data.bridge_id, context.deps.db
    row = await addresses.get_bound_address(db, context.user.id, callback_data.address_id)
    page = await bridges.get_bridge_overview(
        db, context.deps.chains, context.user.id, id_, context.shop
    )
    if row is None or page.to is None or row.kind is not page.to.kind:
        await _ask_recipient(context, state, id_)
        return
    await bridges.set_bridge_recipient(db, context.user.id, id_, row.address)
    await _show(context, id_)


async def read_bridge_recipient(message: Message, context: BotContext, state: FSMContext) -> None:
    """After a mistake the user is asked again, and stays in the dialogue."""
    id_ = (await state.get_data()).get(_BRIDGE_ID, 0)
    await _take_recipient(context, state, id_, (message.text or "").strip())


async def ask_second_leg(
    _: TelegramObject, context: BotContext, state: FSMContext, callback_data: AskSecondLeg
) -> None:
    await _ask_second(context, state, callback_data.bridge_id)


async def read_second_leg(message: Message, context: BotContext, state: FSMContext) -> None:
    deps, id_ = context.deps, (await state.get_data()).get(_BRIDGE_ID, 0)
    mentions = find_message_mentions(deps, message)
    if len(mentions) != 1:
        await _ask_second(context, state, id_, _explain_hash(context, message))
        return
    tx_hash = mentions[0].tx_hash
    page = await bridges.get_bridge_overview(
        deps.db, deps.chains, context.user.id, id_, context.shop
    )
    if page.to is None:
        await _show(context, id_)
        return
    (found,) = await probe_mentions(context, [TxMention(tx_hash, page.to.key)])
    leg = BridgeLeg(tx_hash, page.to.key, found.found.get(page.to.key))
    try:
        await bridges.give_second_leg(deps.db, deps.chains, context.user.id, id_, leg, context.shop)
    except bridges.SameLegError as error:
        await _ask_second(context, state, id_, context.t(error.text_key))
        return
    except TooManyWatchesError:
        await context.show(too_many_watches_screen(context.t, context.shop.watch_limit))
        return
    await state.clear()
    await _show(context, id_)


async def answer_match(
    _: TelegramObject, context: BotContext, callback_data: AnswerMatch, answer: TapAnswer
) -> None:
    id_, t = callback_data.bridge_id, context.t
    is_right = callback_data.right
    taken = await bridges.review_proposed_leg(
        context.deps.db, context.user.id, id_, callback_data.watch_id, is_right=is_right
    )
    if not taken:
        answer.toast(t.plain("bridge-old-toast"))
    else:
        answer.toast(t.plain("bridge-yes-toast") if is_right else t.plain("bridge-no-toast"))
    await _show(context, id_)


async def _open_list(context: BotContext, state: FSMContext) -> None:
    if not context.deps.chains.evm or not context.deps.chains.polled:
        await context.show(bridge_off_screen(context.t))
        return
    await state.set_state(BridgeDialogue.hash)
    recent = await bridges.list_recent_bridges(context.deps.db, context.user.id)
    await context.show(bridges_screen(context.t, recent, context.shop))


async def _read_first(message: Message, context: BotContext, state: FSMContext, text: str) -> None:
    deps = context.deps
    if not deps.chains.evm or not deps.chains.polled:
        await context.show(bridge_off_screen(context.t))
        return
    mentions = find_message_mentions(deps, message, text)
    if len(mentions) != 1 or mentions[0].foreign:
        await state.set_state(BridgeDialogue.hash)
        await context.show(
            bridge_hash_refused_screen(context.t, reason=_explain_hash(context, message, text))
        )
        return
    await state.clear()
    tx_hash = mentions[0].tx_hash
    recipient = text.split()[1] if len(text.split()) > 1 else None
    (probe,) = await probe_mentions(context, mentions)
    # The bridge leads between EVM chains and Cellframe alone.
    found = {key: one for key, one in probe.found.items() if key not in deps.chains.tron}
    if len(found) == 1:
        ((chain, node_tx),) = found.items()
        await _start(context, state, BridgeLeg(tx_hash, chain, node_tx), recipient)
        return
    keys = list(found) or [key for key in deps.chains.all if key not in deps.chains.tron]
    specs = [spec for key in keys if (spec := deps.chains.spec(key))]
    await context.show(
        choose_first_leg_chain_screen(context.t, tx_hash, specs, is_known=bool(found))
    )


async def _start(
    context: BotContext, state: FSMContext, leg: BridgeLeg, recipient: str | None = None
) -> None:
    deps, t = context.deps, context.t
    try:
        id_ = await bridges.start_bridge(deps.db, deps.chains, context.user.id, leg, context.shop)
    except TooManyWatchesError:
        await context.show(too_many_watches_screen(t, context.shop.watch_limit))
        return
    page = await bridges.get_bridge_overview(
        deps.db, deps.chains, context.user.id, id_, context.shop
    )
    if page.to is None and page.targets:
        await context.show(choose_second_leg_chain_screen(t, page))
    elif recipient is not None:
        await _take_recipient(context, state, id_, recipient)
    elif page.bridge.recipient is None:
        await _ask_recipient(context, state, id_)
    else:
        await _show(context, id_)


async def _take_recipient(context: BotContext, state: FSMContext, id_: int, typed: str) -> None:
    deps = context.deps
    page = await bridges.get_bridge_overview(
        deps.db, deps.chains, context.user.id, id_, context.shop
    )
    if page.to is None:
        await _show(context, id_)
        return
    try:
        address = parse_address(typed, page.to.kind, page.to.network)
    except ExpectedError as error:
        await _ask_recipient(
            context, state, id_, explain_address_error(context.t, typed, error, page.to.kind)
        )
        return
    await state.clear()
    await bridges.set_bridge_recipient(deps.db, context.user.id, id_, address.text)
    await _show(context, id_)


async def _ask_recipient(
    context: BotContext, state: FSMContext, id_: int, reason: Html | None = None
) -> None:
    deps = context.deps
    page = await bridges.get_bridge_overview(
        deps.db, deps.chains, context.user.id, id_, context.shop
    )
    if page.to is None:
        await _show(context, id_)
        return
    await state.set_state(BridgeDialogue.recipient)
    await state.set_data({_BRIDGE_ID: id_})
    bound = await addresses.list_bound_addresses(deps.db, context.user.id, page.to.kind)
    await context.show(ask_bridge_recipient_screen(context.t, page, bound, reason=reason))


async def _ask_second(
    context: BotContext, state: FSMContext, id_: int, reason: Html | None = None
) -> None:
    deps = context.deps
    page = await bridges.get_bridge_overview(
        deps.db, deps.chains, context.user.id, id_, context.shop
    )
    await state.set_state(BridgeDialogue.second)
    await state.set_data({_BRIDGE_ID: id_})
    await context.show(ask_second_leg_screen(context.t, page, reason=reason))


async def _show(context: BotContext, id_: int) -> None:
    deps = context.deps
    page = await bridges.get_bridge_overview(
        deps.db, deps.chains, context.user.id, id_, context.shop
    )
    await context.show(bridge_screen(context.t, page, context.shop))


def _explain_hash(context: BotContext, message: Message, typed: str | None = None) -> Html:
    shape, digits = classify_message_text(context.deps, message, typed)
    return context.t("track-shape", shape=shape.value, digits=digits)
