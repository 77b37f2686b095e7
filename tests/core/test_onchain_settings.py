"""Addresses for payments need the secret that signs them, and are checked at the start."""

import pytest

from app.bootstrap.onchain import create_address_book
from app.core.settings import Settings, SettingsError, load_settings
from app.domain.onchain.addresses import ChainFamily
from tests.support.stall import settings_for

SECRET = "nR4-vQ8z_Ty2Lk6WmXc1Hs9"
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def load(**variables: str) -> Settings:
    return load_settings(settings_for("postgresql://localhost/shop", **variables))


def test_an_address_holds_with_the_secret_alone() -> None:
    assert create_address_book(load()) is None
    with pytest.raises(SettingsError, match="ONCHAIN_SECRET is missing"):
        load(ONCHAIN_EVM_ADDRESS=ADDRESS)
    with pytest.raises(SettingsError, match="ONCHAIN_SECRET is too easily guessed"):
        load(ONCHAIN_SECRET="secret-secret-secret")
    book = create_address_book(load(ONCHAIN_SECRET=SECRET, ONCHAIN_EVM_ADDRESS=ADDRESS))
    assert book is not None
    assert book.environment == {ChainFamily.EVM: ADDRESS.lower()}


@pytest.mark.parametrize("variable", ["ONCHAIN_EVM_ADDRESS", "ONCHAIN_TRON_ADDRESS"])
def test_one_that_is_none_stops_the_start_by_its_name(variable: str) -> None:
    settings = load(ONCHAIN_SECRET=SECRET, **{variable: ADDRESS.lower()})
    with pytest.raises(SettingsError, match=f"^{variable} is no address to be paid at"):
        create_address_book(settings)
