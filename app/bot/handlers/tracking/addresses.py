"""Binding addresses, by command or by dialogue; in the private chat only."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.filters import AnswerTo, command
from app.bot.screens.tracking.addresses import (
    address_bound_note,
    address_label_refused_screen,
    address_refused_screen,
    address_screen,
    addresses_screen,
    ask_address_label_screen,
    ask_address_screen,
    list_notified_symbols,
    too_many_addresses_screen,
)
from app.bot.wallet_callbacks import (
    AddressesPage,
    AddressPage,
    BindPage,
    LabelAddress,
    NotifyIncoming,
    UnbindAddress,
    UnlabelAddress,
)
from app.core.errors import ExpectedError
from app.db.models import Address
from app.domain.addresses import ParsedAddress, detect_address, parse_address
from app.domain.chains import CELLFRAME, ChainKind
from app.domain.names import clean_label
from app.services.tracking.wallet import addresses
from app.services.tracking.wallet.addresses import TooManyAddressesError

_ADDRESS_ID = "address_id"


class BindDialogue(StatesGroup):
    typing = State()
    naming = State()


def create_router() -> Router:
    router = Router(name="addresses")
    router.message.register(open_addresses_or_bind, command("bind"))
    router.message.register(unbind_address_by_command, command("unbind"))
    router.callback_query.register(open_addresses, AddressesPage.filter())
    router.callback_query.register(ask_address, BindPage.filter())
    router.callback_query.register(open_address, AddressPage.filter())
    router.callback_query.register(toggle_incoming, NotifyIncoming.filter())
    router.callback_query.register(ask_address_label, LabelAddress.filter())
    router.callback_query.register(remove_address_label, UnlabelAddress.filter())
    router.callback_query.register(unbind_address_by_button, UnbindAddress.filter())
    router.message.register(read_address, AnswerTo(BindDialogue.typing))
    router.message.register(read_address_label, AnswerTo(BindDialogue.naming))
    return router


async def open_addresses_or_bind(
    _: TelegramObject, context: BotContext, state: FSMContext, command: CommandObject
) -> None:
    if command.args:
        await _bind(context, state, command.args)
        return
    if not await addresses.list_bound_addresses(context.deps.db, context.user.id):
        await state.set_state(BindDialogue.typing)  # the empty list asks for one
    await _show_list(context)


async def unbind_address_by_command(
    _: TelegramObject, context: BotContext, command: CommandObject
) -> None:
    """The list where no address of theirs is named: there each has its button."""
    typed = (command.args or "").strip()
    rows = await addresses.list_bound_addresses(context.deps.db, context.user.id)
    named = [row for row in rows if typed in {row.label, row.address} or _is_same(typed, row)]
    note = ""
    if typed and named:
        await addresses.unbind_address(context.deps.db, context.user.id, named[0].id)
        rows.remove(named[0])
        note = context.t("address-unbound-toast")
    symbols = list_notified_symbols(context.deps.chains, context.shop)
    await context.show(addresses_screen(context.t, rows, 0, symbols, note=note))


async def open_addresses(
    _: TelegramObject, context: BotContext, callback_data: AddressesPage
) -> None:
    await _show_list(context, callback_data.number)


async def ask_address(_: TelegramObject, context: BotContext, state: FSMContext) -> None:
    await state.set_state(BindDialogue.typing)
    await context.show(ask_address_screen(context.t))


async def read_address(message: Message, context: BotContext, state: FSMContext) -> None:
    if message.text is None:
        await context.show(ask_address_screen(context.t))
    else:
        await _bind(context, state, message.text)


async def open_address(
    _: TelegramObject, context: BotContext, callback_data: AddressPage, answer: TapAnswer
) -> None:
    await _show(context, callback_data.address_id, answer)


async def toggle_incoming(
    _: TelegramObject, context: BotContext, callback_data: NotifyIncoming, answer: TapAnswer
) -> None:
    id_, on = callback_data.address_id, callback_data.on
    await addresses.set_address_notified(context.deps.db, context.user.id, id_, notified=on)
    t = context.t
    answer.toast(t.plain("address-on-toast") if on else t.plain("address-off-toast"))
    await _show(context, id_, answer)


async def ask_address_label(
    _: TelegramObject,
    context: BotContext,
    state: FSMContext,
    callback_data: LabelAddress,
    answer: TapAnswer,
) -> None:
    row = await addresses.get_bound_address(
        context.deps.db, context.user.id, callback_data.address_id
    )
    if row is None:
        await _show(context, callback_data.address_id, answer)
        return
    await state.set_state(BindDialogue.naming)
    await state.set_data({_ADDRESS_ID: row.id})
    await context.show(ask_address_label_screen(context.t, row))


async def read_address_label(message: Message, context: BotContext, state: FSMContext) -> None:
    label = clean_label(message.text)
    if label is None:
        await context.show(address_label_refused_screen(context.t))
        return
    id_ = (await state.get_data()).get(_ADDRESS_ID, 0)
    await state.clear()
    await addresses.set_address_label(context.deps.db, context.user.id, id_, label)
    await _show(context, id_)


async def remove_address_label(
    _: TelegramObject, context: BotContext, callback_data: UnlabelAddress, answer: TapAnswer
) -> None:
    id_ = callback_data.address_id
    await addresses.set_address_label(context.deps.db, context.user.id, id_, None)
    answer.toast(context.t.plain("address-unlabelled-toast"))
    await _show(context, id_, answer)


async def unbind_address_by_button(
    _: TelegramObject, context: BotContext, callback_data: UnbindAddress, answer: TapAnswer
) -> None:
    gone = await addresses.unbind_address(
        context.deps.db, context.user.id, callback_data.address_id
    )
    t = context.t
    answer.toast(t.plain("address-unbound-toast") if gone else t.plain("address-gone-toast"))
    await _show_list(context)


async def _bind(context: BotContext, state: FSMContext, text: str) -> None:
    """After a mistake the dialogue goes on: the next message is another try."""
    typed, *rest = text.split(maxsplit=1) or [""]
    label = rest[0] if rest else None
    deps, t = context.deps, context.t
    try:
        address = _parse(typed)
    except ExpectedError as error:
        await state.set_state(BindDialogue.typing)
        await context.show(address_refused_screen(t, typed, error))
        return
    await state.clear()
    try:
        bound = await addresses.bind_address(deps.db, context.user.id, address, label, context.shop)
    except TooManyAddressesError:
        await context.show(too_many_addresses_screen(t, context.shop.address_limit))
        return
    note = address_bound_note(t, is_new=bound.is_new, is_checked=_is_checked(typed, address))
    await context.show(address_screen(t, bound.row, deps.chains, context.shop, note=note))


def _parse(typed: str) -> ParsedAddress:
    """Raises the errors of `parse_address`."""
    address = detect_address(typed)
    if address.kind is ChainKind.CELLFRAME:
        return parse_address(typed, address.kind, CELLFRAME.network)
    return address


def _is_checked(typed: str, address: ParsedAddress) -> bool:
    """An EVM address in one case carries no checksum, and TRON's in hex neither."""
    if address.kind is ChainKind.CELLFRAME:
        return True
    return typed == address.shown and typed != address.text


def _is_same(typed: str, row: Address) -> bool:
    try:
        address = detect_address(typed)
    except ExpectedError:
        return False
    return (address.kind, address.text) == (row.kind, row.address)


async def _show_list(context: BotContext, number: int = 0) -> None:
    rows = await addresses.list_bound_addresses(context.deps.db, context.user.id)
    symbols = list_notified_symbols(context.deps.chains, context.shop)
    await context.show(addresses_screen(context.t, rows, number, symbols))


async def _show(context: BotContext, address_id: int, answer: TapAnswer | None = None) -> None:
    row = await addresses.get_bound_address(context.deps.db, context.user.id, address_id)
    if row is None:
        if answer is not None:
            answer.toast(context.t.plain("address-gone-toast"))
        await _show_list(context)
    else:
        await context.show(address_screen(context.t, row, context.deps.chains, context.shop))
