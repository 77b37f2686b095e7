"""Bound addresses: each once, within the limit, and nobody else's business."""

import asyncio

import pytest

from app.db.models import Address
from app.domain.addresses import detect_address, shorten_address
from app.domain.chains import ChainKind
from app.domain.shop_settings import ShopSettings
from app.services.tracking.wallet import addresses
from app.services.tracking.wallet.addresses import BoundAddress, TooManyAddressesError
from tests.support.stall import ANNA, BEN, Stall

FIRST, SECOND = "0x" + "a1" * 20, "0x" + "b2" * 20


async def _bind(
    stall: Stall, text: str = FIRST, label: str | None = None, user_id: int = ANNA, limit: int = 10
) -> BoundAddress:
    shop = ShopSettings(address_limit=limit)
    return await addresses.bind_address(stall.db, user_id, detect_address(text), label, shop)


async def test_an_address_is_bound_with_notifications_from_the_start(stall: Stall) -> None:
    bound = await _bind(stall, label="  My\n wallet  ")
    assert bound.is_new
    assert (bound.row.kind, bound.row.address) == (ChainKind.EVM, FIRST)
    assert (bound.row.label, bound.row.notify_incoming) == ("My wallet", True)


async def test_the_same_twice_is_no_error_and_gets_the_label(stall: Stall) -> None:
    await _bind(stall, label="Old")
    again = await _bind(stall, FIRST.upper().replace("X", "x"))
    assert (again.is_new, again.row.label) == (False, "Old")
    assert (await _bind(stall, label="New")).row.label == "New"
    assert len(await stall.rows(Address)) == 1


async def test_the_limit_holds_for_each_user_and_not_for_what_is_there(stall: Stall) -> None:
    await _bind(stall, limit=1)
    await _bind(stall, limit=1)
    await _bind(stall, user_id=BEN, limit=1)
    with pytest.raises(TooManyAddressesError):
        await _bind(stall, SECOND, limit=1)


async def test_twenty_at_once_stay_within_the_limit(stall: Stall) -> None:
    """P2: fast taps get no more than slow ones."""
    binds = (_bind(stall, f"0x{number:040x}", limit=3) for number in range(1, 21))
    results = await asyncio.gather(*binds, return_exceptions=True)
    refused = [one for one in results if isinstance(one, TooManyAddressesError)]
    assert (len(refused), len(await stall.rows(Address))) == (17, 3)


async def test_what_is_another_users_cannot_be_touched(stall: Stall) -> None:
    id_ = (await _bind(stall, label="Mine")).row.id
    assert await addresses.get_bound_address(stall.db, BEN, id_) is None
    assert not await addresses.set_address_notified(stall.db, BEN, id_, notified=False)
    assert not await addresses.set_address_label(stall.db, BEN, id_, "Ben's")
    assert not await addresses.unbind_address(stall.db, BEN, id_)
    (row,) = await stall.rows(Address)
    assert (row.label, row.notify_incoming) == ("Mine", True)


async def test_it_is_renamed_silenced_and_removed(stall: Stall) -> None:
    id_ = (await _bind(stall)).row.id
    assert await addresses.set_address_label(stall.db, ANNA, id_, "x" * 100)
    assert await addresses.set_address_notified(stall.db, ANNA, id_, notified=False)
    (row,) = await addresses.list_bound_addresses(stall.db, ANNA)
    assert (row.label, row.notify_incoming) == ("x" * 64, False)
    assert await addresses.list_bound_addresses(stall.db, ANNA, ChainKind.CELLFRAME) == []
    assert await addresses.unbind_address(stall.db, ANNA, id_)
    assert not await addresses.unbind_address(stall.db, ANNA, id_)


def test_an_address_is_shortened_to_its_ends() -> None:
    assert shorten_address(FIRST) == "0xa1a1…a1a1"
    assert shorten_address("short") == "short"
