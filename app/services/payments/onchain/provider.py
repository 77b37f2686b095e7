"""Paying by a transfer to the operator's own address, behind the port of all payment methods."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from app.core.money import Money
from app.core.worker_names import WorkerName
from app.db.models import OnchainCursor, OnchainInvoice, Purchase
from app.db.unit_of_work import Database, wake_after_commit
from app.domain.onchain.addresses import ChainFamily
from app.domain.onchain.amounts import compute_base_micro
from app.domain.onchain.networks import NETWORKS, ONCHAIN_METHOD, OnchainNetwork, list_networks
from app.domain.onchain.states import OnchainState
from app.domain.payment_methods import PaymentMethod, PaymentMethodClosedError
from app.domain.payments import build_invoice_payload, parse_invoice_payload
from app.domain.ports import Invoice, InvoiceOrder, InvoiceStatus, RefusedError, UnavailableError
from app.domain.shop_settings import ShopSettings
from app.services.payments.onchain.chain import FindAddress
from app.services.payments.onchain.slots import reserve_slot, watch_address

_ENDED = frozenset({OnchainState.EXPIRED, OnchainState.CLOSED})


class Onchain:
    """A payment method with several networks inside; `chains` are those that are switched on.

    It is offered on networks that can be paid and read: with an address in effect, and a cursor.
    """

    name = ONCHAIN_METHOD

    def __init__(self, db: Database, find_address: FindAddress, chains: Collection[str]) -> None:
        self._db = db
        self._find_address = find_address
        self._chains = frozenset(chains)
        self._offered: tuple[OnchainNetwork, ...] = ()
        self.payment_method = PaymentMethod(ONCHAIN_METHOD, self._price)

    @property
    def networks(self) -> tuple[OnchainNetwork, ...]:
        """That are offered now, in the order to show."""
        return self._offered

    def _price(self, due: Money, _: ShopSettings) -> Money | None:
        """What is due itself: its tail is no money, only a mark."""
        return due if self._offered and compute_base_micro(due) else None

    async def refresh(self) -> None:
        """Which networks are offered: addresses come into effect, and chains get their cursors."""
        async with self._db.read_only() as session:
            addresses = {
                family: await self._find_address(session, family) for family in ChainFamily
            }
            read = set(await session.scalars(select(OnchainCursor.chain)))
        self._offered = tuple(
            one
            for one in NETWORKS
            if one.chain in self._chains
            and one.chain in read
            and addresses[one.family] is not None
            and one.is_dollar
        )

    def list_chains(self, family: ChainFamily) -> list[str]:
        """That are switched on, whether or not they can be read just now."""
        return [one for one in self._chains if any(n.family == family for n in list_networks(one))]

    def on(self, key: str) -> "OnchainChoice":
        """The network that the buyer chose. Raises PaymentMethodClosedError."""
        network = next((one for one in self._offered if one.key == key), None)
        if network is None:
            raise PaymentMethodClosedError
        return OnchainChoice(self, network)

    async def reserve(self, payload: str, network: OnchainNetwork) -> Invoice:
        """An invoice on this network; the same one for one order, whatever its chain.

        Raises UnavailableError, PaymentMethodClosedError, TooManyAmountsError, RefusedError.
        """
        ours = parse_invoice_payload(payload)
        if ours is None:
            raise RefusedError("no order of ours")
        async with self._db.unit_of_work() as session:
            purchase = await session.get(Purchase, ours[0], with_for_update=True)
            if purchase is None:
                raise RefusedError("no order of ours")
            address = await self._find_address(session, network.family)
            if address is None:
                raise PaymentMethodClosedError
            await watch_address(session, network.family, address)
            await reserve_slot(session, purchase, network, address)
            wake_after_commit(session, WorkerName.ONCHAIN, network.chain)
            return _build_invoice(purchase, InvoiceStatus.ACTIVE)

    async def create_invoice(self, order: InvoiceOrder) -> Invoice:
        raise RefusedError(f"no network was chosen for {order.payload}")

    async def get_invoices(self, invoice_ids: Sequence[str]) -> list[Invoice]:
        """None is ever said to be paid: what is final is settled by its chain's own reader."""
        ids = [UUID(one) for one in invoice_ids]
        async with self._db.read_only() as session:
            rows = await session.execute(
                select(Purchase, OnchainInvoice.state)
                .join(OnchainInvoice, OnchainInvoice.purchase_id == Purchase.id)
                .where(Purchase.id.in_(ids))
            )
            states: dict[UUID, tuple[Purchase, list[OnchainState]]] = {}
            for purchase, state in rows:
                states.setdefault(purchase.id, (purchase, []))[1].append(state)
        return [
            _build_invoice(
                purchase, InvoiceStatus.EXPIRED if _ENDED.issuperset(all_) else InvoiceStatus.ACTIVE
            )
            for purchase, all_ in states.values()
        ]

    async def find_invoice(self, payload: str) -> Invoice | None:
        ours = parse_invoice_payload(payload)
        found = await self.get_invoices([str(ours[0])]) if ours else []
        return found[0] if found else None

    async def delete_invoice(self, invoice_id: str) -> None:
        raise RefusedError(f"an address takes what is sent to it: {invoice_id}")

    async def refund(self, user_id: int, payment_id: str) -> None:
        raise RefusedError(f"refunds go to the balance: {user_id}, {payment_id}")

    async def check(self) -> None:
        """Raises UnavailableError where nothing can be paid now."""
        await self.refresh()
        if not self._offered:
            raise UnavailableError("no address is in effect, or no chain is read yet")


class OnchainChoice:
    """The payment method on one network."""

    name = ONCHAIN_METHOD

    def __init__(self, onchain: Onchain, network: OnchainNetwork) -> None:
        self.onchain = onchain
        self.network = network
        self.payment_method = onchain.payment_method

    async def create_invoice(self, order: InvoiceOrder) -> Invoice:
        return await self.onchain.reserve(order.payload, self.network)

    async def get_invoices(self, invoice_ids: Sequence[str]) -> list[Invoice]:
        return await self.onchain.get_invoices(invoice_ids)

    async def find_invoice(self, payload: str) -> Invoice | None:
        return await self.onchain.find_invoice(payload)

    async def delete_invoice(self, invoice_id: str) -> None:
        await self.onchain.delete_invoice(invoice_id)

    async def refund(self, user_id: int, payment_id: str) -> None:
        await self.onchain.refund(user_id, payment_id)

    async def check(self) -> None:
        await self.onchain.check()


def _build_invoice(purchase: Purchase, status: InvoiceStatus) -> Invoice:
    charge = purchase.charge or purchase.due
    return Invoice(
        invoice_id=str(purchase.id),
        status=status,
        amount=f"{charge.amount:f}",
        currency=charge.currency,
        payload=build_invoice_payload(purchase.id, purchase.user_id),
        pay_url=None,
    )
