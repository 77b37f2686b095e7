"""Payments on chains as the settings describe them."""

from app.core.settings import Settings, SettingsError
from app.db.unit_of_work import Database
from app.domain.onchain.addresses import (
    AddressSigner,
    ChainFamily,
    ReceivingAddressError,
    parse_receiving_address,
)
from app.services.payments.onchain.addresses import AddressBook
from app.services.payments.onchain.provider import Onchain
from app.services.tracking.chains import Chains


def create_address_book(settings: Settings) -> AddressBook | None:
    """None where they are off. Raises SettingsError for an address that is none."""
    if settings.onchain_secret is None:
        return None
    set_ = {
        ChainFamily.EVM: settings.onchain_evm_address,
        ChainFamily.TRON: settings.onchain_tron_address,
    }
    return AddressBook(
        AddressSigner(settings.onchain_secret.get_secret_value()),
        {family: _read_address(text, family) for family, text in set_.items() if text},
    )


def create_onchain(db: Database, addresses: AddressBook | None, chains: Chains) -> Onchain | None:
    """None where payments on chains are off: then nothing of them is offered or read."""
    return Onchain(db, addresses.find_address, list(chains.followed)) if addresses else None


def _read_address(text: str, family: ChainFamily) -> str:
    try:
        return parse_receiving_address(text, family)
    except ReceivingAddressError as error:
        raise SettingsError(
            f"ONCHAIN_{family.upper()}_ADDRESS is no address to be paid at"
            f" ({type(error).__name__}): copy it from the wallet, in capitals and small letters"
        ) from None
