"""What the buttons of on-chain payments carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData

from app.bot.callbacks import PageCallback
from app.domain.onchain.addresses import ChainFamily


class OnchainAddressesPage(PageCallback, prefix="ocaddr"):
    """The addresses that buyers pay to."""


class SetOnchainAddressPage(CallbackData, prefix="ocset"):
    """Asks for an address."""

    family: ChainFamily


class CancelOnchainAddress(CallbackData, prefix="ocunset"):
    """One that is not in effect yet."""

    row_id: UUID
