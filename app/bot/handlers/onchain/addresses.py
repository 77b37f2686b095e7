"""The addresses that buyers pay to: an owner types one, sees what it is, and confirms its end."""

from typing import Final

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from app.bot.context import BotContext, TapAnswer
from app.bot.dialogues import ended_afterwards
from app.bot.filters import AnswerTo, FromOperator
from app.bot.onchain_callbacks import (
    CancelOnchainAddress,
    OnchainAddressesPage,
    SetOnchainAddressPage,
)
from app.bot.screens.onchain.addresses import (
    ask_for_receiving_address_screen,
    confirm_receiving_address_screen,
    receiving_addresses_screen,
)
from app.core.errors import ExpectedError
from app.domain.onchain.addresses import (
    CONFIRMED_CHARACTERS,
    ChainFamily,
    OtherDecimalsError,
    ReceivingAddressError,
    format_receiving_address,
    parse_receiving_address,
)
from app.domain.onchain.networks import NETWORKS
from app.domain.operator_roles import Permission
from app.domain.tokens import parse_tokens
from app.services.operations import onchain_addresses
from app.services.payments.onchain.address_checks import inspect_address
from app.services.payments.onchain.addresses import AddressBook

_FAMILY: Final = "family"
_ADDRESS: Final = "address"


class ReceivingAddressDialogue(StatesGroup):
    typing = State()
    confirming = State()


class OnchainOffError(ExpectedError):
    """ONCHAIN_SECRET is not set."""

    text_key = "error-onchain-off"


def create_router() -> Router:
    router = Router(name="onchain_addresses")
    may_set = FromOperator(Permission.SET_RECEIVING_ADDRESSES)
    taps = router.callback_query
    taps.register(open_receiving_addresses, may_set, OnchainAddressesPage.filter())
    taps.register(ask_for_receiving_address, may_set, SetOnchainAddressPage.filter())
    taps.register(cancel_receiving_change, may_set, CancelOnchainAddress.filter())
    router.message.register(
        read_receiving_address, may_set, AnswerTo(ReceivingAddressDialogue.typing)
    )
    router.message.register(
        read_address_end, may_set, AnswerTo(ReceivingAddressDialogue.confirming)
    )
    return router


async def open_receiving_addresses(
    _: TelegramObject, context: BotContext, state: FSMContext
) -> None:
    await state.clear()
    await _show_addresses(context)


async def ask_for_receiving_address(
    _: TelegramObject, context: BotContext, callback_data: SetOnchainAddressPage, state: FSMContext
) -> None:
    await state.set_state(ReceivingAddressDialogue.typing)
    await state.set_data({_FAMILY: callback_data.family})
    await context.show(ask_for_receiving_address_screen(context.t, callback_data.family))


async def read_receiving_address(message: Message, context: BotContext, state: FSMContext) -> None:
    """Where it is none, the next message is another try."""
    t, family = context.t, ChainFamily((await state.get_data())[_FAMILY])
    tracked = {token.contract for token in parse_tokens(context.shop.tokens)}
    contracts = tracked | {network.contract for network in NETWORKS}
    try:
        address = parse_receiving_address(message.text or "", family, contracts)
        facts = await inspect_address(context.deps.chains, family, address)
        if any(one.has_other_decimals for one in facts):
            raise OtherDecimalsError
    except ReceivingAddressError as error:
        await context.show(ask_for_receiving_address_screen(t, family, note=t(error.text_key)))
        return
    await state.set_state(ReceivingAddressDialogue.confirming)
    await state.set_data({_FAMILY: family, _ADDRESS: address})
    await context.show(confirm_receiving_address_screen(t, family, address, facts))


async def read_address_end(message: Message, context: BotContext, state: FSMContext) -> None:
    """Another end: the address was not read to its end, or is not the one that was meant."""
    t, data = context.t, await state.get_data()
    family, address = ChainFamily(data[_FAMILY]), str(data[_ADDRESS])
    shown = format_receiving_address(address, family)
    if (message.text or "").strip() != shown[-CONFIRMED_CHARACTERS:]:
        await state.set_state(ReceivingAddressDialogue.typing)
        note = t("onchain-address-end-differs")
        await context.show(ask_for_receiving_address_screen(t, family, note=note))
        return
    async with ended_afterwards(state):
        await onchain_addresses.set_receiving_address(
            context.deps.db, _require_book(context), context.user.id, family, address
        )
    await _show_addresses(context)


async def cancel_receiving_change(
    _: TelegramObject, context: BotContext, callback_data: CancelOnchainAddress, answer: TapAnswer
) -> None:
    await onchain_addresses.cancel_receiving_address(
        context.deps.db, context.user.id, callback_data.row_id
    )
    answer.toast(context.t.plain("onchain-address-cancelled-toast"))
    await _show_addresses(context)


async def _show_addresses(context: BotContext) -> None:
    states = await onchain_addresses.list_address_states(context.deps.db, _require_book(context))
    await context.show(receiving_addresses_screen(context.t, states))


def _require_book(context: BotContext) -> AddressBook:
    if context.deps.addresses is None:
        raise OnchainOffError
    return context.deps.addresses
