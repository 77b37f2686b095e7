"""What tests of on-chain payments share: addresses, and a stall that takes them."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.db.models import OnchainCursor, OnchainInvoice, Purchase
from app.domain.onchain.networks import get_network
from app.services.payments.checkout import InvoiceText
from app.services.payments.onchain.invoices import open_onchain_invoice
from app.services.payments.onchain.provider import Onchain
from tests.support.stall import Stall

SHOP_EVM = "0x" + "5a" * 20
SHOP_TRON = "0x" + "71" * 20
TEXT = InvoiceText("VPN", "VPN")


class Addresses:
    """As they are in effect now, by family."""

    def __init__(self) -> None:
        self.by_family: dict[str, str] = {"evm": SHOP_EVM, "tron": SHOP_TRON}

    async def find_address(self, session: AsyncSession, family: str) -> str | None:  # noqa: ARG002
        return self.by_family.get(family)


class OnchainStall:
    """A stall whose chains `eth`, `bsc` and `tron` have been read up to block 100."""

    def __init__(self, stall: Stall) -> None:
        self.stall = stall
        self.addresses = Addresses()
        self.onchain = Onchain(stall.db, self.addresses.find_address, ("eth", "bsc", "tron"))

    async def begin(self, numbers: Mapping[str, int] | None = None) -> None:
        async with self.stall.db.unit_of_work() as session:
            for chain, number in (numbers or {"eth": 100, "bsc": 100, "tron": 100}).items():
                session.add(
                    OnchainCursor(
                        chain=chain,
                        number=number,
                        block_hash="0x" + "0" * 64,
                        block_at=clock.now(),
                        started_number=number,
                        moved_at=clock.now(),
                    )
                )
        await self.onchain.refresh()

    async def open(self, order: Purchase, network: str = "usdt-bsc") -> OnchainInvoice:
        view = await open_onchain_invoice(
            self.stall.db, self.onchain.on(network), order.id, order.user_id, TEXT
        )
        assert view.invoice is not None
        assert view.network == get_network(network)
        return view.invoice
