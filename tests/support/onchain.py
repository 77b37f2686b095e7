"""What tests of on-chain payments share: a stall that takes them, over chains in memory."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.round_counts import NEXT_IN_MS
from app.db.models import OnchainCursor, OnchainInvoice, OnchainTransfer, Purchase
from app.domain.chains import BSC, ETHEREUM, TRON
from app.domain.onchain.amounts import to_token_units
from app.domain.onchain.networks import OnchainNetwork, get_network
from app.services.payments.checkout import InvoiceText
from app.services.payments.onchain.invoices import open_onchain_invoice
from app.services.payments.onchain.provider import Onchain
from app.services.payments.onchain.reading import ChainPayments
from app.services.payments.onchain.rounds import read_chain_payments
from tests.support.stall import Stall
from tests.support.token_chain import TokenChain, TokenTx

SHOP_EVM: Final = "0x" + "5a" * 20
SHOP_TRON: Final = "0x" + "71" * 20
TEXT: Final = InvoiceText("VPN", "VPN")


class Addresses:
    """As they are in effect now, by family."""

    def __init__(self) -> None:
        self.by_family: dict[str, str] = {"evm": SHOP_EVM, "tron": SHOP_TRON}

    async def find_address(self, session: AsyncSession, family: str) -> str | None:  # noqa: ARG002
        return self.by_family.get(family)


def require_network(key: str) -> OnchainNetwork:
    network = get_network(key)
    assert network is not None
    return network


class OnchainStall:
    """Its chains are read by `read`, and paid on by `send`."""

    def __init__(self, stall: Stall) -> None:
        self.stall = stall
        self.addresses = Addresses()
        self.chains = {spec.key: TokenChain(spec) for spec in (ETHEREUM, BSC, TRON)}
        self.onchain = Onchain(stall.db, self.addresses.find_address, tuple(self.chains))
        self.readers = {key: self.make_reader(key) for key in self.chains}

    def make_reader(self, chain: str) -> ChainPayments:
        """One more loop of that chain, as a second instance would have."""
        return ChainPayments(self.stall.db, self.chains[chain], self.addresses.find_address)

    async def begin(self) -> None:
        """From here on each chain is read."""
        for reader in self.readers.values():
            await read_chain_payments(reader, self.onchain)

    async def read(self, chain: str = "bsc") -> Mapping[str, int]:
        """To the end; what the last round did."""
        for _ in range(100):
            counts = await read_chain_payments(self.readers[chain], self.onchain)
            if not counts.get("more") and counts.get(NEXT_IN_MS) != 250:
                return counts
        raise AssertionError("it never ends")

    async def read_up_to(self, at: datetime, *chains: str) -> None:
        for cursor in await self.stall.rows(OnchainCursor):
            if cursor.chain in (chains or tuple(self.chains)):
                await self.stall.change(cursor, block_at=at)

    async def open(self, order: Purchase, network: str = "usdt-bsc") -> OnchainInvoice:
        view = await open_onchain_invoice(
            self.stall.db, self.onchain.on(network), order.id, order.user_id, TEXT
        )
        assert view.invoice is not None
        assert view.network == get_network(network)
        return view.invoice

    def send(self, invoice: OnchainInvoice, network: str = "", more_micro: int = 0) -> TokenTx:
        """What the invoice asks for, and so many micros more or less; it waits to be mined."""
        chosen = require_network(network or invoice.network)
        units = to_token_units(invoice.amount_micro + more_micro, chosen.decimals)
        return self.chains[chosen.chain].send((chosen.contract, invoice.address, units))

    async def pay(self, invoice: OnchainInvoice, network: str = "", more_micro: int = 0) -> TokenTx:
        """Up to where it is final, and read."""
        tx = self.send(invoice, network, more_micro)
        chain = require_network(network or invoice.network).chain
        self.chains[chain].finalize()
        await self.read(chain)
        return tx

    async def transfers(self) -> list[OnchainTransfer]:
        return await self.stall.rows(OnchainTransfer)

    async def assignments(self) -> list[str | None]:
        return [one.assignment for one in await self.transfers()]
