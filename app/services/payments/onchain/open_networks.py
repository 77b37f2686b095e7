"""Which networks a buyer is offered now: one that is away hides itself, and no other."""

from collections.abc import Sequence
from typing import Final

from app.db.unit_of_work import Database
from app.domain.chains import BSC, ETHEREUM, TRON
from app.domain.incidents import IncidentFinding, IncidentKind
from app.domain.onchain.networks import OnchainNetwork
from app.domain.shop_settings import ShopSettings
from app.services.payments.onchain.addresses import AddressBook
from app.services.payments.onchain.provider import Onchain

_TITLES: Final = {spec.key: spec.title for spec in (ETHEREUM, BSC, TRON)}


async def list_open_networks(
    db: Database,
    onchain: Onchain,
    book: AddressBook,
    shop: ShopSettings,
    findings: Sequence[IncidentFinding],
) -> list[OnchainNetwork]:
    """Those that the shop has on, whose chain answers, and whose token has not frozen our address.

    `findings`: what the last look at the world outside has found.
    """
    down = {
        one.subject for one in findings if one.kind is IncidentKind.CHAIN and one.error is not None
    }
    wanted = [
        one
        for one in onchain.networks
        if one.key not in shop.onchain_networks_off and _TITLES[one.chain] not in down
    ]
    async with db.read_only() as session:
        addresses = {
            family: await book.find_address(session, family)
            for family in {one.family for one in wanted}
        }
    return [
        one
        for one in wanted
        if (address := addresses[one.family]) is not None
        and not book.is_frozen(one.chain, one.contract, address)
    ]
