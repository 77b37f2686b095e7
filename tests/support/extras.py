"""Extra traffic and extra devices in tests: put on sale, ordered and paid."""

from app.db.models import Extra, Purchase
from app.domain.extras import ExtraKind
from app.domain.ports import AccessRef, Device
from app.services.operations.extra_admin import ExtraName, create_extra
from app.services.purchases.extras import place_extra_order
from tests.support.fakes import FakePanel
from tests.support.stall import ANNA, Stall

TRAFFIC, DEVICES = ExtraKind.TRAFFIC, ExtraKind.DEVICES


class DevicesPanel(FakePanel):
    """Knows devices, of which it has none."""

    async def list_devices(self, access: AccessRef) -> list[Device]:  # noqa: ARG002 - the port's
        return []

    async def clear_devices(self, access: AccessRef) -> None: ...


async def sell(
    stall: Stall, kind: ExtraKind, amount: int, price: str, plan: str | None = None
) -> Extra:
    return await create_extra(stall.db, ExtraName(kind, amount, plan), price)


async def order_extra(stall: Stall, extra: Extra, user_id: int = ANNA) -> Purchase:
    """Before a method is chosen, for the user's only subscription."""
    subscription = await stall.subscription(user_id)
    return await place_extra_order(stall.db, DevicesPanel(), user_id, subscription.id, extra.id)


async def buy_extra(stall: Stall, extra: Extra, user_id: int = ANNA) -> Purchase:
    """Paid, and not delivered yet."""
    purchase = await stall.pay(await order_extra(stall, extra, user_id))
    await stall.settle(stall.provider.pay(purchase.invoice_id))
    return await stall.again(purchase)
