"""A bridge transfer: its first leg, where it goes, to whom, and the page of both legs."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.filters import AnswerTo, command
from app.bot.handlers.tracking.looking import look
from app.bot.mentions import find_in, judge_in
from app.bot.screens.tracking.addresses import explain
from app.bot.screens.tracking.bridge import (
    ask_recipient_screen,
    ask_second_screen,
    bridge_screen,
    bridges_screen,
    choose_chain_screen,
    choose_target_screen,
    no_hash_screen,
    off_screen,
)
from app.bot.screens.tracking.marks import mark_of
from app.bot.screens.tracking.track import full_screen
from app.bot.texts import Html
from app.bot.visit import TapAnswer, Visit
from app.bot.wallet_callbacks import (
    AskRecipient,
    BridgeFrom,
    BridgePage,
    BridgeRecipient,
    BridgesPage,
    BridgeTo,
    GiveSecondLeg,
    JudgeMatch,
)
from app.core.errors import ExpectedError
from app.domain.addresses import parse_address
from app.domain.mentions import Mention
from app.services.tracking.cards.watches import TooManyWatchesError
from app.services.tracking.wallet import addresses, bridges
from app.services.tracking.wallet.bridges import Leg

_BRIDGE_ID = "bridge_id"


class BridgeDialogue(StatesGroup):
    hash = State()
    recipient = State()
    second = State()


def create_router() -> Router:
    router = Router(name="bridge")
    router.message.register(open_or_start, command("bridge"))
    router.callback_query.register(open_list, BridgesPage.filter())
    router.callback_query.register(start_on, BridgeFrom.filter())
    router.callback_query.register(open_page, BridgePage.filter())
    router.callback_query.register(choose_target, BridgeTo.filter())
    router.callback_query.register(ask_recipient, AskRecipient.filter())
    router.callback_query.register(choose_recipient, BridgeRecipient.filter())
    router.callback_query.register(ask_second, GiveSecondLeg.filter())
    router.callback_query.register(judge_match, JudgeMatch.filter())
    router.message.register(read_hash, AnswerTo(BridgeDialogue.hash))
    router.message.register(read_recipient, AnswerTo(BridgeDialogue.recipient))
    router.message.register(read_second, AnswerTo(BridgeDialogue.second))
    return router


async def open_or_start(
    message: Message, visit: Visit, state: FSMContext, command: CommandObject
) -> None:
    """`/bridge <hash> [recipient]`."""
    args = (command.args or "").strip()
    if args:
        await _read_first(message, visit, state, args)
    else:
        await _open_list(visit, state)


async def open_list(_: TelegramObject, visit: Visit, state: FSMContext) -> None:
    await _open_list(visit, state)


async def read_hash(message: Message, visit: Visit, state: FSMContext) -> None:
    await _read_first(message, visit, state, message.text or message.caption or "")


async def start_on(
    _: TelegramObject, visit: Visit, state: FSMContext, callback_data: BridgeFrom
) -> None:
    tx_hash, chain = callback_data.tx_hash, callback_data.chain
    if visit.deps.chains.spec(chain) is None:
        await visit.show(off_screen(visit.t))
        return
    (found,) = await look(visit, [Mention(tx_hash, chain)])
    await _start(visit, state, Leg(tx_hash, chain, found.found.get(chain)))


async def open_page(
    _: TelegramObject, visit: Visit, callback_data: BridgePage, answer: TapAnswer
) -> None:
    id_, mark = callback_data.bridge_id, callback_data.mark
    page = await bridges.get_page(visit.deps.db, visit.deps.chains, visit.user.id, id_, visit.shop)
    screen = bridge_screen(visit.t, page, visit.shop)
    if mark and mark_of(screen.text) == mark:
        answer.toast(visit.t.plain("bridge-same-toast"))
    else:
        await visit.show(screen)


async def choose_target(
    _: TelegramObject, visit: Visit, state: FSMContext, callback_data: BridgeTo
) -> None:
    id_, chain = callback_data.bridge_id, callback_data.chain
    await bridges.choose_target(visit.deps.db, visit.deps.chains, visit.user.id, id_, chain)
    await _ask_recipient(visit, state, id_)


async def ask_recipient(
    _: TelegramObject, visit: Visit, state: FSMContext, callback_data: AskRecipient
) -> None:
    await _ask_recipient(visit, state, callback_data.bridge_id)


async def choose_recipient(
    _: TelegramObject, visit: Visit, state: FSMContext, callback_data: BridgeRecipient
) -> None:
    """One that is bound; unbound meanwhile, it is asked for again."""
    id_, db = callback_data.bridge_id, visit.deps.db
    row = await addresses.get(db, visit.user.id, callback_data.address_id)
    page = await bridges.get_page(db, visit.deps.chains, visit.user.id, id_, visit.shop)
    if row is None or page.to is None or row.kind is not page.to.kind:
        await _ask_recipient(visit, state, id_)
        return
    await bridges.set_recipient(db, visit.user.id, id_, row.address)
    await _show(visit, id_)


async def read_recipient(message: Message, visit: Visit, state: FSMContext) -> None:
    """Whoever mistypes is asked again, and stays in the dialogue."""
    id_ = (await state.get_data()).get(_BRIDGE_ID, 0)
    await _take_recipient(visit, state, id_, (message.text or "").strip())


async def ask_second(
    _: TelegramObject, visit: Visit, state: FSMContext, callback_data: GiveSecondLeg
) -> None:
    await _ask_second(visit, state, callback_data.bridge_id)


async def read_second(message: Message, visit: Visit, state: FSMContext) -> None:
    deps, id_ = visit.deps, (await state.get_data()).get(_BRIDGE_ID, 0)
    mentions = find_in(deps, message)
    if len(mentions) != 1:
        await _ask_second(visit, state, id_, _explain_hash(visit, message))
        return
    tx_hash = mentions[0].tx_hash
    page = await bridges.get_page(deps.db, deps.chains, visit.user.id, id_, visit.shop)
    if page.to is None:
        await _show(visit, id_)
        return
    (found,) = await look(visit, [Mention(tx_hash, page.to.key)])
    leg = Leg(tx_hash, page.to.key, found.found.get(page.to.key))
    try:
        await bridges.give_second(deps.db, deps.chains, visit.user.id, id_, leg, visit.shop)
    except bridges.SameLegError as error:
        await _ask_second(visit, state, id_, visit.t(error.text_key))
        return
    except TooManyWatchesError:
        await visit.show(full_screen(visit.t, visit.shop.watch_limit))
        return
    await state.clear()
    await _show(visit, id_)


async def judge_match(
    _: TelegramObject, visit: Visit, callback_data: JudgeMatch, answer: TapAnswer
) -> None:
    id_, t = callback_data.bridge_id, visit.t
    is_right = callback_data.right
    taken = await bridges.judge(
        visit.deps.db, visit.user.id, id_, callback_data.watch_id, is_right=is_right
    )
    if not taken:
        answer.toast(t.plain("bridge-old-toast"))
    else:
        answer.toast(t.plain("bridge-yes-toast") if is_right else t.plain("bridge-no-toast"))
    await _show(visit, id_)


async def _open_list(visit: Visit, state: FSMContext) -> None:
    if not visit.deps.chains.evm or not visit.deps.chains.polled:
        await visit.show(off_screen(visit.t))
        return
    await state.set_state(BridgeDialogue.hash)
    recent = await bridges.list_recent(visit.deps.db, visit.user.id)
    await visit.show(bridges_screen(visit.t, recent, visit.shop))


async def _read_first(message: Message, visit: Visit, state: FSMContext, text: str) -> None:
    deps = visit.deps
    if not deps.chains.evm or not deps.chains.polled:
        await visit.show(off_screen(visit.t))
        return
    mentions = find_in(deps, message, text)
    if len(mentions) != 1 or mentions[0].foreign:
        await state.set_state(BridgeDialogue.hash)
        await visit.show(no_hash_screen(visit.t, reason=_explain_hash(visit, message, text)))
        return
    await state.clear()
    tx_hash = mentions[0].tx_hash
    recipient = text.split()[1] if len(text.split()) > 1 else None
    (found,) = await look(visit, mentions)
    if len(found.found) == 1:
        ((chain, sighting),) = found.found.items()
        await _start(visit, state, Leg(tx_hash, chain, sighting), recipient)
        return
    keys = list(found.found) or list(deps.chains.all)
    specs = [spec for key in keys if (spec := deps.chains.spec(key))]
    await visit.show(choose_chain_screen(visit.t, tx_hash, specs, is_known=bool(found.found)))


async def _start(visit: Visit, state: FSMContext, leg: Leg, recipient: str | None = None) -> None:
    deps, t = visit.deps, visit.t
    try:
        id_ = await bridges.start(deps.db, deps.chains, visit.user.id, leg, visit.shop)
    except TooManyWatchesError:
        await visit.show(full_screen(t, visit.shop.watch_limit))
        return
    page = await bridges.get_page(deps.db, deps.chains, visit.user.id, id_, visit.shop)
    if page.to is None and page.targets:
        await visit.show(choose_target_screen(t, page))
    elif recipient is not None:
        await _take_recipient(visit, state, id_, recipient)
    elif page.bridge.recipient is None:
        await _ask_recipient(visit, state, id_)
    else:
        await _show(visit, id_)


async def _take_recipient(visit: Visit, state: FSMContext, id_: int, typed: str) -> None:
    deps = visit.deps
    page = await bridges.get_page(deps.db, deps.chains, visit.user.id, id_, visit.shop)
    if page.to is None:
        await _show(visit, id_)
        return
    try:
        address = parse_address(typed, page.to.kind, page.to.network)
    except ExpectedError as error:
        await _ask_recipient(visit, state, id_, explain(visit.t, typed, error, page.to.kind))
        return
    await state.clear()
    await bridges.set_recipient(deps.db, visit.user.id, id_, address.text)
    await _show(visit, id_)


async def _ask_recipient(
    visit: Visit, state: FSMContext, id_: int, reason: Html | None = None
) -> None:
    deps = visit.deps
    page = await bridges.get_page(deps.db, deps.chains, visit.user.id, id_, visit.shop)
    if page.to is None:
        await _show(visit, id_)
        return
    await state.set_state(BridgeDialogue.recipient)
    await state.set_data({_BRIDGE_ID: id_})
    bound = await addresses.list_bound(deps.db, visit.user.id, page.to.kind)
    await visit.show(ask_recipient_screen(visit.t, page, bound, reason=reason))


async def _ask_second(
    visit: Visit, state: FSMContext, id_: int, reason: Html | None = None
) -> None:
    deps = visit.deps
    page = await bridges.get_page(deps.db, deps.chains, visit.user.id, id_, visit.shop)
    await state.set_state(BridgeDialogue.second)
    await state.set_data({_BRIDGE_ID: id_})
    await visit.show(ask_second_screen(visit.t, page, reason=reason))


async def _show(visit: Visit, id_: int) -> None:
    deps = visit.deps
    page = await bridges.get_page(deps.db, deps.chains, visit.user.id, id_, visit.shop)
    await visit.show(bridge_screen(visit.t, page, visit.shop))


def _explain_hash(visit: Visit, message: Message, typed: str | None = None) -> Html:
    shape, digits = judge_in(visit.deps, message, typed)
    return visit.t("track-shape", shape=shape.value, digits=digits)
