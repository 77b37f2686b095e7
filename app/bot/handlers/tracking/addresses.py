"""Binding addresses, by command or by dialogue; in the private chat only."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.filters import AnswerTo, command
from app.bot.screens.tracking.addresses import (
    address_screen,
    addresses_screen,
    ask_address_screen,
    ask_label_screen,
    bound_note,
    full_screen,
    list_told_symbols,
    no_label_screen,
    refused_screen,
)
from app.bot.visit import TapAnswer, Visit
from app.bot.wallet_callbacks import (
    AddressesPage,
    AddressPage,
    BindPage,
    LabelAddress,
    TellIncoming,
    Unbind,
    UnlabelAddress,
)
from app.core.errors import ExpectedError
from app.domain.addresses import Address, detect_address, parse_address
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
    router.message.register(open_or_bind, command("bind"))
    router.message.register(unbind_by_command, command("unbind"))
    router.callback_query.register(open_list, AddressesPage.filter())
    router.callback_query.register(ask_address, BindPage.filter())
    router.callback_query.register(open_address, AddressPage.filter())
    router.callback_query.register(set_told, TellIncoming.filter())
    router.callback_query.register(ask_label, LabelAddress.filter())
    router.callback_query.register(remove_label, UnlabelAddress.filter())
    router.callback_query.register(unbind, Unbind.filter())
    router.message.register(read_address, AnswerTo(BindDialogue.typing))
    router.message.register(read_label, AnswerTo(BindDialogue.naming))
    return router


async def open_or_bind(
    _: TelegramObject, visit: Visit, state: FSMContext, command: CommandObject
) -> None:
    if command.args:
        await _bind(visit, state, command.args)
        return
    if not await addresses.list_bound(visit.deps.db, visit.user.id):
        await state.set_state(BindDialogue.typing)  # the empty list asks for one
    await _show_list(visit)


async def unbind_by_command(_: TelegramObject, visit: Visit, command: CommandObject) -> None:
    """The list where no address of theirs is named: there each has its button."""
    typed = (command.args or "").strip()
    rows = await addresses.list_bound(visit.deps.db, visit.user.id)
    named = [
        row for row in rows if typed in {row.label, row.address} or _is_same(typed, row.address)
    ]
    note = ""
    if typed and named:
        await addresses.unbind(visit.deps.db, visit.user.id, named[0].id)
        rows.remove(named[0])
        note = visit.t("address-unbound-toast")
    symbols = list_told_symbols(visit.deps.chains, visit.shop)
    await visit.show(addresses_screen(visit.t, rows, 0, symbols, note=note))


async def open_list(_: TelegramObject, visit: Visit, callback_data: AddressesPage) -> None:
    await _show_list(visit, callback_data.number)


async def ask_address(_: TelegramObject, visit: Visit, state: FSMContext) -> None:
    await state.set_state(BindDialogue.typing)
    await visit.show(ask_address_screen(visit.t))


async def read_address(message: Message, visit: Visit, state: FSMContext) -> None:
    if message.text is None:
        await visit.show(ask_address_screen(visit.t))
    else:
        await _bind(visit, state, message.text)


async def open_address(
    _: TelegramObject, visit: Visit, callback_data: AddressPage, answer: TapAnswer
) -> None:
    await _show(visit, callback_data.address_id, answer)


async def set_told(
    _: TelegramObject, visit: Visit, callback_data: TellIncoming, answer: TapAnswer
) -> None:
    id_, on = callback_data.address_id, callback_data.on
    await addresses.set_told(visit.deps.db, visit.user.id, id_, told=on)
    t = visit.t
    answer.toast(t.plain("address-on-toast") if on else t.plain("address-off-toast"))
    await _show(visit, id_, answer)


async def ask_label(
    _: TelegramObject,
    visit: Visit,
    state: FSMContext,
    callback_data: LabelAddress,
    answer: TapAnswer,
) -> None:
    row = await addresses.get(visit.deps.db, visit.user.id, callback_data.address_id)
    if row is None:
        await _show(visit, callback_data.address_id, answer)
        return
    await state.set_state(BindDialogue.naming)
    await state.set_data({_ADDRESS_ID: row.id})
    await visit.show(ask_label_screen(visit.t, row))


async def read_label(message: Message, visit: Visit, state: FSMContext) -> None:
    label = clean_label(message.text)
    if label is None:
        await visit.show(no_label_screen(visit.t))
        return
    id_ = (await state.get_data()).get(_ADDRESS_ID, 0)
    await state.clear()
    await addresses.set_label(visit.deps.db, visit.user.id, id_, label)
    await _show(visit, id_)


async def remove_label(
    _: TelegramObject, visit: Visit, callback_data: UnlabelAddress, answer: TapAnswer
) -> None:
    id_ = callback_data.address_id
    await addresses.set_label(visit.deps.db, visit.user.id, id_, None)
    answer.toast(visit.t.plain("address-unlabelled-toast"))
    await _show(visit, id_, answer)


async def unbind(_: TelegramObject, visit: Visit, callback_data: Unbind, answer: TapAnswer) -> None:
    gone = await addresses.unbind(visit.deps.db, visit.user.id, callback_data.address_id)
    t = visit.t
    answer.toast(t.plain("address-unbound-toast") if gone else t.plain("address-gone-toast"))
    await _show_list(visit)


async def _bind(visit: Visit, state: FSMContext, text: str) -> None:
    """After a mistake the dialogue goes on: the next message is another try."""
    typed, *rest = text.split(maxsplit=1) or [""]
    label = rest[0] if rest else None
    deps, t = visit.deps, visit.t
    try:
        address = _parse(typed)
    except ExpectedError as error:
        await state.set_state(BindDialogue.typing)
        await visit.show(refused_screen(t, typed, error))
        return
    await state.clear()
    try:
        bound = await addresses.bind(deps.db, visit.user.id, address, label, visit.shop)
    except TooManyAddressesError:
        await visit.show(full_screen(t, visit.shop.address_limit))
        return
    note = bound_note(t, is_new=bound.is_new, is_checked=_is_checked(typed, address))
    await visit.show(address_screen(t, bound.row, deps.chains, visit.shop, note=note))


def _parse(typed: str) -> Address:
    """Raises the errors of `parse_address`."""
    address = detect_address(typed)
    if address.kind is ChainKind.CELLFRAME:
        return parse_address(typed, address.kind, CELLFRAME.network)
    return address


def _is_checked(typed: str, address: Address) -> bool:
    """An EVM address in letters of one case carries no checksum."""
    return address.kind is not ChainKind.EVM or (typed == address.shown and typed != address.text)


def _is_same(typed: str, address: str) -> bool:
    return typed.lower() == address if address.startswith("0x") else typed == address


async def _show_list(visit: Visit, number: int = 0) -> None:
    rows = await addresses.list_bound(visit.deps.db, visit.user.id)
    symbols = list_told_symbols(visit.deps.chains, visit.shop)
    await visit.show(addresses_screen(visit.t, rows, number, symbols))


async def _show(visit: Visit, address_id: int, answer: TapAnswer | None = None) -> None:
    row = await addresses.get(visit.deps.db, visit.user.id, address_id)
    if row is None:
        if answer is not None:
            answer.toast(visit.t.plain("address-gone-toast"))
        await _show_list(visit)
    else:
        await visit.show(address_screen(visit.t, row, visit.deps.chains, visit.shop))
